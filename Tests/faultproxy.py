"""A TCP proxy that breaks what it carries, for tests of what must survive that.

    with FaultProxy(server.port, plan=lambda number, dice: Faults(up=Break("reset", 5000))) as proxy:
        …requests to proxy.port or proxy.url…
    proxy.assert_nothing_acknowledged_was_sent_again()

What happens to a connection is decided when it comes, by its number and by dice of its own that
depend on the proxy's seed alone. On the way the proxy reads HTTP/1.1 along: it knows which request
sent which bytes of which upload, and which offsets have reached the client. What follows an
upgrade (a WebSocket) is carried and not read.
"""

import contextlib
import dataclasses
import random
import socket
import struct
import threading
import time
import urllib.parse
from collections.abc import Callable

PIECE = 16 << 10
CRAWL = 4_000  # bytes a second


@dataclasses.dataclass
class Break:
    """Ends one direction of a connection once it has carried `after` bytes.

    `reset`: both ends get RST. `close`: both get FIN. `mute`: both stay open and nothing passes
    any more in either direction, as with a network that went away; the server sees no end either.
    """
    kind: str
    after: int = 0


@dataclasses.dataclass
class Swallow:
    """Ends a connection, as `kind` says, when the answer comes to a request for which `which` holds:
    of the answer `after` bytes pass, usually none."""
    kind: str
    which: Callable
    after: int = 0


def first_of_each(path_end="", times=1):
    """For `Swallow`: of the POSTs to such paths the first with each key; `seen` counts them by it."""
    lock = threading.Lock()

    def which(request):
        if request.method != "POST" or not request.path.endswith(path_end):
            return False
        key = request.headers.get("idempotency-key")
        with lock:
            which.seen[key] = which.seen.get(key, 0) + 1
            return which.seen[key] <= times

    which.seen = {}
    return which


@dataclasses.dataclass
class Faults:
    """What happens to one connection: nothing, unless said."""
    swallow: Swallow | None = None
    up: Break | None = None
    down: Break | None = None
    delay: float = 0  # seconds before each piece, both ways
    rate: float | None = None  # bytes a second, each way
    # An append that goes on from an offset does so at a crawl once it has sent so many bytes: it
    # stays in the middle for as long as somebody needs to look.
    crawl: int | None = None
    # Sends the connection's first request to the server once more, on a connection of its own
    # whose answer nobody sees: "during" it as soon as it is whole, or "after" its answer.
    duplicate: str | None = None

    def lift(self):
        """Nothing is slow any more."""
        self.delay, self.rate, self.crawl = 0, None, None


@dataclasses.dataclass
class Request:
    """One request as it passed, `sent` counting the bytes of its content."""
    connection: int
    method: str
    path: str
    headers: dict
    sent: int = 0
    status: int | None = None
    # An upload's own path and the position of the first byte, for a request that appends.
    upload: str | None = None
    offset: int | None = None
    # What the client had been told before the request began; None: nothing yet.
    acknowledged: int | None = None
    raw: bytearray | None = None

    @property
    def range(self):
        return range(self.offset, self.offset + self.sent)


class FaultProxy:
    def __init__(self, server_port, plan=None, seed=0, port=0):
        self.server_port = server_port
        self.plan = plan or (lambda number, dice: Faults())
        self.seed = seed
        self.requests = []
        self.acknowledged = {}  # by the upload's path: the highest offset that reached the client
        self.connections = 0
        self._lock = threading.Lock()
        self._links = set()
        self._online = True
        self._listener = socket.create_server(("127.0.0.1", port), backlog=256)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut("close")

    # Faults that hit all connections at once

    def cut(self, kind="reset"):
        """Breaks every connection there is: "reset", "close" or "mute"."""
        with self._lock:
            links = list(self._links)
        for link in links:
            link.end(kind)

    @contextlib.contextmanager
    def offline(self, kind="reset"):
        """No connection survives, and none comes about, while the block runs."""
        self._online = False
        self.cut(kind)
        try:
            yield
        finally:
            self._online = True

    # What passed

    def appends(self, upload=None):
        """Requests that sent bytes to an upload, in the order in which they began."""
        with self._lock:
            return [r for r in self.requests if r.offset is not None and r.sent
                    and upload in (None, r.upload)]

    def bytes_by_path(self):
        """How many bytes of content went to each path."""
        totals = {}
        with self._lock:
            for request in self.requests:
                totals[request.path] = totals.get(request.path, 0) + request.sent
        return totals

    def assert_nothing_acknowledged_was_sent_again(self):
        """No request began to send below what its client had been told is there."""
        for request in self.appends():
            assert request.acknowledged is None or request.offset >= request.acknowledged, (
                f"{request.method} {request.path} sent from {request.offset}; "
                f"{request.acknowledged} was acknowledged")

    # The inside

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            number = self.connections
            self.connections += 1
            if not self._online:
                _reset(client)
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self.server_port), timeout=10)
            except OSError:
                _reset(client)
                continue
            server.settimeout(None)
            faults = self.plan(number, random.Random(f"{self.seed}/{number}"))
            _Link(self, number, faults, client, server).start()

    def _began(self, request):
        with self._lock:
            self.requests.append(request)
            offset = request.headers.get("upload-offset")
            if request.path.startswith("/api/uploads/") and offset and offset.isdigit():
                request.upload, request.offset = request.path, int(offset)
                request.acknowledged = self.acknowledged.get(request.upload)

    def _answered(self, request, status, headers):
        """Called for the whole head of an answer, interim ones too, on its way to the client."""
        with self._lock:
            if status >= 200:
                request.status = status
            location = urllib.parse.urlsplit(headers.get("location", "")).path
            upload = location if location.startswith("/api/uploads/") else request.path
            if location == upload and request.upload is None:
                request.upload, request.offset = upload, 0
            offset = headers.get("upload-offset", "")
            if offset.isdigit() and upload.startswith("/api/uploads/"):
                self.acknowledged[upload] = max(self.acknowledged.get(upload, 0), int(offset))

    def _replay(self, raw):
        with contextlib.suppress(OSError):
            with socket.create_connection(("127.0.0.1", self.server_port), timeout=10) as again:
                again.sendall(raw)
                while again.recv(PIECE):
                    pass


class _Link:
    """One client's connection and the one to the server that belongs to it."""

    def __init__(self, proxy, number, faults, client, server):
        self.proxy, self.number, self.faults = proxy, number, faults
        self.client, self.server = client, server
        self.pending = []  # requests without their final answer, oldest first
        self.is_muted = False
        self.is_ended = False
        self.first = self.newest = self.answered = None
        self._halves = 2
        self._lock = threading.Lock()
        with proxy._lock:
            proxy._links.add(self)

    def start(self):
        for work in (self._up, self._down):
            threading.Thread(target=work, daemon=True).start()

    def end(self, kind):
        if kind == "mute":
            self.is_muted = True
            return
        with self._lock:
            self.is_ended = True
        with self.proxy._lock:
            self.proxy._links.discard(self)
        for end in (self.client, self.server):
            if kind == "reset":
                _reset(end)
            else:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

    def _up(self):
        reader = _Reader(self._request_head, self._request_bytes, self._request_end)
        self._carry(self.client, self.server, self.faults.up, reader)

    def _down(self):
        reader = _Reader(self._answer_head, lambda count: None, self._answer_end)
        self._carry(self.server, self.client, self.faults.down, reader)

    def _carry(self, source, target, fault, reader):
        carried = 0
        try:
            while piece := source.recv(self._most(source)):
                rate = self._rate(source)
                if self.faults.delay:
                    time.sleep(self.faults.delay)
                if rate:
                    time.sleep(len(piece) / rate)
                if self.is_muted:
                    continue
                if source is self.server and self._swallows():
                    target.sendall(piece[:self.faults.swallow.after])
                    self.end(self.faults.swallow.kind)
                    continue
                if fault:
                    piece = piece[: max(0, fault.after - carried)]
                reader.feed(piece)
                target.sendall(piece)
                carried += len(piece)
                if fault and carried >= fault.after:
                    self.end(fault.kind)
                    if fault.kind != "mute":
                        return
        except OSError:
            if not self.is_muted:
                self.end("reset")
            return
        if not self.is_muted:
            self._finish(target)

    def _swallows(self):
        swallow = self.faults.swallow
        return swallow and self.pending and swallow.which(self.pending[0])

    def _rate(self, source):
        crawl, request = self.faults.crawl, self.newest
        if crawl is not None and source is self.client and request and request.offset \
                and request.sent >= crawl:
            return CRAWL
        return self.faults.rate

    def _most(self, source):
        """Bytes in one go: all that is there, or at a rate, which may change, what it lets pass soon."""
        rate = self._rate(source)
        return PIECE if rate is None else max(1, min(PIECE, int(rate / 20)))

    def _finish(self, target):
        """One side has said its last; the other may still speak."""
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)
        with self._lock:
            self._halves -= 1
            over = self._halves == 0 and not self.is_ended
        if over:
            self.end("close")

    # Reading along

    def _request_head(self, line, headers):
        method, path, _ = line.split(" ", 2)
        request = Request(self.number, method, urllib.parse.urlsplit(path).path, headers)
        if self.first is None:
            self.first = request
            if self.faults.duplicate:
                request.raw = bytearray()
        self.proxy._began(request)
        self.pending.append(request)
        self.newest = request
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return "chunked"
        return int(headers.get("content-length", 0))

    def _request_bytes(self, count):
        self.newest.sent += count

    def _request_end(self, raw):
        request = self.newest
        if request.raw is not None:
            request.raw = raw
            if self.faults.duplicate == "during":
                self._duplicate(raw)

    def _answer_head(self, line, headers):
        status = int(line.split(" ", 2)[1])
        request = self.pending[0] if self.pending else None
        if request is None:
            return "raw"
        self.proxy._answered(request, status, headers)
        if status == 101:
            return "raw"
        if status < 200:
            return 0
        self.pending.pop(0)
        self.answered = request
        if request.method == "HEAD" or status in (204, 304):
            return 0
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return "chunked"
        length = headers.get("content-length")
        return "raw" if length is None else int(length)

    def _answer_end(self, raw):
        request, self.answered = self.answered, None
        if self.faults.duplicate == "after" and request and request is self.first:
            self._duplicate(request.raw)

    def _duplicate(self, raw):
        threading.Thread(target=self.proxy._replay, args=(bytes(raw),), daemon=True).start()


class _Reader:
    """Follows one direction of an HTTP/1.1 connection without changing it.

    `on_head(first_line, headers)` says how long the content is: a number of bytes, "chunked", or
    "raw" for all that is still to come. `on_end` gets all bytes of the message.
    """

    def __init__(self, on_head, on_content, on_end):
        self.on_head, self.on_content, self.on_end = on_head, on_content, on_end
        self.buffer = b""
        self.state = "head"
        self.missing = 0
        self.raw = bytearray()

    def feed(self, piece):
        if self.state == "raw":
            return
        self.buffer += piece
        while self.state != "raw" and getattr(self, "_" + self.state)():
            pass

    def _take(self, count):
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        if len(self.raw) < 8 << 20:
            self.raw += taken
        return taken

    def _line(self, end=b"\r\n"):
        at = self.buffer.find(end)
        return None if at < 0 else self._take(at + len(end))

    def _head(self):
        head = self._line(b"\r\n\r\n")
        if head is None:
            return False
        first, *fields = head.decode("latin-1").strip().split("\r\n")
        headers = {}
        for field in fields:
            name, _, value = field.partition(":")
            headers[name.strip().lower()] = value.strip()
        length = self.on_head(first, headers)
        if length == "raw":
            self.state, self.buffer = "raw", b""
        elif length == "chunked":
            self.state = "size"
        else:
            self._expect(length, "content")
        return True

    def _expect(self, count, state):
        self.missing, self.state = count, state
        if count == 0:
            self._over()

    def _over(self):
        self.state = "head"
        raw, self.raw = self.raw, bytearray()
        self.on_end(raw)

    def _content(self):
        taken = self._take(min(self.missing, len(self.buffer)))
        if not taken:
            return False
        self.on_content(len(taken))
        self.missing -= len(taken)
        if self.missing == 0:
            self._over()
        return True

    def _size(self):
        line = self._line()
        if line is None:
            return False
        self.missing = int(line.split(b";")[0], 16)
        self.state = "chunk" if self.missing else "trailer"
        return True

    def _chunk(self):
        taken = self._take(min(self.missing, len(self.buffer)))
        if not taken:
            return False
        self.on_content(len(taken))
        self.missing -= len(taken)
        if self.missing == 0:
            self.state = "newline"
        return True

    def _newline(self):
        if len(self.buffer) < 2:
            return False
        self._take(2)
        self.state = "size"
        return True

    def _trailer(self):
        line = self._line()
        if line is None:
            return False
        if line == b"\r\n":
            self._over()
        return True


def _reset(end):
    """Closes so that the other side gets RST and not FIN."""
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # A thread that reads from it wakes up; closing alone would leave it asleep.
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RD)
    with contextlib.suppress(OSError):
        end.close()
