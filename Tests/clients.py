"""Followers: small readers of a batch's events, one for each way to read them, and a client that
comes back and switches between them. They share no code with the server or with the page."""

import asyncio
import contextlib
import dataclasses
import json
import random
import ssl
import urllib.parse

import websockets

from ledger import Ledger, Reader


class Refused(Exception):
    """The server answered, and not with events."""

    def __init__(self, status, body=b""):
        super().__init__(f"{status} {body[:200]!r}")
        self.status = status
        self.is_final = status in (400, 403, 404, 410)


# What a connection that is cut, stalled or spoilt on its way ends with.
BROKEN = (OSError, EOFError, asyncio.TimeoutError, websockets.WebSocketException, ValueError)


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a batch's events are read: perhaps not at the server itself, but at a proxy. `tls` may be the
    context that says whom to trust."""

    port: int
    batch: str
    host: str = "127.0.0.1"
    tls: bool | ssl.SSLContext = False

    def connection(self):
        return Connection(self.port, self.host, self.tls)

    def path(self, **query):
        query = {name: value for name, value in query.items() if value is not None}
        return f"/api/batches/{self.batch}/events?" + urllib.parse.urlencode(query)


# HTTP/1.1


class Connection:
    """Carries requests one after the other; opened again where it was closed between them."""

    def __init__(self, port, host="127.0.0.1", tls=False):
        self.host, self.port, self.tls = host, port, tls
        self.reader = self.writer = None

    async def ask(self, method, path, headers=None, body=b""):
        """Returns (status, headers, body); a body that is cut short is an error."""
        status, headers = await self.begin(method, path, headers, body)
        pieces = [piece async for piece in self.pieces(status, headers, method)]
        return status, headers, b"".join(pieces)

    async def begin(self, method, path, headers=None, body=b""):
        """Sends a request and returns (status, headers)."""
        head = {"Host": f"{self.host}:{self.port}", **(headers or {})}
        if body or method not in ("GET", "HEAD", "DELETE"):
            head["Content-Length"] = len(body)
        lines = [f"{method} {path} HTTP/1.1"] + [f"{name}: {value}" for name, value in head.items()]
        request = "\r\n".join(lines + ["", ""]).encode() + body
        if self.writer:
            # The server may have closed it meanwhile; then, and only then, it is tried once more.
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                return await self._exchange(request)
            self.close()
        self.reader, self.writer = await asyncio.open_connection(
            self.host, self.port, limit=1 << 20, ssl=self.tls or None)
        return await self._exchange(request)

    async def _exchange(self, request):
        self.writer.write(request)
        return await self.answer()

    async def answer(self):
        """The (status, headers) of the next answer."""
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = [line.split(":", 1) for line in lines[1:] if line]
        return int(lines[0].split()[1]), {name.lower(): value.strip() for name, value in fields}

    async def pieces(self, status, headers, method="GET"):
        """The body as it comes."""
        if method == "HEAD" or status in (204, 304):
            pass
        elif headers.get("transfer-encoding") == "chunked":
            while size := int(await self.reader.readuntil(b"\r\n"), 16):
                yield (await self.reader.readexactly(size + 2))[:-2]
            await self.reader.readexactly(2)
        elif "content-length" in headers:
            yield await self.reader.readexactly(int(headers["content-length"]))
        else:
            while piece := await self.reader.read(65_536):
                yield piece
        if headers.get("connection") == "close":
            self.close()

    def close(self):
        if self.writer:
            self.writer.close()
        self.reader = self.writer = None


# Readers. Each yields messages in the one shape that docs/events.md gives them, and an `opening`
# of its own before each request, with the cursor it asks from.


def opening(after):
    return {"type": "opening", "after": after}


async def polling(place, after, pause, wait=None):
    """`pause(busy)`: seconds to the next question, where something is on its way or not."""
    cursor, tag, moving = after, None, False
    connection = place.connection()
    try:
        while True:
            yield opening(cursor)
            headers = {"Accept": "application/json"} | ({"If-None-Match": tag} if tag else {})
            status, headers, body = await connection.ask(
                "GET", place.path(after=cursor, wait=wait), headers)
            if status == 304:
                yield {"type": "unchanged", "etag": headers["etag"], "known": tag}
                await asyncio.sleep(pause(moving))
                continue
            if status != 200:
                raise Refused(status, body)
            page, tag = json.loads(body), headers["etag"]
            for message in messages_of(page):
                yield message
            cursor, moving = page["cursor"], bool(page["live"])
            if not page.get("more"):
                await asyncio.sleep(pause(moving or bool(page["events"])))
    finally:
        connection.close()


def messages_of(page):
    """A poll's answer as the messages of a stream."""
    if "reset" in page:
        yield {"type": "reset", **page["reset"]}
    for event in page["events"]:
        last = event is page["events"][-1]
        yield {"type": "change", "event": event} | ({"cursor": page["cursor"]} if last else {})
    yield {"type": "live", "live": page["live"]}


def fixed(place, after, haste=1):
    return polling(place, after, lambda busy: 1 / haste)


def long(place, after, haste=1):
    return polling(place, after, lambda busy: 0, wait=25)


class EventStream:
    """The line protocol of the HTML standard, section 9.2.6."""

    def __init__(self, pieces):
        self.pieces = pieces
        self.last_id = ""
        self.retry = None

    async def messages(self):
        data, name = [], ""
        async for line in self.lines():
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if line == "":
                if data:
                    yield self.message(name, json.loads("\n".join(data)))
                data, name = [], ""
            elif field == "data":
                data.append(value)
            elif field == "event":
                name = value
            elif field == "id":
                self.last_id = value
            elif field == "retry":
                self.retry = int(value) / 1000

    async def lines(self):
        rest = b""
        async for piece in self.pieces:
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                yield line.decode()

    def message(self, name, body):
        if name == "change":
            return {"type": name, "event": body, "cursor": self.last_id}
        if name == "reset":
            assert body["cursor"] == self.last_id
        return {**body, "type": name}


async def open_stream(connection, path, **headers):
    status, headers = await connection.begin("GET", path, {
        "Accept": "text/event-stream", **{k.replace("_", "-"): v for k, v in headers.items() if v}})
    if status != 200 or not headers["content-type"].startswith("text/event-stream"):
        raise Refused(status)
    return EventStream(connection.pieces(status, headers))


async def sse(place, after, haste=1, until=None):
    """As a page reads it with fetch: every connection names its cursor in the URL."""
    connection = place.connection()
    try:
        yield opening(after)
        stream = await open_stream(connection, place.path(after=after, until=until))
        async for message in stream.messages():
            yield message
    finally:
        connection.close()


async def eventsource(place, after, haste=1, until=None):
    """As a browser's own EventSource reads it: the URL never changes, only Last-Event-ID does; it
    comes back by itself after `retry`, stops at 204, and dies of any other answer."""
    last_id, retry = "", 3
    while True:
        connection = place.connection()
        stream = None
        try:
            yield opening(last_id or after)
            stream = await open_stream(
                connection, place.path(after=after, until=until), Last_Event_ID=last_id)
            async for message in stream.messages():
                yield message
                last_id = stream.last_id or last_id
        except Refused as refusal:
            if refusal.status != 204:
                raise
            return
        except BROKEN:
            pass
        finally:
            connection.close()
        if stream:
            retry = stream.retry or retry
        yield {"type": "returning", "after": retry}
        await asyncio.sleep(retry / haste)


async def websocket(place, after, haste=1, until=None, **options):
    yield opening(after)
    url = f"{'wss' if place.tls else 'ws'}://{place.host}:{place.port}{place.path(after=after, until=until)}"
    options = {"subprotocols": ["revela.v1"], "max_size": None, "ping_interval": None,
               "ssl": place.tls or None} | options
    try:
        async with websockets.connect(url, proxy=None, compression=None, **options) as socket:
            async for text in socket:
                yield json.loads(text)
    except websockets.InvalidStatus as refusal:
        raise Refused(refusal.response.status_code, refusal.response.body or b"") from None


TRANSPORTS = {
    "fixed": fixed, "long": long, "eventsource": eventsource, "sse": sse, "websocket": websocket}


# Somebody who follows


class Follower:
    """A client as the page is one: comes back from its last cursor after any failure, and switches
    transports in mid-batch, opening the new one before it closes the old."""

    def __init__(self, place, transport, after=None, *, document=None, haste=1, patience=None,
                 pause=0.05, dice=random, transports=TRANSPORTS):
        self.place, self.transport = place, transport
        self.transports = transports
        self.ledger = Ledger(after, document)
        self.haste, self.patience, self.pause, self.dice = haste, patience, pause, dice
        self.openings = self.switches = 0
        self.end = None  # what ended it for good
        self.heard = []  # (time, message)
        self._tasks = {}
        self._current = self._candidate = None
        self.carrier = None  # the transport that is current
        self._moved = asyncio.Event()

    async def __aenter__(self):
        self._open()
        return self

    async def __aexit__(self, *_):
        self.end = self.end or "left"
        await self._drop(list(self._tasks))

    def switch(self, transport):
        self.transport = transport
        self.switches += 1
        if self.end is None:
            self._open()

    async def until(self, condition, timeout=120):
        try:
            async with asyncio.timeout(timeout):
                while not condition(self):
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            raise AssertionError(
                f"{self.transport} stands at {self.ledger.cursor} ({self.openings} openings, "
                f"end {self.end}); {self.ledger.faults[:3]}") from None

    async def reach(self, seq, timeout=120):
        await self.until(lambda it: it.ledger.seq == seq, timeout)

    def _open(self):
        if self._candidate is not None:
            self._close(self._candidate)
        self.openings += 1
        self._candidate = self.openings
        self._tasks[self.openings] = asyncio.create_task(
            self._read(self.openings, self.transport, self.ledger.cursor))

    def _close(self, number):
        if task := self._tasks.get(number):
            task.cancel()

    async def _drop(self, numbers):
        tasks = [self._tasks[number] for number in numbers]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, number, transport, after):
        reader = Reader(transport)
        try:
            messages = self.transports[transport](self.place, after, haste=self.haste)
            async with contextlib.aclosing(messages):
                while True:
                    async with asyncio.timeout(self.patience):
                        message = await anext(messages)
                    self._take(number, reader, message)
        except StopAsyncIteration:
            pass
        except Refused as refusal:
            if refusal.is_final:
                self._finish(refusal.status)
        except BROKEN:
            pass
        finally:
            del self._tasks[number]
        await self._closed(number)

    def _take(self, number, reader, message):
        if message["type"] in ("opening", "returning"):
            return self.ledger.take(reader, message)
        if number == self._candidate:
            if self._current is not None:
                self._close(self._current)
            self._current, self._candidate = number, None
            self.carrier = reader.transport
        if number != self._current:
            return
        self.heard.append((asyncio.get_running_loop().time(), message["type"]))
        self.ledger.take(reader, message)
        if message["type"] == "end" and message["reason"] in ("deleted", "settled"):
            self._finish(message["reason"])
        self._moved.set()

    async def _closed(self, number):
        if number == self._current:
            self._current = None
        elif number == self._candidate:
            self._candidate = None
        else:
            return
        if self._candidate is None and self.end is None:
            # Counted as one of ours, so that leaving ends the waiting, too.
            self._tasks[-number] = asyncio.create_task(self._return(-number))

    async def _return(self, number):
        try:
            await asyncio.sleep(self.dice.random() * self.pause)
        finally:
            del self._tasks[number]
        late = self._current is None or self.carrier != self.transport
        if late and self._candidate is None and self.end is None:
            self._open()

    def _finish(self, why):
        self.end = why
        self._moved.set()


# Somebody whose photos they are


class Owner:
    """Makes events and live values without developing anything: photos are announced, sent in
    part, cancelled and removed. A server that is down is simply asked again later."""

    def __init__(self, batch, dice=random):
        self.batch, self.dice = batch, dice
        self.open, self.final = [], []  # (image, upload)
        self._connection = Connection(batch.server.port)

    async def step(self):
        choices = [self.announce, self.send, self.cancel, self.remove]
        action = self.dice.choices(choices, [5, 2, 3, 1])[0]
        try:
            await action()
        except BROKEN:
            self._connection.close()
            await asyncio.sleep(0.1)

    async def steps(self, count):
        for _ in range(count):
            await self.step()

    async def announce(self):
        status, headers, _ = await self._ask("POST", f"{self.batch.path}/images", {
            "Upload-Length": 100_000, "Upload-Metadata": "filename YS5qcGc="})
        if status == 201:
            image = headers["link"].partition(">")[0].rpartition("/")[2]
            self.open.append((image, headers["location"]))

    async def send(self):
        if not self.open:
            return
        _, upload = self.dice.choice(self.open)
        _, headers, _ = await self._ask("HEAD", upload)
        if "upload-offset" in headers and int(headers["upload-offset"]) < 90_000:
            await self._ask("PATCH", upload, {
                "Upload-Offset": headers["upload-offset"],
                "Content-Type": "application/offset+octet-stream"}, b"\xff\xd8" + bytes(2_000))

    async def cancel(self):
        if self.open:
            photo = self.open.pop(self.dice.randrange(len(self.open)))
            self.final.append(photo)
            await self._ask("DELETE", f"{self.batch.path}/images/{photo[0]}")

    async def remove(self):
        if self.final:
            image, _ = self.final.pop(self.dice.randrange(len(self.final)))
            await self._ask("DELETE", f"{self.batch.path}/images/{image}")

    async def _ask(self, method, path, headers=None, body=b""):
        return await self._connection.ask(
            method, path, {**self.batch.headers, "Tus-Resumable": "1.0.0", **(headers or {})}, body)

    def close(self):
        self._connection.close()
