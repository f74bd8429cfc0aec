"""Requests of every kind with fields, addresses and bodies that are spoilt: each is answered or
refused, none brings a 5xx, and the server goes on.

REVELA_TEST_ROUNDS sets how many, REVELA_TEST_SEED which ones."""

import base64
import os
import random
import socket

from harness import folded

ROUNDS = int(os.environ.get("REVELA_TEST_ROUNDS", 1_000))
SEED = int(os.environ.get("REVELA_TEST_SEED", random.randrange(1 << 32)))
BATCH_ROUNDS = 250  # requests that one batch gets before it is judged

# Each is right as it stands. The spoiling picks among all fields, known to the request or not.
FIELDS = {
    "Accept": b"text/event-stream",
    "Access-Control-Request-Method": b"PATCH",
    "Authorization": b"Bearer o_00000000000000000000000000",
    "Connection": b"Upgrade",
    "Content-Disposition": b"attachment; filename*=UTF-8''a%20b.jpg; filename=\"a.jpg\"",
    "Content-Encoding": b"gzip",
    "Content-Length": b"10",
    "Content-Type": b"image/jpeg",
    "Cookie": b"revela_owner=o_00000000000000000000000000; theme=dark",
    "Expect": b"100-continue",
    "Forwarded": b"for=\"[2001:db8::1]:80\";proto=https;host=a.example",
    "Host": b"127.0.0.1",
    "Idempotency-Key": b"\"a-key\"",
    "If-Match": b"\"a\", W/\"b\"",
    "If-None-Match": b"\"a\", *",
    "If-Range": b"\"a\"",
    "Last-Event-ID": b"1.2",
    "Origin": b"http://127.0.0.1",
    "Prefer": b"wait=1, respond-async",
    "Range": b"bytes=0-10, -5",
    "Sec-WebSocket-Key": b"dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol": b"revela, token.o_00000000000000000000000000",
    "Sec-WebSocket-Version": b"13",
    "Transfer-Encoding": b"chunked",
    "Tus-Resumable": b"1.0.0",
    "Upgrade": b"websocket",
    "Upload-Checksum": b"sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
    "Upload-Complete": b"?1",
    "Upload-Concat": b"final;/files/u_0 /files/u_1",
    "Upload-Defer-Length": b"1",
    "Upload-Draft-Interop-Version": b"6",
    "Upload-Length": b"10",
    "Upload-Metadata": b"filename " + base64.b64encode(b"a.jpg") + b",type aW1hZ2UvanBlZw",
    "Upload-Offset": b"0",
    "X-Forwarded-For": b"192.0.2.1, 192.0.2.2",
    "X-Forwarded-Host": b"a.example:443",
    "X-Forwarded-Proto": b"https",
    "X-HTTP-Method-Override": b"PATCH",
}
WORDS = [
    b"", b" ", b"0", b"-1", b"00", b"1e309", b"NaN", b"null", b"true", b"*", b"?1", b"?0", b"?2", b"\"", b"\"\"",
    b"'", b",", b",,", b";", b";;=", b"=", b":", b"::1", b"[", b"[[[[", b"{", b"}", b"%", b"%00", b"%ff", b"%2e%2e%2f",
    b"../", b"\\", b"\t", b"\x80", b"\xff\xfe", b"\xc0\xaf", "é".encode(), "\u202e🎞".encode(), b"\x7f", b"W/", b"bytes=",
    b"9223372036854775807", b"9223372036854775808", b"18446744073709551616", b"-9223372036854775808",
    b"999999999999999", b"1.7976931348623157e308", b"A" * 300, b"1" * 300, b"a,b;c=d" * 60,
]
FORM = (b"--x\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"a.jpg\"\r\n"
        b"Content-Type: image/jpeg\r\n\r\n\xff\xd8\xff\xe0 no photo\r\n--x--\r\n")
RECIPE = (b'{"recipe":{"renditions":[{"name":"a","width":10,"height":10,"fit":"inside","format":"webp","quality":80}]}}')


def kinds(batch, upload, image):
    """(method, address, names of fields, body): one of each kind of request."""
    tus = ["Tus-Resumable", "Authorization"]
    socket_fields = ["Connection", "Upgrade", "Sec-WebSocket-Version", "Sec-WebSocket-Key"]
    return [
        ("POST", "/api/batches", ["Content-Type", "Idempotency-Key"], RECIPE),
        ("GET", "/api/batches?limit=10", ["Authorization", "Cookie"], b""),
        ("GET", batch.path, ["Authorization", "If-None-Match"], b""),
        ("GET", f"{batch.path}/events?after=1.2", ["Accept", "Last-Event-ID"], b""),
        ("GET", f"{batch.path}/events?after=1.2&limit=5", ["If-None-Match"], b""),
        ("GET", f"{batch.path}/events?token=o_0", socket_fields, b""),
        ("POST", f"{batch.path}/images", [*tus, "Upload-Length", "Upload-Metadata", "Idempotency-Key"], b""),
        ("POST", f"{batch.path}/images", [*tus, "Upload-Concat"], b""),
        ("POST", f"{batch.path}/images", [*tus, "Upload-Defer-Length", "Upload-Checksum"], b"0123456789"),
        ("POST", f"{batch.path}/images", ["Authorization", "Upload-Complete", "Upload-Length"], b"0123456789"),
        ("POST", f"{batch.path}/images", ["Authorization", "Content-Type", "Content-Disposition"], b"0123456789"),
        ("POST", f"{batch.path}/images", ["Authorization", "Transfer-Encoding"], b"a\r\n0123456789\r\n0\r\n\r\n"),
        ("POST", f"{batch.path}/images", ["Authorization", "Content-Type"], FORM),
        ("PATCH", upload, [*tus, "Upload-Offset", "Content-Type", "Upload-Checksum"], b"0123456789"),
        ("PATCH", upload, ["Upload-Offset", "Upload-Complete", "Upload-Draft-Interop-Version"], b"0123456789"),
        ("HEAD", upload, tus, b""),
        ("POST", upload, [*tus, "X-HTTP-Method-Override"], b""),
        ("OPTIONS", f"{batch.path}/images", ["Origin", "Access-Control-Request-Method"], b""),
        ("POST", f"{batch.path}/images/{image}/retry", ["Authorization", "Idempotency-Key"], b""),
        ("GET", f"{batch.path}/images/{image}/original", ["Authorization", "Range", "If-Range"], b""),
        ("GET", f"{batch.path}/archive.zip?of=renditions&images={image}", ["Range"], b""),
        ("GET", f"{batch.path}/archive.zip?of=originals", ["Authorization", "Cookie"], b""),
        ("PATCH", batch.path, ["Authorization", "Content-Type"], b'{"name":"Beach"}'),
        ("POST", "/api/grants", ["Content-Type"], b'{"invitation":"v_00000000000000000000000000"}'),
        ("POST", "/api/grants", ["Content-Type"], b'{"drop":"d_00000000000000000000000000","name":"Ana"}'),
        ("POST", "/api/drops", ["Content-Type"], b'{"drop":"d_00000000000000000000000000"}'),
        ("POST", f"{batch.path}/drops", ["Authorization", "Content-Type"], b'{"title":"Party","files":9}'),
        ("DELETE", f"{batch.path}/drops/l_00000000000000000000000000", ["Authorization"], b""),
        ("GET", f"/batches/{batch.name}?plain&after=9", ["Forwarded", "X-Forwarded-Host"], b""),
        ("GET", "/api/silence?seconds=0", [], b""),
        ("GET", "/index.html", ["Range", "If-None-Match", "If-Match"], b""),
        ("GET", "/metrics", ["Authorization", "X-Forwarded-For"], b""),
    ]


def spoilt(data, dice):
    """`data` with one thing about it changed."""
    word = dice.choice(WORDS)
    place = dice.randrange(len(data) + 1)
    end = min(len(data), place + dice.randrange(1, 9))
    return dice.choice([
        lambda: word, lambda: data[:place], lambda: data[place:], lambda: data + word, lambda: word + data,
        lambda: data[:place] + word + data[end:], lambda: data[:place] + word + data[place:], lambda: data + data,
        lambda: bytes(dice.randrange(256) if dice.random() < 0.1 else byte for byte in data),
    ])()


def request(kind, token, dice):
    """The bytes of one request of this kind, spoilt in one place to three."""
    method, address, names, body = kind
    fields = [(name, FIELDS[name]) for name in names]
    fields = [(n, f"Bearer {token}".encode() if n == "Authorization" and dice.random() < 0.9 else v) for n, v in fields]
    if body == FORM:
        fields = [(n, b"multipart/form-data; boundary=x" if n == "Content-Type" else v) for n, v in fields]
    if "Transfer-Encoding" not in names:
        fields.append(("Content-Length", str(len(body)).encode()))
    fields += [(name, FIELDS[name]) for name in ["Host"] + dice.sample(sorted(FIELDS), dice.choice([0, 0, 1, 2]))]
    path, _, query = address.partition("?")
    for _ in range(dice.randrange(1, 4)):
        part = dice.randrange(10)
        if part < 6:
            at = dice.randrange(len(fields))
            fields[at] = (fields[at][0], spoilt(fields[at][1], dice))
        elif part == 6:
            fields.append(dice.choice(fields))
        elif part == 7:
            query = spoilt(query.encode(), dice).decode("latin-1")
        elif part == 8:
            path = spoilt(path.encode(), dice).decode("latin-1")
        else:
            body = spoilt(body, dice)
    target = (path + ("?" + query if query else "")).encode("latin-1")
    # A line's end within a field would begin another field: that is another request, not a spoilt one.
    head = [b"%s %s HTTP/1.1" % (method.encode(), target)]
    head += [b"%s: %s" % (name.encode(), value) for name, value in fields]
    return b"\r\n".join(line.replace(b"\r", b"").replace(b"\n", b"") for line in head) + b"\r\n\r\n" + body


def answer(port, data):
    """What comes back to the end of the connection; of a stream, its beginning."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as link:
        received = b""
        try:
            link.sendall(data)
            link.shutdown(socket.SHUT_WR)
            while len(received) < 1 << 16 and (piece := link.recv(1 << 16)):
                received += piece
        except ConnectionError:
            pass  # It was refused before its end had been sent.
        return received


def test_a_spoilt_request_is_answered_or_refused_and_never_the_servers_fault(server):
    print(f"REVELA_TEST_SEED={SEED} REVELA_TEST_ROUNDS={ROUNDS}")
    statuses = {}
    for number in range(ROUNDS):
        if number % BATCH_ROUNDS == 0:
            batch = server.new_batch()
            _, image = batch.send(b"\xff\xd8\xff\xe0 no photo")
            _, headers, _ = server.request("POST", f"{batch.path}/images", headers={
                **batch.headers, "Tus-Resumable": "1.0.0", "Upload-Length": "1000"})
            upload = "/api/uploads/" + headers["Location"].rsplit("/", 1)[1]
        dice = random.Random(SEED + number)
        data = request(dice.choice(kinds(batch, upload, image["id"])), batch.token, dice)
        received = answer(server.port, data)
        status = received[9:12].decode("latin-1")
        statuses[status] = statuses.get(status, 0) + 1
        # 501 names a transfer coding or method, 505 a version, and 507 a length, that was asked for.
        assert not received or (received.startswith(b"HTTP/1.1 ") and (
            status[0] in "1234" or status in ("501", "505", "507"))), (SEED + number, data, received)
        if number % BATCH_ROUNDS == BATCH_ROUNDS - 1:
            # Unless one of the requests removed it, what is left of the batch is in order.
            if server.request("GET", batch.path)[0] == 200:
                assert_in_order(batch)
            server.request("DELETE", batch.path, headers=batch.headers)
    print(statuses)
    assert server.process.poll() is None
    assert server.request("GET", "/readyz")[0] == 200


def assert_in_order(batch):
    """The log has no gap and folds to the document, which may grow while this looks."""
    _, answer = batch.server.json("GET", batch.path)
    last = int(answer["cursor"].split(".")[1])
    events = batch.events()
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert folded(events[:last]) == answer["document"]
