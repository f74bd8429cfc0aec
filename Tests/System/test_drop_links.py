"""Drop links: a batch's owner lets guests without an account send photos (docs/access.md)."""

import contextlib
import http.client
import json
import pathlib
import threading
import time

import pytest
import websockets.sync.client

import tus
from grants import Key, ManageLink
from harness import Batch, Server, assert_whole, until

NO_IMAGE = "i_" + 26 * "0"
NO_DROP = "l_" + 26 * "0"
FORM = {"Content-Type": "multipart/form-data; boundary=x"}
REFUSALS = ("not-owner", "drop-ended")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("drops") / "data").start()
    yield server
    assert server.stop()[1] == 0


def form_of(*files):
    parts = [b"--x\r\nContent-Disposition: form-data; name=p; filename=%d.jpg\r\n\r\n%b\r\n" % (number, data)
             for number, data in enumerate(files)]
    return b"".join(parts) + b"--x--\r\n"


class Drop:
    """A link on a batch, as its issuer made it."""

    def __init__(self, batch, **terms):
        self.batch, self.server = batch, batch.server
        body = json.dumps({"title": "Party", **terms})
        status, self.link = self.server.json("POST", f"{batch.path}/drops", body, batch.headers)
        assert status == 201, self.link
        self.secret, self.path = self.link["secret"], f"{batch.path}/drops/{self.link['id']}"

    def enter(self, name=None, headers=None):
        """A new guest's batch, with their token; with headers that of who has been here."""
        body = json.dumps({"drop": self.secret, "name": name})
        status, answer = self.server.json("POST", "/api/grants", body, headers)
        assert status == 201 and answer["may"][0] == "add", answer
        return Batch(self.server, answer["batch"], answer.get("ownerToken"))

    def end(self):
        assert self.server.request("DELETE", self.path, headers=self.batch.headers)[0] == 204

    def told(self):
        """As the issuer's list has it."""
        drops = self.server.json("GET", f"{self.batch.path}/drops", headers=self.batch.headers)[1]["drops"]
        return next(drop for drop in drops if drop["id"] == self.link["id"])


# The table of docs/access.md

def tables():
    text = (pathlib.Path(__file__).parents[2] / "docs" / "access.md").read_text()
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in text.splitlines() if line.startswith("|") and not line.startswith("|---")]
    bearers = {(bearer, of): set(may.split(", ")) for bearer, of, may in (row for row in rows[1:] if len(row) == 3)}
    requests = {row[0]: row[1] for row in rows if len(row) == 2 and row != ["request", "needs"]}
    return bearers, requests


def own(server):
    batch = server.new_batch()
    ended = ManageLink(batch).take()
    assert server.request("DELETE", "/api/manage-link", headers=batch.headers)[0] == 204
    return batch, {"its owner": batch.headers, "a guest by a drop link": Drop(batch).enter().headers,
                   "another browser, by its owner's manage link": ManageLink(batch).take(),
                   "the same, once that link is ended": ended, "whoever knows its name": {}}


def guests(server, over=False):
    batch = server.new_batch()
    drop = Drop(batch)
    guest = drop.enter()
    bearers = {"who made the drop link": batch.headers,
               "another browser, by the manage link of who made it": ManageLink(batch).take(), "its guest": guest.headers,
               "another guest by the same link": drop.enter().headers, "whoever knows its name": {}}
    if over:
        drop.end()
    return guest, bearers


def granted(server, denied=False):
    key, other = Key(server, "--manage"), Key(server, "--manage")
    batch = key.batch(jti="album")
    bearers = {"its grant, that an app has signed": batch.headers,
               "a grant of another name by the same key": key.headers(jti="another"),
               "a grant by the same key that may manage": key.headers(jti="back-end", may="manage"),
               "a grant by another key that may manage": other.headers(jti="back-end", may="manage")}
    if denied:
        assert key.ask("DELETE", "/api/grants/album", jti="back-end", may="manage")[0] == 204
    return batch, bearers


PLACES = {"a batch of their own": own, "the batch that the link was made on": own, "a batch of somebody's": own,
          "a guest's batch": guests, "a guest's batch whose link is over": lambda server: guests(server, over=True),
          "the batch of a grant": granted, "the batch of a grant that was denied": lambda server: granted(server, True)}


def asked(method, path, body=None, fields=None):
    """Asks by HTTP; a path with three dots lies in the batch."""
    def ask(batch, headers):
        whole = path.replace("…", batch.path).replace("{batch}", batch.name).replace("{image}", NO_IMAGE)
        whole = whole.replace("{name}", "thumb").replace("{drop}", NO_DROP)
        connection = http.client.HTTPConnection("127.0.0.1", batch.server.port, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, whole, body=body, headers={**headers, **(fields or {})})
            response = connection.getresponse()
            if response.status in (200, 201, 204):
                return None
            return json.loads(response.read())["code"]
    return ask


def commanded(command):
    def ask(batch, headers):
        url = f"ws://127.0.0.1:{batch.server.port}{batch.path}/events"
        with websockets.sync.client.connect(url, additional_headers=headers, proxy=None) as socket:
            if command is None:
                return None
            socket.send(json.dumps({"id": 1, command: NO_IMAGE}))
            replies = (message for message in map(json.loads, socket) if message.get("reply") == 1)
            return next(replies)["problem"]["code"]
    return ask


ASK = {
    "`GET /api/batches/{batch}`": asked("GET", "…"),
    "`GET /api/batches/{batch}/events` by polling": asked("GET", "…/events"),
    "`GET /api/batches/{batch}/events` by SSE": asked("GET", "…/events", fields={"Accept": "text/event-stream"}),
    "`GET /api/batches/{batch}/events` by WebSocket": commanded(None),
    '`{"info"}` over a WebSocket': commanded("info"),
    "`GET …/images/{image}`": asked("GET", "…/images/{image}"),
    "`GET …/images/{image}/renditions/{name}`": asked("GET", "…/images/{image}/renditions/{name}"),
    "`GET …/archive.zip`": asked("GET", "…/archive.zip"),
    "`GET /batches/{batch}?plain`": asked("GET", "/batches/{batch}?plain"),
    "`POST …/images`, a file": asked("POST", "…/images", b"photo", {"Content-Type": "image/jpeg"}),
    "`POST …/images`, a form": asked("POST", "…/images", form_of(b"photo"), FORM),
    "`POST …/images`, by tus": asked("POST", "…/images", fields={**tus.VERSION, "Upload-Length": "5"}),
    "`POST …/images/{image}/cancel`": asked("POST", "…/images/{image}/cancel"),
    "`POST …/images/{image}/retry`": asked("POST", "…/images/{image}/retry"),
    "`DELETE …/images/{image}`": asked("DELETE", "…/images/{image}"),
    '`{"cancel"}` over a WebSocket': commanded("cancel"),
    '`{"retry"}` over a WebSocket': commanded("retry"),
    "`POST …/tickets`": asked("POST", "…/tickets"),
    "`GET …/images/{image}/original`": asked("GET", "…/images/{image}/original"),
    "`GET …/archive.zip?of=originals`": asked("GET", "…/archive.zip?of=originals"),
    "`PATCH /api/batches/{batch}`": asked("PATCH", "…", b'{"name":"Mine"}'),
    "`GET …/drops`": asked("GET", "…/drops"),
    "`POST …/drops`": asked("POST", "…/drops", b'{"title":"Another"}'),
    "`DELETE …/drops/{drop}`": asked("DELETE", "…/drops/{drop}"),
    "`DELETE /api/batches/{batch}`": asked("DELETE", "…"),
}
BEARERS, REQUESTS = tables()


def test_the_table_has_every_request():
    assert list(ASK) == list(REQUESTS)


@pytest.mark.parametrize("bearer, of", BEARERS, ids=lambda text: text.replace(" ", "-"))
def test_who_may_do_what(server, bearer, of):
    batch, headers = PLACES[of](server)
    may = BEARERS[bearer, of]
    before = batch.document() if may == {"read"} else None
    found = {request: ask(batch, headers[bearer]) not in REFUSALS for request, ask in ASK.items()}
    assert found == {request: needs in may for request, needs in REQUESTS.items()}
    # What was refused has changed nothing.
    assert before is None or batch.document() == before


# A guest and the issuer

def test_a_guest_sees_their_own_and_the_issuer_sees_who_sent_what(server, photos):
    issued = server.new_batch()
    photo = photos[0].read_bytes()
    issued.send(photo)
    issued.settle()
    drop = Drop(issued, asksName=True, files=9)
    status, terms = server.json("POST", "/api/drops", json.dumps({"drop": drop.secret}))
    assert status == 200 and issued.name not in json.dumps(terms)
    assert (terms["title"], terms["asksName"], terms["files"]) == ("Party", True, 9)

    ana, bia = drop.enter("Ana"), drop.enter("Bia")
    assert drop.enter("Ana again", ana.headers).name == ana.name
    ana.send(photo)
    images = ana.settle()
    # Somebody else's same photo is none of hers, and nothing tells her of it.
    assert [image["state"] for image in images.values()] == ["ready"]
    assert all("sameAs" not in image for image in images.values())
    assert bia.document()["images"] == {}
    assert_whole(ana)
    answer = server.json("GET", ana.path, headers=ana.headers)[1]
    assert (answer["may"], answer["owner"], answer["drop"]["title"]) == (["add"], False, "Party")
    assert issued.name not in json.dumps(answer)
    assert server.json("GET", "/api/batches", headers=ana.headers)[1] == {"batches": []}

    listed = server.json("GET", "/api/batches", headers=issued.headers)[1]["batches"]
    assert {batch["id"]: batch.get("name") for batch in listed} == {
        issued.name: None, ana.name: "Party: Ana", bia.name: "Party: Bia"}
    guests = drop.told()["guests"]
    assert [(guest["batch"], guest["name"], guest["images"]) for guest in guests] == [
        (ana.name, "Party: Ana", 1), (bia.name, "Party: Bia", 0)]
    assert guests[0]["bytes"] == len(photo)
    [image] = images
    original = server.request("GET", f"{ana.path}/images/{image}/original", headers=issued.headers)
    assert original[0] == 200 and original[2] == photo


def test_one_file_too_many_is_refused_and_the_rest_stays(server):
    drop = Drop(server.new_batch(), files=3)
    ana, bia = drop.enter(), drop.enter()
    status, problem = server.json("POST", f"{ana.path}/images", form_of(b"a", b"b", b"c", b"d"), {**ana.headers, **FORM})
    assert (status, problem["code"], problem["limit"], problem["actual"]) == (409, "too-many-files", 3, 4)
    assert len(ana.document()["images"]) == 3
    for way in ["`POST …/images`, a file", "`POST …/images`, by tus"]:
        assert ASK[way](bia, bia.headers) == "too-many-files"
    # What is taken back makes room.
    image = next(iter(ana.settle()))
    assert server.request("DELETE", f"{ana.path}/images/{image}", headers=ana.headers)[0] == 204
    assert ASK["`POST …/images`, a file"](bia, bia.headers) is None


def test_one_byte_too_many_is_refused_whether_or_not_it_was_announced(server):
    drop = Drop(server.new_batch(), bytes=1000)
    guest = drop.enter()
    create = {**tus.VERSION, **guest.headers}
    images = f"{guest.path}/images"
    first = tus.ask(server.port, "POST", images, {**create, "Upload-Length": "600"})
    assert first.status == 201
    announced = tus.ask(server.port, "POST", images, {**create, "Upload-Length": "401"})
    problem = json.loads(announced.body)
    assert (announced.status, problem["code"], problem["limit"], problem["actual"]) == (409, "too-many-bytes", 1000, 1001)
    unknown = tus.ask(server.port, "POST", images, {**create, "Upload-Defer-Length": "1"})
    path = tus.path_of(unknown)
    refused = tus.ask(server.port, "PATCH", path, {
        **tus.VERSION, **tus.BYTES, "Upload-Offset": "0"}, 401 * b"x")
    assert json.loads(refused.body)["code"] == "too-many-bytes"
    # The one that was announced is not touched by it.
    assert tus.ask(server.port, "HEAD", tus.path_of(first), tus.VERSION).offset == 0


def test_ending_it_ends_unfinished_uploads_and_tells_open_streams(server):
    drop = Drop(server.new_batch())
    guest = drop.enter()
    made = tus.ask(server.port, "POST", f"{guest.path}/images", {
        **tus.VERSION, **guest.headers, "Upload-Length": "100000"})
    idle = tus.ask(server.port, "POST", f"{guest.path}/images", {
        **tus.VERSION, **guest.headers, "Upload-Length": "100000"})
    told = []
    url = f"ws://127.0.0.1:{server.port}{guest.path}/events"
    with websockets.sync.client.connect(url, additional_headers=guest.headers, proxy=None) as socket:
        def listen():
            with contextlib.suppress(websockets.ConnectionClosed):
                for message in socket:
                    told.append(message)
        threading.Thread(target=listen, daemon=True).start()
        sending = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        sending.putrequest("PATCH", tus.path_of(made))
        for field, value in {**tus.VERSION, **tus.BYTES, "Upload-Offset": "0", "Content-Length": "100000"}.items():
            sending.putheader(field, value)
        sending.endheaders(50_000 * b"x")
        with until("the sender's place") as waiting:
            while b"revela_uploads_sending 1" not in server.request("GET", "/metrics")[2]:
                waiting()

        began = time.monotonic()
        drop.end()
        with contextlib.suppress(OSError, http.client.HTTPException):
            assert sending.getresponse().status >= 400
        sending.close()
        with until("the end of both uploads", timeout=5) as waiting:
            while "".join(map(str, told)).count("image.cancelled") < 2:
                waiting()
        assert time.monotonic() - began < 5
        # A command over the socket that was opened before asks the same question.
        assert ASK['`{"cancel"}` over a WebSocket'](guest, guest.headers) == "drop-ended"
    for upload in [made, idle]:
        assert tus.ask(server.port, "HEAD", tus.path_of(upload), tus.VERSION).status in (404, 410)
    assert {image["state"] for image in guest.images().values()} == {"cancelled"}
    assert ASK["`POST …/images`, a file"](guest, guest.headers) == "drop-ended"
    assert drop.told()["over"] is True
    # Nobody enters any more, not even who has been in.
    for headers in [None, guest.headers]:
        status, problem = server.json("POST", "/api/grants", json.dumps({"drop": drop.secret}), headers)
        assert (status, problem["code"]) == (404, "no-such-drop-link")


def test_wrong_unknown_ended_and_over_are_one_answer(server):
    ended, over = Drop(server.new_batch()), Drop(server.new_batch(), seconds=60)
    ended.end()
    wrong = over.secret[:-1] + ("0" if over.secret[-1] != "0" else "1")
    answers = set()
    for secret in [wrong, ended.secret, "d_" + 26 * "0", "d_", "v_" + 26 * "0", ""]:
        for path in ["/api/drops", "/api/grants"]:
            answers.add(server.request("POST", path, json.dumps({"drop": secret}))[::2])
    [(status, body)] = answers
    assert status == 404 and json.loads(body)["code"] == "no-such-drop-link"


def test_deleting_the_batch_ends_its_links_and_keeps_what_came(server, photos):
    batch = server.new_batch()
    drop = Drop(batch)
    guest = drop.enter("Ana")
    guest.send(photos[0].read_bytes())
    guest.settle()
    assert server.request("DELETE", batch.path, headers=batch.headers)[0] == 204
    assert server.json("POST", "/api/drops", json.dumps({"drop": drop.secret}))[0] == 404
    assert ASK["`POST …/images`, a file"](guest, guest.headers) == "drop-ended"
    assert [image["state"] for image in guest.images().values()] == ["ready"]
    listed = server.json("GET", "/api/batches", headers=batch.headers)[1]["batches"]
    assert [one["id"] for one in listed] == [guest.name]


@pytest.mark.parametrize("terms", [
    {}, {"title": ""}, {"title": " "}, {"title": 81 * "x"}, {"title": 1}, {"title": "a", "files": 0},
    {"title": "a", "files": 1.5}, {"title": "a", "bytes": -1}, {"title": "a", "seconds": 59},
    {"title": "a", "seconds": 1 << 40}, {"title": "a", "asksName": "yes"}, {"title": "a", "sees": "all"}])
def test_terms_that_are_none_are_refused_in_words(server, terms):
    batch = server.new_batch()
    status, problem = server.json("POST", f"{batch.path}/drops", json.dumps(terms), batch.headers)
    assert (status, problem["code"]) == (400, "bad-request") and problem["detail"]
    assert server.json("GET", f"{batch.path}/drops", headers=batch.headers)[1] == {"drops": []}


def test_a_guest_of_a_server_by_invitation_sends_photos_and_begins_no_batch(tmp_path, photos):
    server = Server(tmp_path / "data", "--host", "0.0.0.0", by_invitation=True).start()
    server.accept(server.process.stdout.readline().decode().split()[-1])
    batch = server.new_batch()
    drop = Drop(batch)
    guest = drop.enter("Ana")
    guest.send(photos[0].read_bytes())
    guest.settle()
    assert server.json("POST", "/api/batches", headers=guest.headers)[1]["code"] == "not-invited"
    # From one start to the next; and no secret is in the log, nor in the database.
    server.stop()
    server.start()
    assert drop.enter("Ana", guest.headers).name == guest.name
    held = server.log_text() + (tmp_path / "data" / "revela.sqlite").read_bytes().decode(errors="replace")
    assert drop.secret not in held and guest.token not in held
    server.stop()


# A password

def test_who_has_the_link_and_not_its_password_stays_outside(server):
    drop = Drop(server.new_batch(), password="sésame")
    assert drop.link["asksPassword"] and "password" not in drop.link
    terms = server.json("POST", "/api/drops", json.dumps({"drop": drop.secret}))[1]
    assert terms["asksPassword"] and "password" not in terms

    def enter(**more):
        status, headers, body = server.request("POST", "/api/grants", json.dumps({"drop": drop.secret, **more}))
        return status, json.loads(body).get("code"), headers
    assert enter()[:2] == enter(password=None)[:2] == (403, "wrong-password")
    # The same letters, as another keyboard writes them.
    assert enter(password="se\u0301same")[0] == 201
    for _ in range(5):
        assert enter(password="sesame")[:2] == (403, "wrong-password")
    status, code, headers = enter(password="sésame")
    assert (status, code) == (429, "too-many-requests") and 1 <= int(headers["Retry-After"]) <= 12
    assert len(drop.told()["guests"]) == 1

    for password, code in ((201 * "a", "bad-request"), (7, "bad-request")):
        body = json.dumps({"title": "Party", "password": password})
        assert server.json("POST", f"{drop.batch.path}/drops", body, drop.batch.headers)[1]["code"] == code
    assert not Drop(server.new_batch(), password="").link["asksPassword"]
