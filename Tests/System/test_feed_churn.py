"""Thousands of followers come and go, politely and not: what they cost goes with them."""

import asyncio
import json
import os
import pathlib
import random
import time

import pytest

from clients import Connection, Place

WAVES = 6
WAVE = int(os.environ.get("REVELA_TEST_WAVE", "500"))


@pytest.fixture
def descriptors(server):
    """How many descriptors the server holds now."""
    folder = pathlib.Path(f"/proc/{server.process.pid}/fd")
    return lambda: len(list(folder.iterdir()))


def threads(server):
    return len(list(pathlib.Path(f"/proc/{server.process.pid}/task").iterdir()))


SOCKET = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
          "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}


async def come_and_go(place, dice, all_here):
    """One follower of any kind, which stays until all are there and leaves in its own way."""
    kind = dice.choice(["stream", "socket", "long poll"])
    headers = {"stream": {"Accept": "text/event-stream"}, "socket": SOCKET, "long poll": {}}[kind]
    connection = Connection(place.port)
    path = place.path(wait=20 if kind == "long poll" else None)
    status, answer = await connection.begin("GET", path, headers)
    assert status == (101 if kind == "socket" else 200), (kind, status)
    if kind == "long poll":
        # The first answer is the document; the second question waits.
        body = b"".join([piece async for piece in connection.pieces(status, answer)])
        cursor = json.loads(body)["cursor"]
        connection.writer.write(
            f"GET {place.path(after=cursor, wait=20)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    else:
        await connection.reader.read(1)
    await all_here.wait()
    how = dice.choice(["close", "reset", "half"])
    if how == "reset":
        connection.writer.transport.abort()
    elif how == "half":
        connection.writer.write_eof()
        await asyncio.sleep(0)
    connection.close()


async def wave(place, dice):
    all_here = asyncio.Barrier(WAVE)
    await asyncio.gather(*(come_and_go(place, dice, all_here) for _ in range(WAVE)))


def when_at_most(gauge, most):
    """What it shows once that is as little as `most`, or after forty seconds. Memory is given back
    to the system every fifteen."""
    deadline = time.monotonic() + 40
    while (value := gauge()) > most and time.monotonic() < deadline:
        time.sleep(0.05)
    return value


def test_what_thousands_of_followers_cost_goes_with_them(server, batch, descriptors, capsys):
    dice = random.Random(7)
    place = Place(server.port, batch.name)
    few = descriptors() + 4
    asyncio.run(wave(place, dice))
    # After the first wave, so that what is made once, and kept, counts as there.
    before = when_at_most(descriptors, few), server.resident_bytes(), threads(server)
    for _ in range(WAVES):
        asyncio.run(wave(place, dice))
        batch.send(b"no photo")
    after = (when_at_most(descriptors, few),
             when_at_most(server.resident_bytes, before[1] * 1.2),
             when_at_most(lambda: threads(server), before[2] + 2))
    with capsys.disabled():
        print(f"\n{WAVES * WAVE} followers: descriptors {before[0]} -> {after[0]}, "
              f"resident {before[1] >> 10} -> {after[1] >> 10} KiB, "
              f"threads {before[2]} -> {after[2]}", end=" ")
    assert max(before[0], after[0]) <= few
    assert after[1] <= before[1] * 1.2
    assert after[2] <= before[2] + 2
