"""Every kind of answer, read by httplint, which knows what HTTP's specifications ask of one."""

import json
import socket
import time

import pytest
from httplint.message import HttpRequestLinter, HttpResponseLinter
from httplint.note import levels

import harness
from tus import metadata

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}
PARTIAL = {"Content-Type": "application/partial-upload"}
SOCKET = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
          "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
STREAM = {"Accept": "text/event-stream"}

# What it says that stays so, and why.
ANSWERED = {
    "STATUS_BAD_REQUEST": "These requests are wrong.",
    "STORE_PUBLIC_UNNECESSARY": "It is where the request brings a token: whoever knows the URL may read.",
    "REQUEST_HDR_IN_RESPONSE": "RFC 9110, section 12.5.3, has Accept-Encoding in an answer of 415.",
    "STATUS_412_WITHOUT_PRECONDITION": "tus has it for a version that is not spoken.",
    "CREATED_WITHOUT_LOCATION": "A form makes many images; their URLs are in the content.",
    "FRESHNESS_NO_CACHE_NO_VALIDATOR": "An event stream is never asked for again as it was.",
}


class Exchange:
    def __init__(self, port, method, path, headers=None, body=b"", is_whole=True):
        fields = {"Host": f"127.0.0.1:{port}", **(headers or {})}
        if body or method in ("POST", "PATCH"):
            fields.setdefault("Content-Length", str(len(body)))
        self.method, self.path, self.fields = method, path, fields
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        with socket.create_connection(("127.0.0.1", port), timeout=60) as link:
            link.sendall(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
            self.read(link, is_whole)

    def read(self, link, is_whole):
        stream = link.makefile("rb")
        self.interim = []
        while True:
            _, status, phrase = (stream.readline().strip().split(b" ", 2) + [b""])[:3]
            self.status, self.phrase, self.headers = int(status), phrase, []
            while line := stream.readline().strip():
                name, _, value = line.partition(b":")
                self.headers.append((name, value.strip()))
            if self.status == 101 or self.status >= 200:
                break
            self.interim.append(self.status)
        self.content = self.content_of(stream) if is_whole else b""

    def content_of(self, stream):
        if self.method == "HEAD" or self.status in (101, 204, 304):
            return b""
        if length := self.header("content-length"):
            return stream.read(int(length))
        content = b""
        while size := int(stream.readline(), 16):
            content += stream.read(size)
            stream.readline()
        return content

    def header(self, name):
        found = [value for key, value in self.headers if key.lower() == name.encode()]
        return b", ".join(found).decode() if found else None

    def notes(self):
        """What is bad or doubtful in it, as pairs of a name and a sentence."""
        request = HttpRequestLinter()
        request.process_request_topline(self.method.encode(), self.uri.encode(), b"1.1")
        request.process_headers([(k.encode(), str(v).encode()) for k, v in self.fields.items()])
        request.finish_content(True)
        response = HttpResponseLinter(start_time=time.time())
        response.request = request
        response.is_head_response = self.method == "HEAD"
        response.process_response_topline(b"1.1", str(self.status).encode(), self.phrase)
        response.process_headers(self.headers)
        if self.content:
            response.feed_content(self.content)
        response.finish_content(True)
        return {(type(note).__name__, str(note.summary)) for note in response.notes
                if note.level in (levels.BAD, levels.WARN)}

    @property
    def uri(self):
        return f"http://{self.fields['Host']}{self.path}"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A server, and in its batch a photo that is ready, one that is not whole, and one that is
    refused."""
    server = harness.Server(tmp_path_factory.mktemp("httplint") / "data", "--trusted-proxy", "127.0.0.1")
    server.start()
    batch = server.new_batch()
    _, image = batch.send(harness.PHOTOS[0].read_bytes(), "a.jpg")
    batch.send(b"no photo", "b.jpg")
    batch.settle()
    yield server, batch, f"{batch.path}/images/{image['id']}"
    server.stop()


def exchanges(server, batch, image):
    """One of each kind, by what it is about."""
    def ask(method, path, headers=None, body=b"", **more):
        return Exchange(server.port, method, path, {**batch.headers, **(headers or {})}, body, **more)

    yield from files(ask, server, batch, image)
    yield from documents(ask, server, batch, image)
    yield from uploads(ask, batch)
    yield from events(ask, batch)


def files(ask, server, batch, image):
    page = ask("GET", "/")
    script = page.content.decode().split('modulepreload" href="')[1].split('"')[0]
    rendition = next(iter(batch.images()[image.rpartition("/")[2]]["renditions"].values()))["url"]
    for name, path in [("page", "/"), ("script", script), ("rendition", rendition),
                       ("original", f"{image}/original")]:
        whole = ask("GET", path)
        tag = whole.header("etag")
        yield f"{name}", whole
        yield f"{name}, head", ask("HEAD", path, {"Range": "bytes=0-3"})
        yield f"{name}, as gzip", ask("GET", path, {"Accept-Encoding": "gzip"})
        yield f"{name}, known", ask("GET", path, {"If-None-Match": tag})
        yield f"{name}, a part", ask("GET", path, {"Range": "bytes=0-3"})
        yield f"{name}, too far", ask("GET", path, {"Range": "bytes=999999999-"})
        yield f"{name}, another", ask("GET", path, {"If-Match": '"other"'})
    yield "archive", ask("GET", f"{batch.path}/archive.zip")
    yield "archive, head", ask("HEAD", f"{batch.path}/archive.zip")
    yield "settings", ask("GET", "/settings.html")
    yield "nothing", ask("GET", "/nothing")


def documents(ask, server, batch, image):
    yield "new batch", ask("POST", "/api/batches", {"Authorization": "Basic bWU6bWU="})
    yield "batch", ask("GET", batch.path)
    yield "batches", ask("GET", "/api/batches?limit=1")
    yield "image", ask("GET", image)
    yield "plain page", ask("GET", f"/batches/{batch.name}?plain")
    for path in ["/api/capabilities", "/healthz", "/readyz", "/metrics"]:
        yield path, ask("GET", path)
    yield "no such batch", ask("GET", "/api/batches/b_00000000000000000000000000")
    yield "another method", ask("PUT", batch.path)
    yield "a token of nobody's", ask("GET", batch.path, {"Authorization": "Bearer nobody"})
    yield "a foreign page", ask("POST", "/api/batches", {"Origin": "https://evil.example",
                                                        "Authorization": "Basic bWU6bWU="})
    yield "too late", ask("POST", f"{image}/retry")
    yield "no JSON", ask("POST", "/api/batches", {"Content-Type": "application/json"}, b"{")
    other = server.new_batch()
    own = {"Authorization": f"Bearer {other.token}"}
    yield "removed", ask("DELETE", other.path, own)
    yield "gone", ask("GET", other.path, own)


def uploads(ask, batch):
    images = f"{batch.path}/images"
    yield "what uploads can do", ask("OPTIONS", "/files")
    made = ask("POST", images, {**TUS, "Upload-Length": "10", **metadata("c.jpg")})
    yield "tus, created", made
    path = "/" + made.header("location").split("/", 3)[3]
    yield "tus, some bytes", ask("PATCH", path, {**BYTES, "Upload-Offset": "0"}, b"0123")
    yield "tus, where it stands", ask("HEAD", path, TUS)
    yield "tus, elsewhere", ask("PATCH", path, {**BYTES, "Upload-Offset": "0"}, b"0123")
    yield "tus, another type", ask("PATCH", path, {**TUS, "Upload-Offset": "4"}, b"4")
    yield "tus, coded", ask("PATCH", path, {**BYTES, "Upload-Offset": "4", "Content-Encoding": "gzip"}, b"4")
    yield "tus, another version", ask("HEAD", path, {"Tus-Resumable": "0.2.2"})
    yield "tus, given up", ask("DELETE", path, TUS)
    yield "tus, gone", ask("HEAD", path, TUS)
    draft = {"Upload-Draft-Interop-Version": "8"}
    made = ask("POST", images, {**draft, "Upload-Complete": "?0", "Upload-Length": "10"}, b"0123")
    yield "draft, begun", made
    path = "/" + made.header("location").split("/", 3)[3]
    yield "draft, where it stands", ask("HEAD", path, draft)
    append = {**draft, **PARTIAL}
    yield "draft, elsewhere", ask("PATCH", path, {**append, "Upload-Offset": "0", "Upload-Complete": "?0"}, b"x")
    yield "draft, more", ask("PATCH", path, {**append, "Upload-Offset": "4", "Upload-Complete": "?0"}, b"45")
    yield "draft, whole", ask("PATCH", path, {**append, "Upload-Offset": "6", "Upload-Complete": "?1"}, b"6789")
    yield "draft, no file", ask("POST", images, {**draft, "Upload-Complete": "?1"})
    form = (b'--x\r\nContent-Disposition: form-data; name="p"; filename="d.jpg"\r\n\r\nno photo\r\n--x--\r\n')
    multipart = {"Content-Type": "multipart/form-data; boundary=x"}
    yield "a form", ask("POST", images, multipart, form)
    yield "a form of the plain page", ask("POST", "/batches", multipart, form)
    yield "a file", ask("POST", images, {"Content-Type": "image/jpeg"}, b"no photo")
    yield "a form that is none", ask("POST", images, multipart, b"--x")
    yield "another kind of content", ask("POST", images, {"Content-Type": "text/plain"}, b"x")


def events(ask, batch):
    path = f"{batch.path}/events"
    poll = ask("GET", path)
    yield "poll", poll
    yield "poll, known", ask("GET", path, {"If-None-Match": poll.header("etag")})
    yield "poll, another", ask("GET", path, {"If-Match": '"other"'})
    yield "poll, head", ask("HEAD", path)
    yield "poll, after", ask("GET", f"{path}?after={json.loads(poll.content)['cursor']}")
    yield "poll, no query", ask("GET", f"{path}?wait=soon")
    yield "events, another method", ask("POST", path)
    yield "stream", ask("GET", path, STREAM, is_whole=False)
    yield "stream, head", ask("HEAD", path, STREAM)
    yield "stream, over", ask("GET", f"{path}?until=settled&after={json.loads(poll.content)['cursor']}", STREAM)
    yield "socket", ask("GET", path, SOCKET)
    yield "socket, another version", ask("GET", path, {**SOCKET, "Sec-WebSocket-Version": "8"})
    yield "socket, no key", ask("GET", path, {**SOCKET, "Sec-WebSocket-Key": "short"})


def test_httplint_finds_nothing_in_any_kind_of_answer_that_is_not_answered_here(place, capsys):
    found, used = [], set()
    for about, exchange in exchanges(*place):
        for note, sentence in sorted(exchange.notes()):
            if note in ANSWERED:
                used.add(note)
            else:
                found.append(f"{about} ({exchange.method} {exchange.status}): {note}: {sentence}")
    assert not found, "\n".join(found)
    assert used == set(ANSWERED), "what is not found any more needs no answer"


def test_every_answer_is_dated_and_a_refusal_is_kept_by_nobody(place):
    for about, exchange in exchanges(*place):
        if exchange.status >= 200:
            assert exchange.header("date"), about
        if exchange.status >= 400:
            assert "max-age" not in (exchange.header("cache-control") or ""), about
        if exchange.status == 304:
            assert not exchange.header("content-type"), about
