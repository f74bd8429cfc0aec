"""Manage links: a second device, and a browser that lost its cookie (docs/access.md)."""

import contextlib
import json
import threading

import pytest
import websockets.sync.client

from grants import Key, ManageLink
from harness import Server

UNKNOWN = "m_" + 26 * "0"


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "data").start()
    yield server
    assert server.stop()[1] == 0


def listed(server, headers):
    return [batch["id"] for batch in server.json("GET", "/api/batches", headers=headers)[1]["batches"]]


def begun(server, headers):
    status, answer = server.json("POST", "/api/batches", headers=headers)
    assert status == 201
    return answer["document"]["id"]


def test_two_browsers_have_the_same_batches_and_a_third_one_has_none(server):
    laptop = server.new_batch()
    phone = ManageLink(laptop).take()
    assert listed(server, phone) == [laptop.name]
    # What either begins, both have.
    of_phone = begun(server, phone)
    for headers in (phone, laptop.headers):
        assert set(listed(server, headers)) == {laptop.name, of_phone}
    status, answer = server.json("PATCH", f"/api/batches/{of_phone}", json.dumps({"name": "Beach"}), laptop.headers)
    assert (status, answer["owner"]) == (200, True)
    told = server.json("GET", "/api/manage-link", headers=phone)[1]
    assert told["devices"] == 1


def test_a_browser_keeps_what_it_had_before_also_when_the_link_is_ended(server):
    laptop, before = server.new_batch(), server.new_batch()
    phone = ManageLink(laptop).take(before.headers)
    during = begun(server, phone)
    assert set(listed(server, phone)) == {laptop.name, before.name, during}
    assert set(listed(server, laptop.headers)) == {laptop.name, during}
    pages, after = [], ""
    while after is not None:
        answer = server.json("GET", f"/api/batches?limit=1{after}", headers=phone)[1]
        pages += [batch["id"] for batch in answer["batches"]]
        after = "&" + answer["next"].split("?")[1].replace("limit=1&", "") if "next" in answer else None
    assert pages == listed(server, phone)

    assert server.request("DELETE", "/api/manage-link", headers=laptop.headers)[0] == 204
    assert listed(server, phone) == [before.name]
    assert set(listed(server, laptop.headers)) == {laptop.name, during}
    assert server.json("GET", "/api/manage-link", headers=laptop.headers)[1]["code"] == "no-such-manage-link"


def test_what_a_browser_may_lasts_through_a_restart_and_an_open_socket_loses_it_with_the_link(server):
    laptop = server.new_batch()
    phone = ManageLink(laptop).take()
    assert server.stop()[1] == 0
    server.start()
    assert listed(server, phone) == [laptop.name]

    def cancel(socket, number):
        socket.send(json.dumps({"id": number, "cancel": "i_" + 26 * "0"}))
        return next(message for message in map(json.loads, socket) if message.get("reply") == number)["problem"]["code"]

    url = f"ws://127.0.0.1:{server.port}{laptop.path}/events"
    with websockets.sync.client.connect(url, additional_headers=phone, proxy=None) as socket:
        assert cancel(socket, 1) == "no-such-image"
        assert server.request("DELETE", "/api/manage-link", headers=laptop.headers)[0] == 204
        assert cancel(socket, 2) == "not-owner"


def test_a_link_that_never_was_was_replaced_or_ended_looks_the_same(server):
    laptop = server.new_batch()
    old = ManageLink(laptop).secret
    ended = ManageLink(laptop).secret
    assert server.request("DELETE", "/api/manage-link", headers=laptop.headers)[0] == 204
    answers = set()
    for secret in (UNKNOWN, old, ended, "m_", "", old[:-1], "d_" + old[2:]):
        status, _, body = server.request("POST", "/api/grants", json.dumps({"manage": secret}))
        answers.add((status, json.loads(body)["code"], json.loads(body)["detail"]))
    assert len(answers) == 1 and answers.pop()[:2] == (404, "no-such-manage-link")
    assert listed(server, None) == []


def test_who_has_nothing_here_has_no_link_and_an_app_has_none_by_its_grants(server):
    stranger = {"Authorization": "Bearer o_" + 26 * "0"}
    key = Key(server, "--manage")
    key.batch(jti="album")
    for headers in (None, stranger, key.headers(jti="back-end", may="manage"), key.headers(jti="album")):
        for method in ("POST", "GET", "DELETE"):
            status, _, body = server.request(method, "/api/manage-link", headers=headers)
            if (method, headers) == ("GET", stranger):
                assert json.loads(body)["code"] == "no-such-manage-link"
            elif (method, headers) == ("DELETE", stranger):
                assert status == 204
            else:
                assert (status, json.loads(body)["code"]) == (403, "not-owner")
    # Nor does an app's user become the owner of what is somebody's.
    secret = ManageLink(server.new_batch()).secret
    status, answer = key.ask("POST", "/api/grants", json.dumps({"manage": secret}), jti="album")
    assert (status, answer["code"]) == (404, "no-such-manage-link")


def test_many_at_once_take_no_more_than_there_is_room_for(server):
    link = ManageLink(server.new_batch())
    outcomes = []

    def take():
        status, _, body = server.request("POST", "/api/grants", json.dumps({"manage": link.secret}))
        outcomes.append((status, json.loads(body).get("code")))

    threads = [threading.Thread(target=take) for _ in range(24)]
    with contextlib.ExitStack() as stack:
        for thread in threads:
            thread.start()
            stack.callback(thread.join)
    assert sorted(outcomes, key=str) == 20 * [(201, None)] + 4 * [(409, "too-many-devices")]
