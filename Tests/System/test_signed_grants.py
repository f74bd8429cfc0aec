"""Grants that apps sign with a key of the server (docs/apps.md)."""

import base64
import http.client
import json
import time

import pytest
import websockets.sync.client

import tus
from grants import Key, revela
from harness import Batch, Server, assert_whole, until

APP = "https://albums.example"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server that lets nobody begin a batch without a grant."""
    server = Server(tmp_path_factory.mktemp("grants") / "data", "--host", "0.0.0.0", by_invitation=True).start()
    yield server
    assert server.stop()[1] == 0


@pytest.fixture(scope="module")
def key(server):
    return Key(server, "--origin", APP, "--manage")


def metadata(**pairs):
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())


# What a grant is good for

def test_photos_come_by_every_way_with_nothing_but_a_grant(server, key, photos):
    data = photos[0].read_bytes()
    bearer = key.headers(jti="every-way", title="Ana")
    status, made = server.json("POST", "/api/batches", headers=bearer)
    assert (status, made["may"], made["owner"], made["document"]["name"]) == (201, ["add"], False, "Ana")
    batch = Batch(server, made["document"]["id"], bearer["Authorization"].split()[1])
    assert batch.send(data)[0] == 201
    form = b"--x\r\nContent-Disposition: form-data; name=p; filename=b.jpg\r\n\r\n" + data + b"\r\n--x--\r\n"
    assert server.request("POST", f"{batch.path}/images", form, {
        **bearer, "Content-Type": "multipart/form-data; boundary=x"})[0] == 201
    # By tus, at either URL, with the grant in a field or in the metadata, as who can set no field must.
    in_metadata = {"Upload-Metadata": metadata(filename="c.jpg", grant=bearer["Authorization"].split()[1])}
    for path in ["/files", f"{batch.path}/images"]:
        for fields in [bearer, in_metadata]:
            made = tus.ask(server.port, "POST", path, {**tus.VERSION, **fields, "Upload-Length": str(len(data))})
            assert made.status == 201, made.body
            upload = tus.path_of(made)
            told = tus.ask(server.port, "HEAD", upload, tus.VERSION).headers
            assert told["Upload-Metadata"] in (None, metadata(filename="c.jpg"))
            # The upload's own URL is the right to continue it.
            sent = tus.ask(server.port, "PATCH", upload, {**tus.VERSION, **tus.BYTES, "Upload-Offset": "0"}, data)
            assert sent.status == 204
    # By the IETF's draft.
    draft = tus.ask(server.port, "POST", "/files", {
        **bearer, "Upload-Complete": "?1", "Content-Type": "image/jpeg"}, data)
    assert draft.status == 201, draft.body
    images = batch.settle()
    assert {image["state"] for image in images.values()} == {"ready"} and len(images) == 7
    assert_whole(batch)
    # The key keeps it.
    listed = key.ask("GET", "/api/batches", may="manage", jti="back-end")[1]["batches"]
    assert batch.name in [one["id"] for one in listed]
    image = next(iter(images))
    path = f"{batch.path}/images/{image}/original"
    assert key.ask("GET", path, jti="every-way")[1]["code"] == "not-owner"
    whole = server.request("GET", path, headers=key.headers(may="manage", jti="back-end"))
    assert whole[0] == 200 and whole[2] == data
    # No secret of it is kept or told.
    held = server.log_text() + (server.data / "revela.sqlite").read_bytes().decode(errors="replace")
    assert in_metadata["Upload-Metadata"].split(" ")[-1] not in held
    assert bearer["Authorization"].split(".")[2] not in held


def test_grants_of_one_name_have_one_batch_and_the_longest_says_what_is_allowed(server, key):
    first = key.batch(jti="renewed", files=1, exp=int(time.time()) + 60)
    assert first.send(b"one")[0] == 201
    assert first.send(b"two")[1]["code"] == "too-many-files"
    later = key.batch(jti="renewed", files=2)
    assert later.name == first.name
    assert first.send(b"two")[0] == 201
    assert first.send(b"three")[1]["code"] == "too-many-files"
    # A longer one also counts where it comes straight to the batch.
    longest = {"jti": "renewed", "files": 3, "exp": int(time.time()) + 900}
    assert Batch(server, first.name, key.grant(**longest)).send(b"three")[0] == 201
    assert key.batch(jti="another").name != first.name


def test_one_photo_too_many_or_too_large_is_refused_and_the_rest_stays(server, key):
    batch = key.batch(jti="limits", files=2, bytes=1000, fileBytes=600)
    assert batch.send(500 * b"a")[0] == 201
    status, problem = batch.send(601 * b"b")
    assert (status, problem["code"], problem["limit"], problem["actual"]) == (413, "file-too-large", 600, 601)
    status, problem = batch.send(501 * b"c")
    assert (status, problem["code"], problem["limit"], problem["actual"]) == (409, "too-many-bytes", 1000, 1001)
    assert batch.send(500 * b"d")[0] == 201
    status, problem = batch.send(b"")
    assert problem["code"] in ("too-many-files", "empty-file")
    assert len(batch.document()["images"]) == 2


# What is no grant, and what it gets

NOW = time.time()
REFUSED = {
    "a byte changed": (lambda key: key.grant()[:-1] + ("A" if key.grant()[-1] != "A" else "B"), "no-such-grant"),
    "no signature": (lambda key: key.grant().rsplit(".", 1)[0] + ".", "no-such-grant"),
    "an algorithm that signs nothing": (lambda key: key.grant(_alg="none"), "no-such-grant"),
    "an unknown key": (lambda key: key.grant(_kid="k_" + 26 * "0"), "no-such-grant"),
    "another key's secret": (lambda key: key.grant(_secret=64 * "0"), "no-such-grant"),
    "its time over for an hour": (lambda key: key.grant(exp=int(NOW) - 3600), "grant-expired"),
    "a clock that is an hour ahead": (lambda key: key.grant(iat=int(time.time()) + 3600), "grant-expired"),
    "two days": (lambda key: key.grant(exp=int(NOW) + 172_800), "grant-too-wide"),
    "an origin that its key has not": (lambda key: key.grant(origins=["https://x.example"]), "grant-too-wide"),
    "a limit with a typing error": (lambda key: key.grant(file=3), "bad-request"),
    "no name": (lambda key: key.grant(jti=""), "bad-request"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_grant_is_refused_wherever_it_is_shown_and_leaves_nothing(server, key, what):
    make, code = REFUSED[what]
    batch = key.batch(jti="seen")
    before = batch.document()
    fields = {"Authorization": f"Bearer {make(key)}"}
    for method, path in [("POST", "/api/batches"), ("POST", "/files"), ("POST", f"{batch.path}/images"),
                         ("GET", batch.path), ("GET", f"{batch.path}/events"), ("GET", "/api/batches")]:
        status, problem = server.json(method, path, headers=fields)
        assert problem["code"] == code, (method, path)
        assert status == (400 if code == "bad-request" else 403)
    creation = {**tus.VERSION, "Upload-Length": "5", "Upload-Metadata": metadata(grant=make(key))}
    assert json.loads(tus.ask(server.port, "POST", "/files", creation).body)["code"] == code
    assert batch.document() == before


def test_a_clock_five_minutes_off_is_borne(key):
    key.batch(jti="late", exp=int(time.time()) - 290)
    key.batch(jti="early", iat=int(time.time()) + 290)


def test_a_key_that_may_only_add_signs_nothing_wider(server):
    narrow = Key(server)
    narrow.batch(jti="mine")
    assert narrow.ask("GET", "/api/batches", may="manage")[1]["code"] == "grant-too-wide"


# The end of it

def open_upload(batch):
    made = tus.ask(batch.server.port, "POST", f"{batch.path}/images", {
        **tus.VERSION, **batch.headers, "Upload-Length": "100000"})
    assert made.status == 201, made.body
    return tus.path_of(made)


def test_an_app_denies_a_grant_used_or_not(server, key):
    batch = key.batch(jti="denied")
    upload = open_upload(batch)
    for name in ["denied", "never-used"]:
        assert key.ask("DELETE", f"/api/grants/{name}", jti="x")[1]["code"] == "not-owner"
        assert key.ask("DELETE", f"/api/grants/{name}", may="manage", jti="back-end")[0] == 204
        assert key.ask("POST", "/api/batches", jti=name)[1]["code"] == "drop-ended"
    assert batch.send(b"more")[1]["code"] == "drop-ended"
    assert tus.ask(server.port, "HEAD", upload, tus.VERSION).status in (404, 410)
    assert {image["state"] for image in batch.images().values()} == {"cancelled"}


def test_a_withdrawn_key_ends_within_seconds_and_others_go_on(server, key):
    withdrawn = Key(server)
    batch, other = withdrawn.batch(jti="album"), key.batch(jti="goes-on")
    upload = open_upload(batch)
    assert withdrawn.id in revela(server, "keys").stdout
    revela(server, "keys", "withdraw", withdrawn.id)
    began = time.monotonic()
    with until("the end of the upload", timeout=10) as waiting:
        while tus.ask(server.port, "HEAD", upload, tus.VERSION).status == 200:
            waiting()
    assert time.monotonic() - began < 5
    assert batch.send(b"more")[1]["code"] == "no-such-grant"
    assert other.send(b"more")[0] == 201
    listed = revela(server, "keys")
    assert withdrawn.id not in listed.stdout and key.id in listed.stdout and key.secret not in listed.stdout
    again = revela(server, "keys", "withdraw", withdrawn.id, check=False)
    assert again.returncode != 0 and "There is no key" in again.stderr


# Pages of other origins

def cross(server, method, path, origin, fields=None, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        connection.request(method, path, body, {"Origin": origin, "Sec-Fetch-Site": "cross-site", **(fields or {})})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


PREFLIGHTS = [("/api/batches", "POST"), ("/files", "POST"), ("/api/batches/x/images", "POST"),
              ("/api/uploads/x", "PATCH"), ("/api/batches/x/events", "GET"), ("/api/batches/x/tickets", "POST")]


@pytest.mark.parametrize("path, method", PREFLIGHTS)
def test_a_browser_is_told_what_pages_of_a_keys_origins_may_send(server, key, path, method):
    wanted = "tus-resumable,upload-length,upload-metadata,upload-offset,content-type,authorization"
    ask = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": wanted}
    status, headers, body = cross(server, "OPTIONS", path, APP, ask)
    assert (status, body) == (204, b"") and headers["Access-Control-Allow-Origin"] == APP
    allowed = headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert set(wanted.split(",")) <= set(allowed)
    assert method in headers["Access-Control-Allow-Methods"] and int(headers["Access-Control-Max-Age"]) > 60
    assert "Access-Control-Allow-Credentials" not in headers
    for other in ["https://albums.example:8443", "http://albums.example", "https://evil.example", "null"]:
        status, headers, _ = cross(server, "OPTIONS", path, other, ask)
        assert "Access-Control-Allow-Origin" not in headers and "Origin" in headers["Vary"]


def test_a_page_of_another_origin_does_what_tus_clients_do(server, key, photos):
    data, bearer = photos[0].read_bytes(), key.headers(jti="from-a-page")
    status, headers, _ = cross(server, "POST", "/files", APP, {
        **tus.VERSION, **bearer, "Upload-Length": str(len(data)), "Upload-Metadata": metadata(filename="a.jpg")})
    assert status == 201
    exposed = headers["Access-Control-Expose-Headers"].split(", ")
    assert {"Location", "Upload-Offset", "Upload-Length", "Tus-Resumable", "Retry-After"} <= set(exposed)
    assert headers["Access-Control-Allow-Origin"] == APP
    path = headers["Location"].split(str(server.port), 1)[1]
    status, headers, _ = cross(server, "PATCH", path, APP, {**tus.VERSION, **tus.BYTES, "Upload-Offset": "0"}, data)
    assert status == 204 and headers["Access-Control-Allow-Origin"] == APP
    status, headers, body = cross(server, "POST", "/api/batches", APP, bearer)
    events = json.loads(body)["links"]["events"]
    for accept in ["application/json", "text/event-stream"]:
        url = f"{events}?until=settled&after="
        status, headers, _ = cross(server, "GET", url, APP, {"Accept": accept})
        assert status == 200 and headers["Access-Control-Allow-Origin"] == APP


@pytest.mark.parametrize("origin", ["https://albums.example:8443", "https://evil.example", "null"])
def test_a_grant_counts_for_no_page_of_another_origin(server, key, origin):
    batch = key.batch(jti="origins")
    for path in ["/api/batches", "/files", f"{batch.path}/images"]:
        status, headers, body = cross(server, "POST", path, origin, key.headers(jti="origins"), b"photo")
        assert (status, json.loads(body)["code"]) == (403, "foreign-origin")
        assert "Access-Control-Allow-Origin" not in headers
    assert batch.images() == {}


def test_a_websocket_of_another_origin_opens_with_a_ticket_once(server, key):
    batch = key.batch(jti="socket")
    assert batch.send(b"no photo")[0] == 201
    [image] = batch.settle()
    status, _, body = cross(server, "POST", f"{batch.path}/tickets", APP, key.headers(jti="socket"))
    ticket = json.loads(body)["ticket"]
    assert (status, json.loads(body)["seconds"]) == (201, 60)
    url = f"ws://127.0.0.1:{server.port}{batch.path}/events"

    def connect(query, origin):
        return websockets.sync.client.connect(url + query, origin=origin, proxy=None)

    with pytest.raises(websockets.InvalidStatus):
        connect("", APP)
    with connect(f"?ticket={ticket}", APP) as socket:
        # It brings the right to add, which retrying needs.
        socket.send(json.dumps({"id": 1, "retry": image}))
        reply = next(message for message in map(json.loads, socket) if message.get("reply") == 1)
        assert reply["problem"]["code"] == "wrong-state"
    with pytest.raises(websockets.InvalidStatus):
        connect(f"?ticket={ticket}", APP)
    stolen = json.loads(cross(server, "POST", f"{batch.path}/tickets", APP, key.headers(jti="socket"))[2])["ticket"]
    with pytest.raises(websockets.InvalidStatus):
        connect(f"?ticket={stolen}", "https://evil.example")


def test_without_a_key_nothing_is_said_of_other_origins(tmp_path):
    server = Server(tmp_path / "data").start()
    status, headers, _ = cross(server, "GET", "/api/capabilities", APP)
    assert status == 200 and "Access-Control-Allow-Origin" not in headers and "Vary" not in headers
    assert server.stop()[1] == 0
