"""What is asked wrongly, too often or never read: each gets the answer that docs/events.md gives
it, and nobody else notices."""

import asyncio
import contextlib
import json
import re
import socket
import sqlite3
import time

import pytest
import websockets

import harness
from clients import Connection, Follower, Owner, Place
from ledger import epoch, stored_log
from slow import SLOW

UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
           "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = harness.Server(tmp_path_factory.mktemp("refusals") / "data").start()
    yield server
    server.stop()


@contextlib.asynccontextmanager
async def bystander(batch):
    """Somebody who follows the same batch, and must not notice what happens beside it."""
    place = Place(batch.server.port, batch.name)
    beginning = epoch(batch.server, batch) + ".0"
    async with Follower(place, "websocket", beginning, document={}) as follower:
        await follower.reach(1)
        yield follower
        owner = Owner(batch)
        began = time.monotonic()
        await owner.announce()
        owner.close()
        log = stored_log(batch.server, batch)
        await follower.reach(log[-1]["seq"])
        # At once, that is; but other programs may keep this machine busy.
        assert time.monotonic() - began < 30 and follower.openings == 1
        follower.ledger.assert_tells(log)


def dial(batch, **options):
    options = {"subprotocols": ["revela.v1"], "proxy": None, "max_size": None} | options
    return websockets.connect(
        f"ws://127.0.0.1:{batch.server.port}{batch.path}/events", **options)


async def reply(link):
    while True:
        message = json.loads(await asyncio.wait_for(link.recv(), 60))
        if message["type"] == "reply":
            return message


# Polls


def test_two_polls_at_once_are_both_answered(batch):
    cursor = epoch(batch.server, batch) + ".0"
    path = Place(batch.server.port, batch.name).path(after=cursor)
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()

    async def ask():
        one = Connection(batch.server.port)
        first, second = await asyncio.gather(
            Connection(batch.server.port).ask("GET", path), one.ask("GET", path))
        # And on one connection, the second before the first is answered.
        one.writer.write(request * 2)
        piped = []
        for _ in range(2):
            status, headers = await one.answer()
            piped.append(b"".join([piece async for piece in one.pieces(status, headers)]))
        one.close()
        return [without_time(answer) for answer in (first[2], second[2], *piped)]

    answers = asyncio.run(ask())
    assert answers[1:] == answers[:-1]
    assert answers[0]["events"] == stored_log(batch.server, batch)


def without_time(answer):
    """A poll's answer, but for when it was given."""
    page = json.loads(answer)
    assert page.pop("at")
    return page


def test_two_long_polls_at_once_hear_the_same_event(batch):
    async def ask():
        path = Place(batch.server.port, batch.name).path(
            after=epoch(batch.server, batch) + ".1", wait=20)
        polls = [asyncio.create_task(Connection(batch.server.port).ask("GET", path))
                 for _ in range(2)]
        async with bystander(batch):
            owner = Owner(batch)
            await owner.announce()
            owner.close()
            return [without_time((await poll)[2]) for poll in polls]

    first, second = asyncio.run(ask())
    assert first == second and first["events"][0]["seq"] == 2


def test_the_cursor_of_another_batch_gets_a_reset(server, batch):
    cursor = server.json("GET", server.new_batch().path)[1]["cursor"]
    status, page = server.json("GET", f"{batch.path}/events?after={cursor}")
    assert status == 200 and page["events"] == []
    assert page["reset"]["document"] == batch.document()


def test_waiting_for_ages_is_waiting_as_long_as_is_allowed(batch):
    async def ask():
        path = Place(batch.server.port, batch.name).path(
            after=epoch(batch.server, batch) + ".1", wait="1e9")
        poll = asyncio.create_task(Connection(batch.server.port).ask("GET", path))
        async with bystander(batch):
            assert not poll.done()
        return await poll

    status, _, body = asyncio.run(ask())
    assert status == 200 and len(json.loads(body)["events"]) == 1


@pytest.mark.parametrize("query", ["wait=-1", "wait=soon", "wait=nan", "until=never", "after=%ff"])
def test_a_query_that_means_nothing_is_refused(server, batch, query):
    status, headers, body = server.request("GET", f"{batch.path}/events?{query}")
    assert (status, json.loads(body)["code"]) == (400, "bad-request")
    assert headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_events_are_only_read(server, batch, method):
    status, headers, _ = server.request(method, f"{batch.path}/events")
    assert (status, headers["Allow"]) == (405, "GET, HEAD")


def test_headers_of_a_megabyte_are_refused_and_not_kept(server, batch):
    """Forty at once, after one that pays for what is made once: kept, they would be 40 MiB."""
    head = f"GET {batch.path}/events HTTP/1.1\r\nHost: x\r\nX-Long: ".encode() + b"x" * (1 << 20)

    async def knock():
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        answer = b""
        with contextlib.suppress(ConnectionError):
            writer.write(head)
            await writer.drain()
        # The end of the head never comes, and the connection stays until we close it.
        with contextlib.suppress(ConnectionError):
            answer = await reader.readuntil(b"\r\n")
        return answer, writer

    async def ask():
        async with bystander(batch):
            first = await knock()
            before = server.made_bytes()
            knocks = [first, *await asyncio.gather(*(knock() for _ in range(40)))]
            grown = server.made_bytes() - before
            for _, writer in knocks:
                writer.close()
            return [answer for answer, _ in knocks], grown

    answers, grown = asyncio.run(ask())
    assert {answer.split(b" ")[1] for answer in answers if answer} == {b"431"}
    assert grown < 20 << 20, f"{grown >> 10} KiB"


# WebSockets


def test_what_is_no_command_is_answered_and_the_socket_goes_on(batch):
    async def talk():
        async with dial(batch) as link:
            answers = []
            for text in ["{", "[]", "7", '{"cancel":"i_x"}', '{"id":[],"ping":1}', '{"id":1}',
                         '{"id":2,"explode":"i_x"}', '{"id":3,"cancel":"nonsense"}',
                         '{"id":"four","info":"i_00000000000000000000000000"}',
                         '{"id":5,"ping":"at"}', '{"id":6,"ping":{"at":1}}',
                         '{"id":7,"ping":' + "[" * 900, '{"id":8,"ping":"' + "y" * 900 + '"}']:
                await link.send(text)
                answers.append(await reply(link))
            return answers

    answers = asyncio.run(talk())
    said = [(answer["reply"], answer.get("problem", {}).get("code")) for answer in answers]
    assert said == [
        (None, "bad-request"), (None, "bad-request"), (None, "bad-request"),
        (None, "bad-request"), (None, "bad-request"), (1, "bad-request"), (2, "bad-request"),
        (3, "no-such-image"), ("four", "no-such-image"), (5, None), (None, "bad-request"),
        (None, "bad-request"), (8, None)]
    assert answers[-1]["pong"] == "y" * 900


@pytest.mark.parametrize("message, code", [
    (b"\x00\x01", 1003), ("x" * (17 << 10), 1009), ('{"id":1,"ping":"' + "y" * 1_100 + '"}', 1009)])
def test_a_message_that_cannot_be_taken_closes_the_socket(batch, message, code):
    async def talk():
        async with bystander(batch), dial(batch) as link:
            await link.send(message)
            await asyncio.wait_for(link.wait_closed(), 60)
            return link.close_code

    assert asyncio.run(talk()) == code


def test_ten_thousand_messages_a_second_close_the_socket(server, batch):
    async def talk():
        async with bystander(batch), dial(batch) as link:
            with contextlib.suppress(websockets.ConnectionClosed):
                for number in range(10_000):
                    await link.send(json.dumps({"id": number, "ping": 0}))
            replies = 0
            with contextlib.suppress(websockets.ConnectionClosed):
                while True:
                    message = json.loads(await asyncio.wait_for(link.recv(), 60))
                    replies += message["type"] == "reply"
            return replies, link.close_code, link.close_reason

    replies, code, reason = asyncio.run(talk())
    assert (code, reason) == (1008, "too many commands") and 20 <= replies < 400


def test_who_pings_and_reads_no_pong_is_not_read_from(server, batch):
    """Four sockets with 16 MB of pings each: what the kernel does not take stays with the client.
    Answered from memory, the pongs would be 64 MB."""
    ping = bytes([0x89, 0x80 | 125, 0, 0, 0, 0]) + bytes(125)

    def ask():
        link = socket.socket()
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        link.connect(("127.0.0.1", server.port))
        fields = "".join(f"{name}: {value}\r\n" for name, value in UPGRADE.items())
        link.sendall(f"GET {batch.path}/events HTTP/1.1\r\nHost: x\r\n{fields}\r\n".encode())
        link.settimeout(0.5)
        with pytest.raises(TimeoutError):
            link.sendall(ping * (16_000_000 // len(ping)))
        return link

    async def watch():
        async with bystander(batch):
            links = [ask()]
            before = server.made_bytes()
            links += [ask() for _ in range(4)]
            grown = server.made_bytes() - before
            for link in links:
                link.close()
            return grown

    grown = asyncio.run(watch())
    print(f"{grown >> 10} KiB for four who ping and read nothing")
    assert grown < 12 << 20, f"{grown >> 10} KiB"


def test_a_strangers_page_gets_no_socket(batch):
    async def knock(**options):
        with pytest.raises(websockets.InvalidStatus) as refusal:
            async with dial(batch, **options):
                pass
        answer = refusal.value.response
        return answer.status_code, json.loads(answer.body)["code"]

    foreign = ["https://evil.example", "null", f"http://127.0.0.1:{batch.server.port + 1}",
               f"https://127.0.0.1:{batch.server.port}"]
    for origin in foreign:
        assert asyncio.run(knock(origin=origin)) == (403, "foreign-origin"), origin
    assert asyncio.run(knock(subprotocols=["chat"])) == (400, "bad-request")
    nobody = {"Authorization": "Bearer nonsense"}
    assert asyncio.run(knock(additional_headers=nobody)) == (400, "bad-request")


def test_a_strangers_batch_can_be_followed_and_not_changed(server, batch):
    owner = Owner(batch)
    asyncio.run(owner.announce())
    image = owner.open[0][0]
    stranger = server.new_batch()

    async def talk(**options):
        async with dial(batch, **options) as link:
            answers = []
            for number, command in enumerate(["info", "cancel", "retry"]):
                await link.send(json.dumps({"id": number, command: image}))
                answers.append((await reply(link)).get("problem", {}).get("code"))
            return answers

    for headers in [{}, stranger.headers]:
        assert asyncio.run(talk(additional_headers=headers)) == [None, "not-owner", "not-owner"]
    mixed = {"additional_headers": stranger.headers}
    batch, other = stranger, batch

    async def reach_over():
        """An image of somebody else's batch, asked for in one's own."""
        async with dial(batch, **mixed) as link:
            await link.send(json.dumps({"id": 1, "cancel": image}))
            return (await reply(link))["problem"]["code"]

    assert asyncio.run(reach_over()) == "no-such-image"
    assert other.images()[image]["state"] == "uploading"


def test_a_batch_that_never_was_has_no_events_in_any_way(server):
    path = "/api/batches/b_00000000000000000000000000/events"
    for headers in [{}, {"Accept": "text/event-stream"}, UPGRADE]:
        status, _, body = server.request("GET", path, headers=headers)
        assert (status, json.loads(body)["code"]) == (404, "no-such-batch")


# Those who say or read nothing


def fill(server, batch, count):
    """Gives the batch a long log, straight into the database: 1 KB an event."""
    server.kill()
    events = []
    for seq in range(2, count + 2):
        image = f"i_{seq:026}"
        event = {"seq": seq, "at": "2026-01-01T00:00:00.000Z", "type": "image.created",
                 "image": image, "patch": {"images": {image: {"name": "x" * 900}}}}
        events.append((batch.name, seq, "image.created", image, json.dumps(event)))
    with contextlib.closing(sqlite3.connect(server.data / "revela.sqlite")) as base, base:
        base.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?)", events)
        base.execute("UPDATE batch SET seq = ? WHERE id = ?", (count + 1, batch.name))
    server.start()


@pytest.mark.parametrize("upgrade", [
    "Accept: text/event-stream", "\r\n".join(f"{name}: {value}" for name, value in UPGRADE.items())],
    ids=["sse", "websocket"])
def test_who_never_reads_costs_no_memory_and_misses_nothing_in_the_end(server, batch, upgrade):
    """Fifty who read nothing of a log of 12 MB: what is measured is what they cost beyond the first
    few, who pay for what is made once. A queue of its own would cost each the whole log."""
    fill(server, batch, 12_000)
    path = Place(server.port, batch.name).path(after=epoch(server, batch) + ".0")
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\n{upgrade}\r\n\r\n".encode()
    other = server.new_batch()
    lazy = []

    def come(count):
        for _ in range(count):
            link = socket.socket()
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            link.connect(("127.0.0.1", server.port))
            link.sendall(request)
            lazy.append(link)
        for link in lazy:
            link.settimeout(30)
            assert link.recv(1, socket.MSG_PEEK)

    async def watch():
        async with bystander(other):
            owner = Owner(other)
            for _ in range(25):
                await owner.announce()
            before = server.made_bytes()
            come(50)
            for _ in range(25):
                await owner.announce()
            owner.close()
            return server.made_bytes() - before

    come(5)
    grown = asyncio.run(watch())
    print(f"{grown / (50 << 10):.0f} KiB for each who reads nothing")
    link = lazy.pop()
    for other_link in lazy:
        other_link.close()
    assert grown < 50 << 20, f"{grown >> 20} MiB for fifty who read nothing"
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    pieces = [b"", link.recv(1 << 16)]
    while b'"seq": 12001,' not in pieces[-2] + pieces[-1]:
        pieces.append(link.recv(1 << 16))
    link.close()
    seen = [int(part.split(b",")[0]) for part in re.split(rb'"seq": ?', b"".join(pieces))[1:]]
    assert seen == list(range(1, 12_002))


@SLOW
def test_who_says_nothing_at_all_is_given_up(server, batch):
    """A connection without a request after 15 seconds; a socket that answers no ping after three
    heartbeats counts as one that reads nothing, and is cut off a minute later."""
    mute = socket.create_connection(("127.0.0.1", server.port), timeout=200)
    began = time.monotonic()
    assert mute.recv(1) == b"" and 13 < time.monotonic() - began < 20
    link = socket.create_connection(("127.0.0.1", server.port), timeout=200)
    fields = "".join(f"{name}: {value}\r\n" for name, value in UPGRADE.items())
    link.sendall(f"GET {batch.path}/events HTTP/1.1\r\nHost: x\r\n{fields}\r\n".encode())
    began = time.monotonic()
    with contextlib.suppress(ConnectionResetError):
        while link.recv(65_536):
            pass
    assert 90 < time.monotonic() - began < 150


def test_a_log_that_cannot_be_read_is_an_error_of_ours_told_and_logged(tmp_path):
    server = harness.Server(tmp_path / "data").start()
    batch = server.new_batch()
    beginning = epoch(server, batch) + ".0"
    server.stop()
    with contextlib.closing(sqlite3.connect(server.data / "revela.sqlite")) as base, base:
        base.execute("ALTER TABLE event RENAME TO gone")
    server.start()
    for wait in ["", "&wait=5"]:
        status, problem = server.json("GET", f"{batch.path}/events?after={beginning}{wait}")
        assert (status, problem["code"]) == (500, "internal"), problem
    status, problem = server.json(
        "GET", f"{batch.path}/events?after={beginning}", headers={"Accept": "text/event-stream"})
    assert (status, problem["code"]) == (500, "internal"), problem
    assert server.log_text().count("no such table: event") == 3
    server.stop()
