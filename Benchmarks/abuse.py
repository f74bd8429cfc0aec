"""What a stranger's cheap requests cost everybody else: each kind of them in turn, and beside it the
health of the server and an honest upload. `scripts/bench abuse[.NAME]`.

A request's CPU is the server's own beyond what it uses at rest, divided by the requests that were
made; delays are of the two honest clients, each on a connection of its own, one request after
another."""

import base64
import contextlib
import http.client
import os
import socket
import threading
import time
import urllib.parse

import measure
from servers import PORT, Revela, running

SECONDS = float(os.environ.get("REVELA_BENCH_ABUSE_SECONDS", "6"))
PHOTOS = int(os.environ.get("REVELA_BENCH_ABUSE_PHOTOS", "5000"))
GOAL_MS = 50
UPGRADE = ("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")


class Stage:
    """A server with one batch of many photos, and its honest clients."""

    def __init__(self, revela):
        self.revela = revela
        self.server = revela.server
        self.port = revela.port
        self.batch = revela.batch

    def fill(self, count):
        """Photos that are announced and not sent: a document of their size."""
        name = base64.b64encode(b"a-photo-with-a-usual-name.jpg").decode()
        links = [http.client.HTTPConnection("127.0.0.1", self.port) for _ in range(8)]

        def announce(link, number):
            for _ in range(number):
                link.request("POST", f"{self.batch.path}/images", headers={
                    **self.batch.headers, "Tus-Resumable": "1.0.0", "Upload-Length": "1000",
                    "Upload-Metadata": f"filename {name}"})
                link.getresponse().read()

        _together([(announce, link, count // len(links)) for link in links])

    def health(self):
        return self._on_one_connection(lambda link: _status(link, "GET", "/healthz"))

    def upload(self):
        """A small honest upload, to its answer; it is no photo, so that no worker has a part."""
        batch = self.server.new_batch()

        def ask(link):
            return _status(link, "POST", f"{batch.path}/images", bytes(64 << 10), {
                **batch.headers, "Content-Type": "image/jpeg"})

        return self._on_one_connection(ask)

    def _on_one_connection(self, ask):
        kept = []

        def one():
            if not kept:
                kept.append(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60))
            try:
                return ask(kept[0])
            except (OSError, http.client.HTTPException):
                kept.pop().close()
                raise OSError from None

        return one

    def connect(self, receive=None):
        link = socket.socket()
        if receive:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        link.connect(("127.0.0.1", self.port))
        link.settimeout(60)
        return link


def _status(link, method, path, body=None, headers=None):
    link.request(method, path, body, headers or {})
    answer = link.getresponse()
    answer.read()
    # Some refusals are the right answer to this body; what counts is when it comes.
    return answer.status if answer.status in (429, 500, 503, 507) else 200


def _together(calls):
    threads = [threading.Thread(target=call[0], args=call[1:], daemon=True) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# The attacks: each yields once it is under way, and counts its requests.


def repeat(stage, clients, once):
    """`clients` at once, each asking `once(link)` again and again on a connection."""
    over = threading.Event()
    counts = [0] * clients

    def ask(number):
        link = stage.connect()
        while not over.is_set():
            try:
                once(link)
                counts[number] += 1
            except OSError:
                link.close()
                # Refused once the server stops, which it does after `over`.
                with contextlib.suppress(OSError):
                    link = stage.connect()
        link.close()

    threads = [threading.Thread(target=ask, args=(number,), daemon=True) for number in range(clients)]
    for thread in threads:
        thread.start()
    return over, lambda: sum(counts)


def exchange(link, text):
    link.sendall(text)
    head = b""
    while b"\r\n\r\n" not in head:
        piece = link.recv(1 << 16)
        if not piece:
            raise OSError
        head += piece
    fields, body = head.split(b"\r\n\r\n", 1)
    for line in fields.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            missing = int(line.split(b":")[1]) - len(body)
            while missing > 0:
                piece = link.recv(1 << 16)
                if not piece:
                    raise OSError
                missing -= len(piece)
    if b"connection: close" in fields.lower():
        raise OSError


def post(path, body, fields=""):
    return (f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{fields}\r\n".encode()
            + body)


def recipe_brackets(stage):
    body = b'{"recipe":' + b"[" * 16_000
    return repeat(stage, 4, lambda link: exchange(link, post("/api/batches", body)))


def recipe_flat(stage):
    body = b'{"recipe":[' + b"1," * 7_900 + b"1]}"
    return repeat(stage, 4, lambda link: exchange(link, post("/api/batches", body)))


def commands(stage):
    """Sockets that say as much as a message may hold, as fast as it is taken."""
    def frame(text):
        return bytes([0x81, 0x80 | 126]) + len(text).to_bytes(2, "big") + bytes(4) + text

    texts = [frame(b'{"id":1,"ping":' + b"[" * 900), frame(b'{"id":1,' + b'"a":1,' * 160 + b'"ping":0}'),
             frame(b"{" * 16_000)]

    def once(link):
        link.sendall(f"GET {stage.batch.path}/events HTTP/1.1\r\nHost: x\r\n{UPGRADE}\r\n".encode())
        text = texts[once.turn % len(texts)]
        once.turn += 1
        for _ in range(100):
            link.sendall(text)
        link.settimeout(0.2)
        with contextlib.suppress(OSError):
            while link.recv(1 << 20):
                pass
        raise OSError

    once.turn = 0
    over, _ = repeat(stage, 4, once)
    return over, lambda: 100 * once.turn


def part_header(stage):
    """Forms whose part headers come in small pieces, 24 KiB a second over two connections."""
    over = threading.Event()
    pieces = [0]

    def trickle():
        while not over.is_set():
            link = stage.connect()
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with contextlib.suppress(OSError):
                link.sendall(
                    (f"POST {stage.batch.path}/images HTTP/1.1\r\nHost: x\r\n"
                     f"Authorization: Bearer {stage.batch.token}\r\nContent-Length: 10000000\r\n"
                     "Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n").encode())
                for _ in range(1_200):
                    if over.is_set():
                        break
                    link.sendall(b"A-name: 12345" if pieces[0] % 2 else b"\r\n")
                    pieces[0] += 1
                    time.sleep(0.001)
            link.close()

    for _ in range(2):
        threading.Thread(target=trickle, daemon=True).start()
    return over, lambda: pieces[0]


def plain_page(stage):
    text = f"GET /batches/{stage.batch.name}?plain HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    return repeat(stage, 4, lambda link: exchange(link, text))


def archive(stage):
    """Each on a connection of its own, which it leaves with the head."""
    text = f"GET {stage.batch.path}/archive.zip HTTP/1.1\r\nHost: x\r\n\r\n".encode()

    def once(link):
        link.sendall(text)
        once.count += 1
        link.recv(1 << 16)
        raise OSError

    once.count = 0
    over, _ = repeat(stage, 4, once)
    return over, lambda: once.count


def unread(stage, accept):
    """Two hundred who ask for the large document and read none of it."""
    over = threading.Event()
    links = []

    def ask():
        for _ in range(200):
            link = stage.connect(4_096)
            link.sendall((f"GET {stage.batch.path}/events HTTP/1.1\r\nHost: x\r\n"
                          f"Accept: {accept}\r\n\r\n").encode())
            links.append(link)
        over.wait()
        for link in links:
            link.close()

    threading.Thread(target=ask, daemon=True).start()
    return over, lambda: len(links)


def unread_streams(stage):
    return unread(stage, "text/event-stream")


def unread_polls(stage):
    return unread(stage, "application/json")


def creations(stage):
    """Reservations of 200 MiB without a byte."""
    text = post(f"{stage.batch.path}/images", b"", f"Authorization: Bearer {stage.batch.token}\r\n"
                "Tus-Resumable: 1.0.0\r\nUpload-Length: 209715200\r\n")
    over = threading.Event()
    made = [0]

    def ask():
        with contextlib.suppress(OSError):
            link = stage.connect()
            for _ in range(17):
                exchange(link, text)
                made[0] += 1
        over.wait()

    threading.Thread(target=ask, daemon=True).start()
    return over, lambda: made[0]


def senders(stage):
    """As many uploads as may send at once, each of which trickles."""
    over = threading.Event()
    sent = [0]

    def ask():
        links = []
        for _ in range(512):
            link = stage.connect()
            link.sendall(
                (f"POST {stage.batch.path}/images HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\n"
                 f"Authorization: Bearer {stage.batch.token}\r\nContent-Length: 1000000\r\n\r\n").encode())
            links.append(link)
        while not over.wait(1):
            for link in links:
                with contextlib.suppress(OSError):
                    link.sendall(bytes(160))
                    sent[0] += 1
        for link in links:
            link.close()

    threading.Thread(target=ask, daemon=True).start()
    # Nobody is judged before five seconds have passed.
    time.sleep(8)
    return over, lambda: sent[0]


def same_parts(stage):
    """A final upload that names two small parts more than a thousand times."""
    names = []
    for _ in range(2):
        status, headers, _ = stage.server.request(
            "POST", f"{stage.batch.path}/images", bytes(130_000), {
                **stage.batch.headers, "Tus-Resumable": "1.0.0", "Upload-Concat": "partial",
                "Upload-Length": "130000", "Content-Type": "application/offset+octet-stream"})
        assert status == 201, status
        names.append(urllib.parse.urlsplit(headers["Location"]).path.rsplit("/", 1)[1])
    urls = " ".join(names[number % 2] for number in range(1_450))
    text = post(f"{stage.batch.path}/images", b"", f"Authorization: Bearer {stage.batch.token}\r\n"
                f"Tus-Resumable: 1.0.0\r\nUpload-Concat: final;{urls}\r\n")
    return repeat(stage, 2, lambda link: exchange(link, text))


def metadata(stage):
    """Creations with as much metadata as a request's head holds."""
    text = post(f"{stage.batch.path}/images", b"", f"Authorization: Bearer {stage.batch.token}\r\n"
                f"Tus-Resumable: 1.0.0\r\nUpload-Length: 10\r\nUpload-Metadata: a {'A' * 60_000}\r\n")
    return repeat(stage, 2, lambda link: exchange(link, text))


ATTACKS = {
    "part-header": part_header, "recipe-brackets": recipe_brackets, "recipe-flat": recipe_flat,
    "commands": commands, "plain-page": plain_page, "archive": archive,
    "unread-streams": unread_streams, "unread-polls": unread_polls, "creations": creations,
    "senders": senders, "same-parts": same_parts, "metadata": metadata,
}


def watched(stage, attack=None):
    """One attack, or none, with the two honest clients beside it."""
    honest = [measure.Asker(stage.health(), 0.01), measure.Asker(stage.upload(), 0.05)]
    measure.forget_peak(stage.revela.pid)
    resident = stage.revela.resident()
    over, count = attack(stage) if attack else (threading.Event(), lambda: 0)
    for one in honest:
        one.start()
    cpu, began, before = stage.revela.cpu(), time.monotonic(), 0 if attack is None else count()
    time.sleep(SECONDS)
    delays = [one.finish() for one in honest]
    seconds = time.monotonic() - began
    result = {
        "cpu": (stage.revela.cpu() - cpu) / seconds, "requests": count() - before, "seconds": seconds,
        "health": measure.percentile(delays[0], 0.99), "upload": measure.percentile(delays[1], 0.99),
        "refused": sum(one.refused for one in honest),
        "grown": measure.peak(stage.revela.pid) - resident,
    }
    over.set()
    return result


def run(part):
    report = measure.Report("abuse")
    wanted = [part] if part else list(ATTACKS)
    idle = None
    for name in wanted:
        with running(Revela(PORT)) as revela:
            stage = Stage(revela)
            stage.fill(PHOTOS)
            if idle is None:
                idle = watched(stage)
                report.row("at rest", _line(idle), detail=idle)
            result = watched(stage, ATTACKS[name])
            cost = max(0, result["cpu"] - idle["cpu"]) * result["seconds"]
            each = f"{cost / result['requests'] * 1000:.2f} ms a request" if result["requests"] else ""
            report.row(name, ", ".join(filter(None, [each, _line(result)])),
                       goal=f"p99 below {GOAL_MS} ms", detail=result)


def _line(result):
    return (f"CPU {result['cpu'] * 100:.0f} %, p99 of /healthz {result['health']:.1f} ms, "
            f"of an upload {result['upload']:.1f} ms, {result['refused']} refused, "
            f"grown {measure.mib(max(0, result['grown']))}")
