"""Batches that end at a time: who gives them their end, and what comes then (docs/decisions/0041)."""

import contextlib
import datetime
import json
import sqlite3

import pytest

from harness import Batch, Server, assert_whole, until
from test_invitations import invite

DAY = datetime.timedelta(days=1)
ELSEWHERE = {"Host": "photos.example"}


def moment(text):
    return datetime.datetime.fromisoformat(text)


def kept(document):
    """For how many days after it was made."""
    return (moment(document["expiresAt"]) - moment(document["createdAt"])) / DAY


def begin(server, headers=None):
    status, answer = server.json("POST", "/api/batches", headers=headers or {})
    assert status == 201, answer
    return answer, Batch(server, answer["document"]["id"], answer.get("ownerToken"))


def change(batch, value, headers=None):
    return batch.server.json("PATCH", batch.path, json.dumps(value), batch.headers if headers is None else headers)


@pytest.fixture
def server(tmp_path, request):
    server = Server(tmp_path / "data", *getattr(request, "param", ["--keep-days", "3"])).start()
    yield server
    assert server.stop()[1] == 0


def test_a_batch_is_kept_for_so_many_days_and_its_owner_may_end_it_sooner(server):
    answer, batch = begin(server)
    assert 3 <= kept(answer["document"]) < 3.0001 and answer["keepDays"] == 3
    made, end = moment(answer["document"]["createdAt"]), answer["document"]["expiresAt"]
    assert "keepDays" not in server.json("GET", batch.path)[1]
    assert server.json("GET", batch.path, headers=batch.headers)[1]["keepDays"] == 3

    sooner = (made + DAY).isoformat(timespec="seconds").replace("+00:00", "Z")
    status, answer = change(batch, {"expiresAt": sooner})
    assert status == 200 and answer["document"]["expiresAt"] == sooner.replace("Z", ".000Z")
    # The same moment, as it is written elsewhere.
    there = (made + 2 * DAY).astimezone(datetime.timezone(datetime.timedelta(hours=-3)))
    status, answer = change(batch, {"expiresAt": there.isoformat(timespec="seconds")})
    assert status == 200 and kept(answer["document"]) <= 2
    assert change(batch, {"expiresAt": end})[0] == 200

    for late, actual in [((made + 3 * DAY + DAY / 2).isoformat(timespec="seconds"), 4), (None, None)]:
        status, problem = change(batch, {"expiresAt": late})
        assert (status, problem["code"], problem["limit"]) == (400, "bad-request", 3), late
        assert problem.get("actual") == actual
    wrong = [made.isoformat(timespec="seconds"), "2030-01-31", "soon", "", 5, True, [], {}]
    for value in wrong:
        status, problem = change(batch, {"expiresAt": value})
        assert (status, problem["code"]) == (400, "bad-request"), value
    assert change(batch, {"expiresAt": sooner, "name": "Beach"})[0] == 400
    assert change(batch, {"expiresAt": sooner}, {})[1]["code"] == "not-owner"

    [listed] = server.json("GET", "/api/batches", headers=batch.headers)[1]["batches"]
    assert listed["expiresAt"] == end
    assert_whole(batch)
    assert [event["type"] for event in batch.events()] == ["batch.created", *["batch.rescheduled"] * 3]
    plain = server.request("GET", f"/batches/{batch.name}?plain", headers={"Accept-Language": "pt"})[2].decode()
    assert f"mantido até {end[:16].replace('T', ' ')} UTC" in plain


@pytest.mark.parametrize("server", [[]], indirect=True)
def test_only_strangers_batches_end_where_nothing_else_is_said(server):
    local, _ = begin(server)
    assert "expiresAt" not in local["document"] and "keepDays" not in local
    stranger, batch = begin(server, ELSEWHERE)
    assert 30 <= kept(stranger["document"]) < 30.0001 and stranger["keepDays"] == 30
    late = (moment(stranger["document"]["createdAt"]) + 31 * DAY).isoformat(timespec="seconds")
    assert change(batch, {"expiresAt": late}, {**batch.headers, **ELSEWHERE})[1]["limit"] == 30
    # A guest's is kept as one of who made the link would be.
    for headers, is_kept in [(batch.headers, False), (None, True)]:
        if is_kept:
            status, answer = server.accept(invite(server).stdout.strip())
            headers = {"Authorization": f"Bearer {server.token}"}
            assert status == 201
            answer, batch = begin(server, {**headers, **ELSEWHERE})
            assert "expiresAt" not in answer["document"]
        body = json.dumps({"title": "Party"})
        secret = server.json("POST", f"{batch.path}/drops", body, headers)[1]["secret"]
        guest = server.json("POST", "/api/grants", json.dumps({"drop": secret}))[1]["batch"]
        document = server.json("GET", f"/api/batches/{guest}")[1]["document"]
        assert ("expiresAt" not in document) == is_kept
        assert is_kept or 30 <= kept(document) < 30.0001


def test_at_its_end_a_batch_is_deleted_as_by_hand(server, photos):
    _, ending = begin(server)
    _, other = begin(server)
    for batch in (ending, other):
        batch.send(photos[0].read_bytes(), "a.jpg")
        batch.settle()
    server.stop()
    with contextlib.closing(sqlite3.connect(server.data / "revela.sqlite")) as base, base:
        base.execute("UPDATE batch SET expiresAt = 1 WHERE id = ?", [ending.name])
    server.start()
    with until("the end") as waiting:
        while server.request("GET", ending.path)[0] != 410:
            waiting()
    status, problem = server.json("GET", f"{ending.path}/events")
    assert (status, problem["code"]) == (410, "batch-deleted")
    assert server.json("POST", f"{ending.path}/images", b"x", ending.headers)[0] == 410
    for address in [f"/batches/{ending.name}", f"/batches/{ending.name}?plain"]:
        status, headers, body = server.request("GET", address, headers={"Accept": "text/html"})
        assert status == 410 and headers["content-type"].startswith("text/html") and b"<html" in body
        status, problem = server.json("GET", address)
        assert (status, problem["code"]) == (410, "batch-deleted")
    listed = server.json("GET", "/api/batches", headers=ending.headers)[1]["batches"]
    assert listed == []
    with until("its photos to be gone") as waiting, \
            contextlib.closing(sqlite3.connect(server.data / "revela.sqlite")) as base:
        while base.execute("SELECT count(*) FROM image").fetchone() != (1,):
            waiting()
    assert_whole(other)


def test_a_batch_of_before_gets_no_end_by_itself(tmp_path):
    server = Server(tmp_path / "data").start()
    _, batch = begin(server)
    server.stop()
    server.flags = (*server.flags, "--keep-days", "1")
    server.start()
    answer = server.json("GET", batch.path, headers=batch.headers)[1]
    assert "expiresAt" not in answer["document"] and answer["keepDays"] == 1
    # Any end is a sooner one.
    later = (moment(answer["document"]["createdAt"]) + 9 * DAY).isoformat(timespec="seconds")
    assert change(batch, {"expiresAt": later})[0] == 200
    assert change(batch, {"expiresAt": None})[1]["limit"] == 1
    server.stop()
