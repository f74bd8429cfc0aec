"""Seeded weather over the events: connections reset, closed, mute and slow; the network away; the
server killed and restarted; old events trimmed and logs restored under another epoch; transports
switched in the middle. Whatever happens, a follower that comes back from its cursor has been told
every event once, and holds the document that the log gives.

`REVELA_TEST_ROUNDS=20` runs twenty rounds of fifty schedules; `REVELA_TEST_SEED` names the first.
"""

import asyncio
import contextlib
import os
import random
import sqlite3
import time
import traceback

import pytest

import harness
import ledger
from clients import TRANSPORTS, Follower, Owner, Place
from faultproxy import Break, FaultProxy, Faults

ROUNDS = int(os.environ.get("REVELA_TEST_ROUNDS", "1"))
FIRST_SEED = int(os.environ.get("REVELA_TEST_SEED", "1"))
SCHEDULES = 50
KINDS = ["reset", "close", "mute"]


class Weather:
    """What happens to the server and its database while a round of schedules runs."""

    def __init__(self, server, seed):
        self.server = server
        self.dice = random.Random(f"weather {seed}")
        self.batches = []
        self.logs = {}  # all that the logs ever held, before anything was trimmed
        self.log = []

    async def blow(self):
        for _ in range(3):
            await asyncio.sleep(self.dice.uniform(0.5, 2))
            await asyncio.to_thread(self.restart)

    def restart(self):
        how, began = self.dice.choice(["kill", "kill", "stop"]), time.monotonic()
        getattr(self.server, how)()
        if self.dice.random() < 0.7:
            self.trim()
        self.server.start()
        self.log.append(f"{how} {time.monotonic() - began:.1f} s")

    def trim(self):
        """Old events go, or a log begins another life, as after a restored backup."""
        with contextlib.closing(sqlite3.connect(self.server.data / "revela.sqlite")) as base, base:
            for batch in self.dice.sample(self.batches, len(self.batches) // 3):
                self.note(batch)
                last = max(self.logs[batch.name])
                if self.dice.random() < 0.3:
                    epoch = f"{self.dice.getrandbits(30):x}"
                    base.execute("UPDATE batch SET epoch = ? WHERE id = ?", (epoch, batch.name))
                    continue
                kept = self.dice.randint(1, last + 1)
                base.execute("DELETE FROM event WHERE batch = ? AND seq < ?", (batch.name, kept))
                base.execute("UPDATE batch SET firstSeq = ? WHERE id = ?", (kept, batch.name))

    def note(self, batch):
        log = self.logs.setdefault(batch.name, {})
        for event in ledger.stored_log(self.server, batch):
            assert log.setdefault(event["seq"], event) == event, "the log itself changed"
        return [log[seq] for seq in sorted(log)]


class Schedule:
    """One batch, one follower, one proxy, and what befalls them."""

    def __init__(self, seed, weather):
        self.seed, self.weather = seed, weather
        self.dice = random.Random(f"schedule {seed}")
        self.is_calm = False
        self.follower = None

    def faults(self, number, dice):
        if self.is_calm or dice.random() < 0.35:
            return Faults()
        faults = Faults(delay=dice.choice([0, 0, 0.002, 0.03]))
        if dice.random() < 0.2:
            faults.rate = dice.uniform(3_000, 100_000)
        if dice.random() < 0.6:
            faults.down = Break(dice.choice(KINDS), int(dice.expovariate(1 / 3_000)))
        elif dice.random() < 0.2:
            faults.up = Break(dice.choice(KINDS), dice.randint(0, 400))
        return faults

    async def run(self):
        batch = await asyncio.to_thread(self.weather.server.new_batch)
        self.weather.batches.append(batch)
        epoch = await asyncio.to_thread(ledger.epoch, self.weather.server, batch)
        first = await asyncio.to_thread(batch.document)
        start, document = self.dice.choice(
            [(f"{epoch}.0", {}), (f"{epoch}.1", first), (None, None)])
        owner = Owner(batch, self.dice)
        await asyncio.wait_for(self.weather.everybody.wait(), 60)
        with FaultProxy(batch.server.port, self.faults, seed=self.seed) as proxy:
            async with Follower(
                Place(proxy.port, batch.name), self.any_transport(), start, document=document,
                haste=20, patience=self.dice.uniform(0.2, 0.8), dice=self.dice
            ) as follower:
                self.follower = follower
                actions = 0
                while actions < 40 or not self.weather.over.is_set():
                    await self.act(proxy, owner)
                    actions += 1
                await self.settle(proxy, batch)
        owner.close()

    def any_transport(self):
        return self.dice.choice(list(TRANSPORTS))

    async def act(self, proxy, owner):
        roll = self.dice.random()
        if roll < 0.74:
            await owner.steps(self.dice.randint(1, 6))
        elif roll < 0.82:
            self.follower.switch(self.any_transport())
        elif roll < 0.89:
            proxy.cut(self.dice.choice(KINDS))
        elif roll < 0.91:
            with proxy.offline(self.dice.choice(["reset", "mute"])):
                await asyncio.sleep(self.dice.uniform(0, 0.2))
        await asyncio.sleep(self.dice.expovariate(1 / 0.05))

    async def settle(self, proxy, batch):
        """The weather is over: now the follower must get there, and have been told the log."""
        self.is_calm = True
        # On a busy machine an answer may take longer than who follows in a storm waits for it.
        self.follower.patience = 10
        proxy.cut()
        log = await asyncio.to_thread(self.weather.note, batch)
        await self.follower.reach(log[-1]["seq"], timeout=60)
        self.follower.ledger.assert_tells(log)


async def play(server, first_seed):
    weather = Weather(server, first_seed)
    weather.over = asyncio.Event()
    # Nothing befalls anybody before everybody is there.
    weather.everybody = asyncio.Barrier(SCHEDULES + 1)
    schedules = [Schedule(seed, weather) for seed in range(first_seed, first_seed + SCHEDULES)]

    async def blow():
        await asyncio.wait_for(weather.everybody.wait(), 60)
        await weather.blow()
        weather.over.set()

    tasks = [asyncio.create_task(blow())]
    tasks += [asyncio.create_task(schedule.run(), name=f"seed {schedule.seed}")
              for schedule in schedules]
    await asyncio.wait(tasks)
    failed = [f"{task.get_name()}: {''.join(traceback.format_exception(task.exception()))}"
              for task in tasks if task.exception()]
    assert not failed, "\n".join(failed)
    return weather, schedules


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_no_weather_loses_or_repeats_an_event(tmp_path, round_number, capsys):
    server = harness.Server(tmp_path / "data").start()
    first_seed = FIRST_SEED + round_number * SCHEDULES
    began = time.monotonic()
    try:
        weather, schedules = asyncio.run(play(server, first_seed))
    finally:
        if server.process.poll() is None:
            server.kill()
    ledgers = [schedule.follower.ledger for schedule in schedules]
    with capsys.disabled():
        print(
            f"\nseeds {first_seed}..{first_seed + SCHEDULES - 1}: "
            f"{sum(len(it.events) for it in ledgers)} events told once, 0 lost, 0 doubled; "
            f"{sum(len(it.resets) for it in ledgers)} resets, "
            f"{sum(it.overlaps for it in ledgers)} overlaps, "
            f"{sum(s.follower.openings for s in schedules)} connections, "
            f"{sum(s.follower.switches for s in schedules)} switches, {', '.join(weather.log)}; "
            f"{time.monotonic() - began:.1f} s", end=" ")
