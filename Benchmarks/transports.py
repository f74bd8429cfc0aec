"""One batch, followed in each way that a reader can pick, in turns: what each costs and how late it
is, while photos come and while nothing happens."""

import asyncio
import contextlib
import os
import time
from datetime import datetime

import measure
from measure import Report, median, percentile
from servers import PORT, Caller, Revela, create_upload, run_load, running
from readers import WAYS, note_sockets, traffic
import clients

FOLLOWERS = int(os.environ.get("REVELA_BENCH_FOLLOWERS", "200"))
SECONDS = 20
RATE = 10  # events a second, while photos come
FAR = 0.05  # seconds each way to a reader who is far


def compare(report):
    with running(Revela(PORT + 1)) as revela:
        alone = Followers(revela, None)
        asyncio.run(alone.watch())
        for name, way in WAYS.items():
            near, far = Followers(revela, way), Followers(revela, way, 20)
            asyncio.run(near.watch())
            asyncio.run(far.watch_from_afar())
            report.row(name, f"{near.verdict(alone)}; {2000 * FAR:.0f} ms away {far.lateness()}",
                       detail=near.detail(alone))


class Followers:
    """Many who follow a batch of their own in the same way; without a way, nobody does."""

    def __init__(self, revela, way, count=FOLLOWERS):
        self.revela, self.way, self.count = revela, way, count
        self.port = revela.port
        self.batch = revela.server.new_batch()
        self.headers = [f"Authorization: Bearer {self.batch.token}"]
        # Keeps the batch open: one event a change.
        create_upload(Caller(revela.port, self.headers), self.batch.path)
        self.delays, self.sockets = [], []
        self.requests = 0
        self.opened = asyncio.Semaphore(0)
        self.phases = {}

    async def watch_from_afar(self):
        self.port = PORT + 2
        server = await asyncio.start_server(
            lambda *streams: far_away(*streams, self.revela.port), "127.0.0.1", self.port)
        async with server:
            await self.watch(rest=0)

    async def watch(self, rest=SECONDS):
        note_sockets(asyncio.get_running_loop(), self.sockets)
        tasks = [asyncio.create_task(self._follow(index)) for index in range(self.count)
                 if self.way]
        for _ in tasks:
            await self.opened.acquire()
        async with self._measured("work"):
            await asyncio.to_thread(
                run_load, "requests", self.revela.port, [f"{self.batch.path}/images"], "--kind",
                "tus", "--rate", str(RATE), "--seconds", str(SECONDS), "--count", "1",
                headers=self.headers, name="transports")
        # Who polls slowly hears of the last events now.
        await asyncio.sleep(6)
        async with self._measured("rest"):
            await asyncio.sleep(rest)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, index):
        # As people come: not all at the same moment.
        await asyncio.sleep(5 * index / self.count)
        place = clients.Place(self.port, self.batch.name)
        cursor = (await asyncio.to_thread(
            self.revela.server.json, "GET", self.batch.path))[1]["cursor"]
        is_open = False
        async with contextlib.aclosing(self.way(place, cursor)) as messages:
            async for message in messages:
                if message["type"] == "opening":
                    self.requests += 1
                elif not is_open:
                    is_open = True
                    self.opened.release()
                if message["type"] == "change":
                    made = datetime.fromisoformat(message["event"]["at"]).timestamp()
                    self.delays.append(1000 * (time.time() - made))

    @contextlib.asynccontextmanager
    async def _measured(self, phase):
        before = self._now()
        yield
        self.phases[phase] = [now - then for now, then in zip(self._now(), before)]

    def _now(self):
        """(seconds, milliseconds of CPU of the server, requests, bytes of both directions)."""
        return (time.monotonic(), measure.run_milliseconds(self.revela.pid), self.requests,
                sum(traffic(socket_) for socket_ in self.sockets))

    def _a_minute(self, phase, alone):
        """What one follower costs: requests, bytes, and milliseconds of the server's CPU."""
        seconds, cpu, requests, bytes_ = self.phases[phase]
        others = alone.phases[phase][1] * seconds / alone.phases[phase][0]
        return [60 / seconds * value / self.count for value in (requests, bytes_, cpu - others)]

    def lateness(self):
        assert len(self.delays) == self.count * RATE * SECONDS, len(self.delays)
        return f"p50 {median(self.delays):.0f} ms, p99 {percentile(self.delays, .99):.0f} ms"

    def verdict(self, alone):
        parts = [self.lateness()]
        for phase in self.phases:
            requests, bytes_, cpu = self._a_minute(phase, alone)
            parts.append(f"a minute at {phase}: {requests:.0f} requests, {bytes_ / 1024:.1f} KiB, "
                         f"{cpu:.1f} ms of CPU")
        return "; ".join(parts)

    def detail(self, alone):
        return {phase: self._a_minute(phase, alone) for phase in self.phases}


async def far_away(reader, writer, port):
    """Carries a connection on, each byte late."""
    onward = await asyncio.open_connection("127.0.0.1", port)

    async def carry(source, target):
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while piece := await source.read(65_536):
                loop.call_later(FAR, target.write, piece)
        loop.call_later(FAR, target.close)
    await asyncio.gather(carry(reader, onward[1]), carry(onward[0], writer))


def run(part=None):
    compare(Report("transports"))
