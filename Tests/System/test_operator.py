"""What the operator sees and changes by the command line, beside a server that runs (docs/operations.md)."""

import contextlib
import datetime
import json
import sqlite3
import time

import pytest

import tus
from grants import Key, revela
from harness import PAGES, Server, assert_whole, until
from test_drop_links import Drop

DAY = datetime.timedelta(days=1)
# Seconds in which a running server does what it was told.
SOON = 5


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server where nobody may begin batches without having been invited."""
    server = Server(tmp_path_factory.mktemp("operator") / "data", "--host", "0.0.0.0", by_invitation=True).start()
    assert server.accept(server.process.stdout.readline().decode().split()[-1])[0] == 201
    yield server
    assert server.stop()[1] == 0


def listed(server, *arguments):
    """The lines of a command that lists."""
    return [json.loads(line) for line in revela(server, *arguments, "--json").stdout.splitlines()]


def refused(server, *arguments):
    """What a command says that does nothing."""
    said = revela(server, *arguments, check=False)
    assert said.returncode != 0 and not said.stdout
    return said.stderr


@pytest.fixture
def soon():
    """Waits for what a running server does within seconds, and holds it to that."""
    def soon(what, holds):
        began = time.monotonic()
        with until(what, timeout=30) as waiting:
            while not holds():
                waiting()
        assert time.monotonic() - began < SOON
    return soon


def announce(batch, length=100_000):
    return tus.ask(batch.server.port, "POST", f"{batch.path}/images", {
        **tus.VERSION, **batch.headers, "Upload-Length": str(length)})


def test_batches_are_listed_by_size_age_and_end(tmp_path):
    server = Server(tmp_path / "data").start()
    old, large, guest_of = (server.new_batch() for _ in range(3))
    for batch, length in [(old, 5_000), (large, 3_000_000)]:
        assert announce(batch, length).status == 201
    body = json.dumps({"name": "Beach"})
    assert server.json("PATCH", large.path, body, large.headers)[0] == 200
    drop = Drop(guest_of)
    guest = drop.enter("Ana")
    key = Key(server)
    granted = key.batch(jti="the-first")
    revela(server, "batches", "expire", large.name, "--days", "9")
    revela(server, "batches", "expire", old.name, "--at", "2099-01-31")
    with until("the ends") as waiting:
        while any("waiting" in line for line in listed(server, "batches")):
            waiting()

    lines = listed(server, "batches")
    assert [line["id"] for line in lines[:2]] == [large.name, old.name] and len(lines) == 5
    assert [line["bytes"] for line in lines] == [3_000_000, 5_000, 0, 0, 0]
    assert lines[0]["name"] == "Beach" and lines[0]["images"] == 1 and "waiting" not in lines[0]
    assert lines[0]["createdAt"] <= lines[0]["changedAt"] < lines[0]["expiresAt"]
    by_age = listed(server, "batches", "list", "--by", "age")
    assert [line["id"] for line in by_age] == [one.name for one in [old, large, guest_of, guest, granted]]
    came = [(line["cameBy"], line.get("link"), line.get("key")) for line in by_age]
    assert came[:4] == [("owner", None, None)] * 3 + [("drop link", drop.link["id"], None)]
    assert came[4][0] == "grant" and came[4][2] == key.id
    assert by_age[3]["name"] == "Party: Ana" and by_age[3]["keeper"] == by_age[2]["keeper"]
    by_end = listed(server, "batches", "--by", "expiry")
    # The guest's is a stranger's, since the server is open to everybody.
    assert [line["id"] for line in by_end] == [large.name, guest.name, old.name]
    assert by_end[2]["expiresAt"] == "2099-01-31T00:00:00.000Z"

    few = revela(server, "batches", "--limit", "2")
    [first, _] = few.stdout.splitlines()
    assert first.startswith(f"{large.name}  1 photo  2.9 MiB  ") and first.endswith("  Beach")
    assert "There are more than 2" in few.stderr
    assert revela(server, "batches", "--limit", "5").stderr == ""
    for wrong in [["--limit", "0"], ["--limit", "10001"], ["--by", "name"]]:
        assert wrong[0][2:] in refused(server, "batches", *wrong)
    # No secret of anybody.
    told = revela(server, "batches").stdout + json.dumps(lines) + revela(server, "grants").stdout
    for secret in [old.token, large.token, guest.token, drop.secret, key.secret]:
        assert secret not in told
    assert server.stop()[1] == 0


def test_a_batch_that_is_deleted_beside_the_server_is_gone_within_seconds(server, soon, photos):
    batch, other = server.new_batch(), server.new_batch()
    batch.send(photos[0].read_bytes())
    batch.settle()
    drop = Drop(batch)
    guest = drop.enter("Ana")
    uploads = [tus.path_of(announce(one)) for one in [batch, guest]]
    said = revela(server, "batches", "delete", batch.name)
    assert said.stdout.startswith(f"{batch.name} is deleted within 3 seconds, by the running server. ")
    soon("the deletion", lambda: server.request("GET", batch.path)[0] == 410)
    assert server.json("GET", f"{batch.path}/events")[1]["code"] == "batch-deleted"
    for upload in uploads:
        assert tus.ask(server.port, "HEAD", upload, tus.VERSION).status in (404, 410)
    assert server.json("POST", "/api/drops", json.dumps({"drop": drop.secret}))[0] == 404
    assert [image["state"] for image in guest.images().values()] == ["cancelled"]
    with until("its photos to be gone") as waiting, \
            contextlib.closing(sqlite3.connect(server.data / "revela.sqlite")) as base:
        while base.execute("SELECT count(*) FROM image WHERE batch = ?", [batch.name]).fetchone() != (0,):
            waiting()
    assert batch.name not in revela(server, "batches").stdout
    assert "was deleted" in refused(server, "batches", "delete", batch.name)
    for unknown in ["b_" + 26 * "0", "Beach"]:
        assert "batch" in refused(server, "batches", "delete", unknown)
    assert_whole(other)


def test_the_operator_shortens_and_lengthens_and_readers_are_told(server, soon):
    batch = server.new_batch()
    cursor = server.json("GET", batch.path)[1]["cursor"]

    def news():
        """What a poll tells that knew the newest position before."""
        return server.json("GET", f"{batch.path}/events?after={cursor}")[1]["events"]

    assert news() == []
    said = revela(server, "batches", "expire", batch.name, "--days", "2").stdout
    assert said.startswith(f"{batch.name} ends 2") and "within 3 seconds" in said
    soon("the first end", lambda: [event["type"] for event in news()] == ["batch.rescheduled"])
    end = datetime.datetime.fromisoformat(batch.document()["expiresAt"])
    assert abs(end - datetime.datetime.now(datetime.UTC) - 2 * DAY) < DAY / 24
    for arguments, expected in [(["--at", "2099-01-31T12:00:00Z"], "2099-01-31T12:00:00.000Z"), (["--never"], None)]:
        revela(server, "batches", "expire", batch.name, *arguments)
        soon("another end", lambda: batch.document().get("expiresAt") == expected)
    assert_whole(batch)
    for wrong in [[], ["--never", "--days", "1"], ["--days", "0"], ["--days", "40000"], ["--at", "soon"],
                  ["--at", "2001-01-31"]]:
        assert refused(server, "batches", "expire", batch.name, *wrong)


def test_a_drop_link_is_withdrawn_with_what_its_guests_have_not_sent_whole(server, soon, photos):
    batch = server.new_batch()
    drop, other = Drop(batch, files=5, bytes=10_000_000), Drop(batch, title="Other")
    guest, kept = drop.enter("Ana"), other.enter("Bia")
    guest.send(photos[0].read_bytes())
    uploads = [tus.path_of(announce(one)) for one in [guest, kept]]
    drops = {line["id"]: line for line in listed(server, "grants") if line["kind"] == "drop link"}
    line = drops[drop.link["id"]]
    size = photos[0].stat().st_size + 100_000
    assert (line["title"], line["batch"], line["over"], line["guests"]) == ("Party", batch.name, False, 1)
    assert (line["images"], line["maxFiles"], line["bytes"], line["maxBytes"]) == (2, 5, size, 10_000_000)
    assert "maxFiles" not in drops[other.link["id"]]

    said = revela(server, "grants", "withdraw", drop.link["id"]).stdout
    assert said == f"{drop.link['id']} is over within 3 seconds, by the running server.\n"
    soon("the end of the upload", lambda: tus.ask(server.port, "HEAD", uploads[0], tus.VERSION).status != 200)
    assert guest.send(b"more")[1]["code"] == "drop-ended"
    assert sorted(image["state"] for image in guest.settle().values()) == ["cancelled", "ready"]
    assert tus.ask(server.port, "HEAD", uploads[1], tus.VERSION).status == 200
    assert kept.send(b"more")[0] == 201
    lines = listed(server, "grants")
    assert [one["over"] for one in lines if one["id"] == drop.link["id"]] == [True]
    # Those that are over come last.
    ends = [one["over"] for one in lines if one["kind"] == "drop link"]
    assert ends == sorted(ends)


def test_a_signed_grant_is_withdrawn_for_good(server, soon):
    key = Key(server)
    batch = key.batch(jti="album", title="Album")
    upload = tus.path_of(announce(batch))
    [line] = [one for one in listed(server, "grants") if one.get("batch") == batch.name]
    assert (line["kind"], line["key"], line["title"], line["over"]) == ("grant", key.id, "Album", False)
    revela(server, "grants", "withdraw", line["id"])
    soon("the end of the upload", lambda: tus.ask(server.port, "HEAD", upload, tus.VERSION).status != 200)
    for answer in [batch.send(b"more"), key.ask("POST", "/api/batches", jti="album")]:
        assert answer[1]["code"] == "drop-ended"
    assert key.batch(jti="another").send(b"more")[0] == 201
    assert f"revela keys withdraw {key.id}" in refused(server, "grants", "withdraw", key.id)


def test_invitations_and_the_right_to_begin_are_withdrawn(server):
    address = revela(server, "invite", *PAGES).stdout.strip()
    [waiting] = [line for line in listed(server, "grants") if line["kind"] == "invitation"]
    assert waiting["id"] not in address and address.split("#")[1] not in json.dumps(waiting)
    revela(server, "grants", "withdraw", waiting["id"])
    token = server.token
    assert server.accept(address)[1]["code"] == "no-such-invitation"
    assert "no invitation and no holder" in refused(server, "grants", "withdraw", waiting["id"])
    batch = server.new_batch()
    [holder] = [line for line in listed(server, "grants") if line["kind"] == "holder"]
    assert holder["may"] == "begin" and holder["id"] not in token
    assert revela(server, "grants", "withdraw", holder["id"]).stdout.startswith(holder["id"])
    status, problem = server.json("POST", "/api/batches", headers=batch.headers)
    assert (status, problem["code"]) == (403, "not-invited")
    # What they have begun stays theirs.
    assert batch.send(b"photo")[0] == 201
    assert server.accept(revela(server, "invite", *PAGES).stdout.strip())[0] == 201
    for unknown in ["l_" + 26 * "0", 12 * "0", "v_" + 26 * "0", "x"]:
        assert refused(server, "grants", "withdraw", unknown)


def test_without_a_server_the_next_one_does_it(tmp_path):
    server = Server(tmp_path / "data").start()
    deleted, ended, kept = (server.new_batch() for _ in range(3))
    drop = Drop(kept)
    guest = drop.enter("Ana")
    upload = tus.path_of(announce(guest))
    server.stop()
    commands = [("batches", "delete", deleted.name), ("batches", "expire", ended.name, "--days", "1"),
                ("batches", "expire", kept.name, "--days", "1"), ("batches", "expire", kept.name, "--never"),
                ("grants", "withdraw", drop.link["id"])]
    for command in commands:
        assert "at the server's next start, since none runs now" in revela(server, *command).stdout
    waiting = {line["id"]: line.get("waiting") for line in listed(server, "batches")}
    assert waiting == {deleted.name: "delete", ended.name: "expire", kept.name: "expire", guest.name: None}
    assert [line.get("waiting") for line in listed(server, "grants")] == ["withdraw"]
    server.start()
    with until("the deletion", timeout=30) as trying:
        while server.request("GET", deleted.path)[0] != 410:
            trying()
    with until("the rest", timeout=30) as trying:
        while any("waiting" in line for line in listed(server, "batches") + listed(server, "grants")):
            trying()
    assert "expiresAt" in ended.document()
    assert [event["type"] for event in kept.events()] == ["batch.created"]
    assert tus.ask(server.port, "HEAD", upload, tus.VERSION).status in (404, 410)
    assert guest.send(b"more")[1]["code"] == "drop-ended"
    assert deleted.name not in server.log_text()
    assert server.stop()[1] == 0


def test_each_change_is_a_line_of_the_audit_log_without_secrets(server, tmp_path):
    log = tmp_path / "audit.log"
    batch = server.new_batch()
    drop = Drop(batch)
    for command in [("batches", "expire", batch.name, "--never"), ("grants", "withdraw", drop.link["id"]),
                    ("batches", "delete", batch.name)]:
        revela(server, *command, "--audit-log", log)
    for command in [("batches",), ("grants",)]:
        revela(server, *command, "--audit-log", log)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    told = [(line["command"], line.get("batch", line.get("grant"))) for line in lines]
    short = batch.name[:10]
    assert told == [("batches expire", short), ("grants withdraw", drop.link["id"]), ("batches delete", short)]
    assert all("at" in line for line in lines) and lines[0]["expiresAt"] is None
    for secret in [batch.name, batch.token, drop.secret]:
        assert secret not in log.read_text()
