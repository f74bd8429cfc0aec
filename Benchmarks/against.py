"""Measures an installation from where one is, through whatever lies between: `scripts/bench against URL`.

Readers follow a batch that is made for them, in one way after the other, while small changes are made
to it; no photo is sent. The batch is deleted at the end."""

import argparse
import asyncio
import contextlib
import contextvars
import json
import pathlib
import resource
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse
from datetime import datetime

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Tests"))

import clients  # noqa: E402
from ledger import Ledger  # noqa: E402
from measure import FOLDER, percentile  # noqa: E402
from readers import WAYS, note_sockets, traffic  # noqa: E402

USAGE, UNAVAILABLE = 64, 69  # sysexits.h
MOST = 1000
# More than that are played by a program in C, which speaks plain http.
MOST_PLAIN = 5000
SPARE = 64  # descriptors beside those of the readers
QUESTIONS = 8  # to the server's clock
PAUSE = 0.25  # seconds between two changes
TAIL = 20  # seconds that the slowest reader has for the last change
OPENING = 60  # seconds that thousands of readers have to come


class Unfit(Exception):
    """What was asked for cannot be measured: a sentence for who asked."""


def trust(authority):
    """Who may have signed a server's certificate: those whom this machine trusts, and whoever is named."""
    try:
        context = ssl.create_default_context()
        if authority:
            context.load_verify_locations(authority)
        return context
    except (OSError, ssl.SSLError) as error:
        raise Unfit(f"{authority} holds no certificate that can be read: {error}.") from error


class Deployment:
    """A Revela somewhere."""

    def __init__(self, url, authority=None):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Unfit(f"{url} is no address of a server: http://HOST[:PORT] or https://HOST[:PORT].")
        if parts.path not in ("", "/"):
            raise Unfit(f"Revela lives at the root of its address, and {url} names a path below it.")
        self.url, self.tls = url, parts.scheme == "https" and trust(authority)
        self.host, self.port = parts.hostname, parts.port or (443 if self.tls else 80)
        self.token = None

    def place(self, batch):
        return clients.Place(self.port, batch, self.host, self.tls)

    def connection(self):
        return clients.Connection(self.port, self.host, self.tls)

    async def ask(self, method, path, connection=None, **fields):
        """(status, headers, body); the answer to a question that was asked on a connection of its own
        comes over one that is closed then."""
        own = connection or self.connection()
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            return await own.ask(method, path, headers)
        except ssl.SSLCertVerificationError as error:
            raise Unfit(f"The certificate of {self.url} is not trusted: {error.verify_message}. Name who "
                        "signed it with --ca FILE.") from error
        except (*clients.BROKEN, ssl.SSLError) as error:
            raise Unfit(f"Nothing answers at {self.url}: {error or type(error).__name__}.") from error
        finally:
            if connection is None:
                own.close()

    async def json(self, method, path, connection=None):
        status, _, body = await self.ask(method, path, connection)
        with contextlib.suppress(ValueError):
            return status, json.loads(body)
        return status, None

    async def check(self):
        status, said = await self.json("GET", "/api/capabilities")
        if status != 200 or not isinstance(said, dict) or "time" not in said or "recipes" not in said:
            raise Unfit(f"What answers at {self.url} is not Revela, or an older one: it says {status} "
                        "to a question for its capabilities.")
        return said["version"]

    async def offset(self):
        """(seconds that the server's clock is ahead, give or take): each answer bounds it."""
        low, high = float("-inf"), float("inf")
        connection = self.connection()
        for _ in range(QUESTIONS):
            sent = time.time()
            _, said = await self.json("GET", "/api/capabilities", connection)
            heard, at = time.time(), datetime.fromisoformat(said["time"]).timestamp()
            low, high = max(low, at - 0.001 - heard), min(high, at + 0.001 - sent)
        connection.close()
        return (low + high) / 2, abs(high - low) / 2

    @contextlib.asynccontextmanager
    async def batch(self):
        """(id, cursor) of a batch that lasts as long as the block."""
        status, made = await self.json("POST", "/api/batches")
        if status != 201:
            raise Unfit(f"{self.url} makes no batch: {status} {made}")
        self.token = made["ownerToken"]
        name = made["document"]["id"]
        try:
            yield name, made["cursor"]
        finally:
            with contextlib.suppress(Unfit):
                await self.ask("DELETE", f"/api/batches/{name}")
            self.token = None


class Changes:
    """Announces photos that never come and cancels them again: a change each."""

    def __init__(self, deployment, batch):
        self.deployment, self.path = deployment, f"/api/batches/{batch}/images"
        self.connection = deployment.connection()

    async def announce(self):
        status, headers, body = await self.deployment.ask(
            "POST", self.path, self.connection, Tus_Resumable="1.0.0", Upload_Length="1000",
            Upload_Metadata="filename YS5qcGc=")
        if status != 201:
            raise Unfit(f"{self.deployment.url} takes no upload: {status} {body[:200].decode()}")
        return headers["link"].partition(">")[0].rpartition("/")[2]

    async def make(self, seconds, show):
        """The first keeps the batch open, so that a change is one event."""
        await self.announce()
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            show(f"{left:.0f} s left")
            image = await self.announce()
            await asyncio.sleep(PAUSE)
            await self.deployment.ask("DELETE", f"{self.path}/{image}", self.connection)
            await asyncio.sleep(PAUSE)
        self.connection.close()


class TimedLedger(Ledger):
    """Notes when each event came."""

    def __init__(self, cursor):
        super().__init__(cursor)
        self.delays, self.repeated, self.requests = [], 0, 0

    def _opening(self, reader, message):
        self.requests += 1
        super()._opening(reader, message)

    def _change(self, reader, message):
        known = self.seq
        super()._change(reader, message)
        if message["event"]["seq"] <= known:
            self.repeated += 1
        else:
            made = datetime.fromisoformat(message["event"]["at"]).timestamp()
            self.delays.append(time.time() - made)


# Set in the tasks of the readers, whose connections alone count.
is_reader = contextvars.ContextVar("is_reader", default=False)


async def follow(deployment, way, count, seconds, sockets, show):
    """What so many readers found."""
    sockets.clear()
    sizes = {}
    offset, uncertainty = await deployment.offset()
    async with deployment.batch() as (name, cursor), contextlib.AsyncExitStack() as stack:
        followers = []
        is_reader.set(True)
        for index in range(count):
            follower = clients.Follower(deployment.place(name), way, cursor, transports=WAYS, pause=1)
            follower.ledger = TimedLedger(cursor)
            followers.append(await stack.enter_async_context(follower))
            # As people come: not all at the same moment.
            await asyncio.sleep(min(0.02, 5 / count))
            show(f"{index + 1} readers")
        is_reader.set(False)
        watching = asyncio.create_task(watch(sockets, sizes))
        began = time.monotonic()
        await Changes(deployment, name).make(seconds, show)
        log = [event["seq"] for event in await read_log(deployment.place(name), cursor)]
        show("waiting for the last change")
        # Who does not get so far has lost what is missing, and that is counted.
        await asyncio.gather(*(one.reach(log[-1], TAIL) for one in followers), return_exceptions=True)
        took = time.monotonic() - began
        watching.cancel()
        measure_once(sockets, sizes)
    return verdict(followers, log, offset, uncertainty, took, sum(sizes.values()), len(sizes))


# What the program in C is told of each way.
PLAIN = {
    "polling every 5 s": ("poll", ["--every", "5"]), "polling every second": ("poll", ["--every", "1"]),
    "adaptive polling": ("poll", ["--every", "0.25", "--rest", "2"]),
    "long polling": ("poll", ["--wait", "25"]), "Server-Sent Events": ("sse", []), "WebSocket": ("ws", [])}


def compiled():
    """The program in C, built anew where its sources have changed."""
    program, sources = FOLDER / "load", sorted((pathlib.Path(__file__).parent / "load").glob("*.[ch]"))
    if not program.exists() or program.stat().st_mtime < max(one.stat().st_mtime for one in sources):
        FOLDER.mkdir(parents=True, exist_ok=True)
        try:
            subprocess.run(["cc", "-O2", "-std=c11", "-o", program,
                            *(one for one in sources if one.suffix == ".c"), "-lpthread"], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise Unfit(f"More than {MOST} readers need a C compiler (cc): {error}.") from error
    return program


@contextlib.contextmanager
def plain_readers(deployment, way, count, name, cursor):
    """The program in C with so many readers, which is asked and answers by lines."""
    kind, options = PLAIN[way]
    epoch, _, after = cursor.rpartition(".")
    with tempfile.NamedTemporaryFile("w", dir=FOLDER, suffix=".targets") as target:
        target.write(f"/api/batches/{name}/events?after={epoch}.\n")
        target.flush()
        process = subprocess.Popen(
            [compiled(), "readers", "--host", deployment.host, "--port", str(deployment.port), "--paths",
             target.name, "--kind", kind, "--count", str(count), "--after", after, "--seconds", str(TAIL),
             *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        with process:
            try:
                yield process
            finally:
                process.kill()


async def said(process, seconds, what):
    """The next line of the program in C."""
    try:
        line = await asyncio.wait_for(asyncio.to_thread(process.stdout.readline), seconds)
    except TimeoutError:
        # Ends the reading, too.
        process.kill()
        line = b""
    if not line:
        raise Unfit(what)
    return json.loads(line)


async def follow_plainly(deployment, way, count, seconds, show):
    """As `follow`, by the program in C."""
    offset, uncertainty = await deployment.offset()
    async with deployment.batch() as (name, cursor):
        with plain_readers(deployment, way, count, name, cursor) as process:
            show(f"{count} readers")
            await said(process, OPENING, f"Not all of {count} readers were let in within {OPENING} s.")
            began = time.monotonic()
            await Changes(deployment, name).make(seconds, show)
            log = [event["seq"] for event in await read_log(deployment.place(name), cursor)]
            show("waiting for the last change")
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(f"end {log[-1]}\n".encode())
                process.stdin.flush()
            found = await said(process, TAIL + OPENING, "The readers ended before they had said what they found.")
            took = time.monotonic() - began
    delays = found.pop("delay_ms")
    return {
        "readers": count, "events": len(log), "seconds": round(took, 1),
        "uncertainty_ms": round(1000 * uncertainty, 2),
        **{f"{name}_ms": round(delays[name] + 1000 * offset, 2) if name in delays else None
           for name in ["p50", "p95", "p99", "max"]},
        **found}


async def read_log(place, cursor):
    """By a reader that is none of those that are measured."""
    events = []
    async with contextlib.aclosing(WAYS["polling every second"](place, cursor)) as messages:
        async for message in messages:
            if message["type"] == "change":
                events.append(message["event"])
            if message["type"] == "live":
                return events
    return events


def measure_once(sockets, sizes):
    for one in sockets:
        sizes[one] = max(sizes.get(one, 0), traffic(one))


async def watch(sockets, sizes):
    """A socket that is closed tells no more: it is asked before."""
    while True:
        measure_once(sockets, sizes)
        await asyncio.sleep(1)


def verdict(followers, log, offset, uncertainty, took, bytes_, connections):
    ledgers = [one.ledger for one in followers]
    delays = sorted(1000 * (delay + offset) for ledger in ledgers for delay in ledger.delays)
    told = [{event["seq"] for event in ledger.events} for ledger in ledgers]
    return {
        "readers": len(followers), "events": len(log), "seconds": round(took, 1),
        "uncertainty_ms": round(1000 * uncertainty, 2),
        **{name: round(percentile(delays, share), 2) if delays else None
           for name, share in [("p50_ms", .5), ("p95_ms", .95), ("p99_ms", .99), ("max_ms", 1)]},
        "requests": sum(ledger.requests for ledger in ledgers),
        "bytes": bytes_, "connections": connections,
        "reconnects": sum(one.openings - 1 for one in followers),
        "lost": sum(len(set(log) - seen) for seen in told),
        "repeated": sum(ledger.repeated for ledger in ledgers)}


def table(found):
    head = ["way", "p50", "p95", "p99", "max", "requests a reader and minute",
            "KiB a reader and minute", "reconnects", "lost", "repeated"]
    rows = []
    for way, one in found.items():
        minutes = one["readers"] * one["seconds"] / 60
        rows.append([way, *(shown(one[name], one["uncertainty_ms"]) for name in
                            ["p50_ms", "p95_ms", "p99_ms", "max_ms"]),
                     f"{one['requests'] / minutes:.1f}", f"{one['bytes'] / 1024 / minutes:.1f}",
                     *(str(one[name]) for name in ["reconnects", "lost", "repeated"])])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, ["---"] * len(head), *rows])


def shown(ms, uncertainty):
    """No delay that the two clocks do not allow to be told."""
    if ms is None:
        return "none came"
    return f"under {uncertainty:.1f} ms" if ms < uncertainty else f"{ms:.1f} ms"


def allow(readers):
    """One descriptor a reader, if the system gives so many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = readers + SPARE
    if hard != resource.RLIM_INFINITY and needed > hard:
        raise Unfit(f"{readers} readers need {needed} descriptors, and this process may open {hard}: "
                    f"raise the limit (ulimit -n {needed}) or name fewer readers.")
    if soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def progress(way):
    def show(text):
        if sys.stderr.isatty():
            print(f"\r\x1b[K{way}: {text}", end="", file=sys.stderr, flush=True)
    return show


async def measure(options):
    deployment = Deployment(options.url, options.ca)
    if options.plain and deployment.tls:
        raise Unfit(f"More than {MOST} readers can be had over plain http alone, and {options.url} is https.")
    version = await deployment.check()
    print(f"Revela {version} at {options.url}: {options.readers} readers, {options.seconds} s each way")
    found, sockets = {}, []
    note_sockets(asyncio.get_running_loop(), sockets, is_reader.get)
    for way in options.ways:
        try:
            found[way] = await (
                follow_plainly(deployment, way, options.readers, options.seconds, progress(way))
                if options.plain else
                follow(deployment, way, options.readers, options.seconds, sockets, progress(way)))
        except Unfit as why:
            print(f"\n{way}: {why}", file=sys.stderr)
            break
        progress(way)("done\n")
    return {"url": options.url, "version": version, "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "ways": found}


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench against", description=__doc__)
    parser.add_argument("url", help="http://HOST[:PORT] or https://HOST[:PORT]")
    parser.add_argument("--readers", type=int, default=50,
                        help=f"up to {MOST} (50); up to {MOST_PLAIN} over plain http")
    parser.add_argument("--plain", action="store_true",
                        help=f"by a small program in C, as more than {MOST} always are: it takes less of the machine")
    parser.add_argument("--ca", type=pathlib.Path, metavar="FILE",
                        help="a certificate, or who signed it, to trust beside those of this machine")
    parser.add_argument("--seconds", type=int, default=20, help="of changes, for each way (20)")
    parser.add_argument("--ways", default=",".join(WAYS), help="a list with commas: " + ", ".join(WAYS))
    parser.add_argument("--json", type=pathlib.Path, default=FOLDER / "against.json", metavar="FILE")
    options = parser.parse_args()
    options.ways = options.ways.split(",")
    if unknown := [way for way in options.ways if way not in WAYS]:
        parser.error(f"there is no way called {unknown[0]!r}")
    if not 1 <= options.readers <= MOST_PLAIN:
        parser.error(f"{options.readers} readers: from 1 to {MOST_PLAIN} can be had")
    options.plain = options.plain or options.readers > MOST
    if options.seconds < 1:
        parser.error("--seconds must be at least 1")
    return options


def main():
    options = arguments()
    try:
        allow(options.readers)
        found = asyncio.run(measure(options))
    except Unfit as why:
        print(why, file=sys.stderr)
        return UNAVAILABLE
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(found, indent=1))
    print(table(found["ways"]))
    print(f"\nAll of it: {options.json}")
    faults = sum(one["lost"] + one["repeated"] for one in found["ways"].values())
    if len(found["ways"]) < len(options.ways):
        return UNAVAILABLE
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
