"""Whatever happens to a batch, whoever reads it in whatever way is told the same events and holds
the same document: five followers watch each scenario at once, and the log in the database judges.
"""

import asyncio
import contextlib
import json
import os
import sqlite3
import struct
import zlib

import pytest

import harness
from clients import TRANSPORTS, Connection, Follower, Owner, Place
from grants import revela
from ledger import epoch, fold, stored_log
from scripted import SCRIPTED, needs_script

PAIRS = [(a, b) for a in TRANSPORTS for b in TRANSPORTS if a != b]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One for all scenarios, each with a batch of its own; some kill it and start it again."""
    server = harness.Server(tmp_path_factory.mktemp("equivalence") / "data").start()
    yield server
    server.stop()


def picture(shade):
    """A PNG of 48 by 32 pixels: developed in no time."""
    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))

    rows = b"".join(b"\0" + bytes([shade, x * 5, y * 8]) * 48 for y in range(32) for x in [y])
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 48, 32, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def send(batch, shade=1):
    status, image = batch.send(picture(shade), "a.png", "image/png")
    assert status == 201, image
    return image["id"]


def announce(batch):
    """An upload that waits for its bytes."""
    status, headers, _ = batch.server.request("POST", f"{batch.path}/images", headers={
        **batch.headers, "Tus-Resumable": "1.0.0", "Upload-Length": "1000",
        "Upload-Metadata": "filename YS5qcGc="})
    assert status == 201
    return headers["Link"].partition(">")[0].rpartition("/")[2]


def remove(batch, image):
    assert batch.server.json(
        "DELETE", f"{batch.path}/images/{image}", headers=batch.headers)[0] == 204


# What can happen to a batch. Each leaves it as it should be found.


def photos_are_developed(batch, photos):
    batch.curl(*photos[:2])
    for shade in range(4):
        send(batch, shade)
    assert {image["state"] for image in batch.settle().values()} == {"ready"}


def files_are_rejected(batch, photos):
    good = send(batch)
    for data in [b"just text\n" * 100, photos[0].read_bytes()[:200_000], b"\xff\xd8\xff\xe0" * 10]:
        batch.send(data)
    states = [image["state"] for image in batch.settle().values()]
    assert sorted(states) == ["ready"] + ["rejected"] * 3 and batch.images()[good]


def a_photo_fails_and_is_retried(batch):
    """By the scripted worker: each of a photo's two attempts makes one rendition and dies."""
    _, image = batch.send(b"crash after one\n")
    assert batch.settle()[image["id"]]["state"] == "failed"
    status, _ = batch.server.json(
        "POST", f"{batch.path}/images/{image['id']}/retry", headers=batch.headers)
    assert status == 202
    assert {image["state"] for image in batch.settle().values()} == {"ready"}


def uploads_are_cancelled(batch, photos):
    images = [announce(batch) for _ in range(6)]
    send(batch)
    for image in images:
        remove(batch, image)
    states = [image["state"] for image in batch.settle().values()]
    assert sorted(states) == ["cancelled"] * 6 + ["ready"]


def images_are_removed(batch, photos):
    images = [announce(batch) for _ in range(5)]
    for image in images * 2:
        remove(batch, image)
    assert batch.images() == {} and batch.document()["state"] == "open"


def the_batch_settles_and_opens_again(batch, photos):
    for shade in range(3):
        send(batch, shade)
        batch.settle()
    remove(batch, announce(batch))
    assert batch.document()["state"] == "settled"


def the_server_is_killed(batch, photos):
    batch.curl(*photos[:3])
    announce(batch)
    batch.server.kill()
    batch.server.start()
    for image, member in batch.images().items():
        if member["state"] == "uploading":
            remove(batch, image)
    batch.settle()


def the_server_is_stopped_and_started(batch, photos):
    batch.curl(*photos[:2])
    batch.server.stop()
    batch.server.start()
    send(batch)
    batch.settle()


SCENARIOS = [
    photos_are_developed, files_are_rejected, uploads_are_cancelled, images_are_removed,
    the_batch_settles_and_opens_again, the_server_is_killed, the_server_is_stopped_and_started]


@contextlib.asynccontextmanager
async def followers(batch, starts, **options):
    """One follower for each (transport, cursor, document); they leave together."""
    place = Place(batch.server.port, batch.name)
    async with contextlib.AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                Follower(place, transport, after, document=document, haste=8, **options))
            for transport, after, document in starts]


async def all_reach(watching, seq):
    await asyncio.gather(*(follower.reach(seq) for follower in watching))


def assert_all_are_told_alike(batch, scenario, *arguments):
    async def watch():
        beginning = epoch(batch.server, batch) + ".0"
        async with followers(batch, [(name, beginning, {}) for name in TRANSPORTS]) as watching:
            await all_reach(watching, 1)
            await asyncio.to_thread(scenario, batch, *arguments)
            log = stored_log(batch.server, batch)
            await all_reach(watching, len(log))
            return watching, log

    watching, log = asyncio.run(watch())
    for follower in watching:
        follower.ledger.assert_tells(log)
        assert follower.ledger.events == log and follower.ledger.resets == [], follower.transport
        assert follower.ledger.document == batch.document()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_every_transport_tells_the_same_story_while(scenario, batch, photos):
    assert_all_are_told_alike(batch, scenario, photos)


@needs_script
def test_every_transport_tells_the_same_story_while_a_photo_fails_and_is_retried(tmp_path):
    server = harness.Server(tmp_path / "data", "--worker", SCRIPTED).start()
    assert_all_are_told_alike(server.new_batch(), a_photo_fails_and_is_retried)
    server.stop()


def by_its_owner(batch):
    batch.server.json("DELETE", batch.path, headers=batch.headers)


def by_the_operator(batch):
    """By the command line, in a process beside the server."""
    revela(batch.server, "batches", "delete", batch.name)


@pytest.mark.parametrize("delete", [by_its_owner, by_the_operator], ids=lambda delete: delete.__name__)
def test_every_transport_tells_that_the_batch_is_deleted(server, batch, delete):
    async def watch():
        beginning = epoch(server, batch) + ".0"
        async with followers(batch, [(name, beginning, {}) for name in TRANSPORTS]) as watching:
            for _ in range(3):
                await asyncio.to_thread(announce, batch)
            log = stored_log(server, batch)
            await all_reach(watching, len(log))
            await asyncio.to_thread(delete, batch)
            await asyncio.gather(*(it.until(lambda it: it.end) for it in watching))
            return watching, log

    watching, log = asyncio.run(watch())
    for follower in watching:
        follower.ledger.assert_tells(log)
        in_band = follower.transport in ("sse", "eventsource", "websocket")
        assert follower.end == ("deleted" if in_band else 410), follower.transport
    for headers in [{}, {"Accept": "text/event-stream"}]:
        status, problem = server.json("GET", f"{batch.path}/events", headers=headers)
        assert (status, problem["code"]) == (410, "batch-deleted")


@pytest.fixture
def told(server, batch):
    """A batch in which something happened already."""
    for _ in range(6):
        remove(batch, announce(batch))
    return stored_log(server, batch)


async def follow_on(batch, starts):
    """Lets each go on from where it starts, and through one more event."""
    async with followers(batch, starts) as watching:
        await all_reach(watching, stored_log(batch.server, batch)[-1]["seq"])
        await asyncio.to_thread(announce, batch)
        await all_reach(watching, stored_log(batch.server, batch)[-1]["seq"])
        return [follower.ledger for follower in watching]


@pytest.mark.parametrize("restart", ["", "kill", "stop"])
def test_every_cursor_is_resumed_exactly_after_itself(server, batch, told, restart):
    if restart:
        getattr(server, restart)()
        server.start()
    life = epoch(server, batch)
    starts = [(name, f"{life}.{seq}", fold(told[:seq]))
              for name in TRANSPORTS for seq in [0, 1, len(told) // 2, len(told) - 1, len(told)]]
    ledgers = asyncio.run(follow_on(batch, starts))
    log = stored_log(server, batch)
    for (name, cursor, _), it in zip(starts, ledgers):
        it.assert_tells(log)
        assert it.events == log[int(cursor.split(".")[1]):] and it.resets == [], (name, cursor)


def test_a_cursor_that_cannot_be_served_is_answered_by_the_whole_document(server, batch, told):
    life, last = epoch(server, batch), len(told)
    cursors = [
        None, "", "nonsense", f"other.{last}", f"{life}.{last + 1}", f"{life}.{10 ** 20}"]
    starts = [(name, cursor, {}) for name in TRANSPORTS for cursor in cursors]
    ledgers = asyncio.run(follow_on(batch, starts))
    log = stored_log(server, batch)
    for start, it in zip(starts, ledgers):
        it.assert_tells(log)
        assert it.resets == [f"{life}.{last}"] and it.events == log[last:], start


def test_a_cursor_whose_events_were_trimmed_is_answered_by_the_whole_document(server, batch, told):
    life, last, kept = epoch(server, batch), len(told), 8
    server.kill()
    with contextlib.closing(sqlite3.connect(server.data / "revela.sqlite")) as base, base:
        base.execute("DELETE FROM event WHERE batch = ? AND seq < ?", (batch.name, kept))
        base.execute("UPDATE batch SET firstSeq = ? WHERE id = ?", (kept, batch.name))
    server.start()
    starts = [(name, f"{life}.{seq}", fold(told[:seq]))
              for name in TRANSPORTS for seq in [0, kept - 2, kept - 1, last]]
    ledgers = asyncio.run(follow_on(batch, starts))
    log = told + stored_log(server, batch)[last - kept + 1:]
    for start, it in zip(starts, ledgers):
        it.assert_tells(log)
        trimmed = int(start[1].split(".")[1]) < kept - 1
        assert it.resets == ([f"{life}.{last}"] if trimmed else []), start


async def switch_in_mid_batch(batch, work):
    """Every ordered pair of transports at once: each follower begins with one and changes to the
    other between two events."""
    beginning = epoch(batch.server, batch) + ".0"
    async with followers(batch, [(first, beginning, {}) for first, _ in PAIRS]) as watching:
        await all_reach(watching, 1)
        for number, part in enumerate(work):
            for (_, second), follower in zip(PAIRS, watching):
                if number == 1 + watching.index(follower) % (len(work) - 2):
                    follower.switch(second)
            await part()
        log = stored_log(batch.server, batch)
        await all_reach(watching, len(log))
        # The last event may have come by the first transport still.
        await asyncio.gather(*(
            follower.until(lambda it: it.carrier == it.transport) for follower in watching))
        return watching, log


def assert_switched(watching, log):
    for pair, follower in zip(PAIRS, watching):
        follower.ledger.assert_tells(log)
        assert follower.ledger.events == log and follower.ledger.resets == [], pair
        assert follower.switches == 1 and follower.carrier == pair[1], pair


def test_no_switch_between_two_transports_loses_or_repeats_an_event(batch):
    async def play():
        owner = Owner(batch)
        try:
            return await switch_in_mid_batch(batch, [lambda: owner.steps(4)] * 12)
        finally:
            owner.close()

    assert_switched(*asyncio.run(play()))


def test_no_switch_while_photos_develop_loses_or_repeats_an_event(batch, photos):
    async def some_more():
        await asyncio.to_thread(lambda: batch.curl(*photos[:1]))

    async def the_rest():
        await asyncio.to_thread(batch.settle)

    watching, log = asyncio.run(switch_in_mid_batch(batch, [some_more] * 5 + [the_rest]))
    assert_switched(watching, log)
    assert {image["state"] for image in batch.images().values()} == {"ready"}


async def follow_until_settled(batch, transport, after):
    place = Place(batch.server.port, batch.name)
    seen = []
    async with asyncio.timeout(120):
        async for message in TRANSPORTS[transport](place, after, haste=8, until="settled"):
            seen.append(message)
    return [message for message in seen if message["type"] not in ("live", "heartbeat")]


@pytest.mark.parametrize("transport", ["sse", "eventsource", "websocket"])
def test_until_settled_ends_the_stream_and_who_comes_back_finds_it_over(
        server, batch, told, transport):
    life = epoch(server, batch)
    seen = asyncio.run(follow_until_settled(batch, transport, f"{life}.0"))
    changes = [message["event"] for message in seen if message["type"] == "change"]
    ends = [message for message in seen if message["type"] == "end"]
    assert changes == told and ends == [{"type": "end", "reason": "settled"}]
    status, _, body = server.request(
        "GET", f"{batch.path}/events?after={life}.{len(told)}&until=settled",
        headers={"Accept": "text/event-stream"})
    assert (status, body) == (204, b"")


def test_a_long_poll_hears_of_an_event_at_once_whoever_else_follows(server, batch, told):
    """Each connection has an event loop; on some of them nobody else follows this batch."""
    cursor = f"{epoch(server, batch)}.{len(told)}"
    place = Place(server.port, batch.name)

    async def listen():
        async with followers(batch, [("sse", cursor, fold(told))]) as [other]:
            await asyncio.to_thread(announce, batch)
            await other.reach(len(told) + 1)
            path = place.path(after=other.ledger.cursor, wait=50)
            polls = [Connection(server.port) for _ in range(2 * os.cpu_count())]
            waiting = [asyncio.create_task(poll.ask("GET", path)) for poll in polls]
            # Their requests are on their way before another is answered on the same connections.
            await asyncio.gather(*(Connection(server.port).ask("GET", "/healthz") for _ in polls))
            await asyncio.to_thread(announce, batch)
            began = asyncio.get_running_loop().time()
            answers = await asyncio.gather(*waiting)
            return answers, asyncio.get_running_loop().time() - began

    answers, seconds = asyncio.run(listen())
    # Without news each would have waited for fifty.
    assert seconds < 40, f"a long poll took {seconds:.1f} s"
    for status, _, body in answers:
        assert status == 200 and len(json.loads(body)["events"]) == 1
