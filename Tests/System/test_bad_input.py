"""Rubbish in: a clear reason out, the rest of the batch untouched, nothing left on disk."""

import http.client
import json
import socket

import pytest

from harness import assert_whole

HTML = b"<!doctype html><script>alert(1)</script>"
ELF = b"\x7fELF\x02\x01\x01" + bytes(200)


def reason(batch, image):
    """The code the image was rejected with, once the batch has settled."""
    member = batch.settle()[image["id"]]
    assert member["state"] == "rejected", member
    problem = member["problem"]
    assert problem["title"] and problem["detail"] and problem["retryable"] is False
    return problem["code"]


@pytest.mark.parametrize("data", [b"just some text\n" * 50, ELF, HTML], ids=["text", "executable", "html"])
def test_what_is_no_image_is_rejected_whatever_its_name(server, batch, photos, data):
    _, good = batch.send(photos[0].read_bytes())
    _, bad = batch.send(data, "holiday.jpg")
    assert reason(batch, bad) == "not-an-image"
    assert batch.images()[good["id"]]["state"] == "ready"
    assert_whole(batch)
    assert server.staged_files() == []


def test_a_truncated_photo_is_rejected_as_damaged(batch, photos):
    data = photos[0].read_bytes()
    _, image = batch.send(data[: len(data) // 2])
    assert reason(batch, image) == "damaged"


def test_a_wrong_content_type_changes_nothing(batch, photos):
    _, image = batch.send(photos[0].read_bytes(), "a.gif", content_type="image/gif")
    assert batch.settle()[image["id"]]["mediaType"] == "image/jpeg"


def test_an_empty_file_is_refused(server, batch):
    status, problem = batch.send(b"")
    assert (status, problem["code"]) == (422, "empty-file")
    assert batch.images() == {} and server.staged_files() == []


def test_a_file_over_the_limit_is_refused_with_the_limit_and_its_size(server, batch):
    limit = server.json("GET", "/api/capabilities")[1]["limits"]["fileBytes"]
    status, _, body = server.request("POST", f"{batch.path}/images", headers={
        **batch.headers, "Content-Type": "image/jpeg", "Content-Length": str(limit + 1),
        "Content-Disposition": 'attachment; filename="huge.jpg"'})
    problem = json.loads(body)
    assert (status, problem["code"]) == (413, "file-too-large")
    assert (problem["limit"], problem["actual"]) == (limit, limit + 1)
    assert server.staged_files() == []


def test_a_hostile_name_is_only_a_label(batch, photos):
    name = "../../" + "a\x01\u202e🎞" * 100 + ".jpg"
    _, image = batch.send(photos[0].read_bytes(), name)
    stored = batch.images()[image["id"]]["name"]
    assert len(stored.encode()) <= 255 and stored.startswith("a🎞")
    assert not any(c in stored for c in "/\\\x01\u202e")


def test_a_malformed_form_is_refused_and_leaves_no_file(server, batch):
    body = b"--x\r\nContent-Disposition: form-data; name=photo; filename=a.jpg\r\n\r\nhalf a fil"
    status, problem = server.json("POST", f"{batch.path}/images", body, {
        **batch.headers, "Content-Type": "multipart/form-data; boundary=x"})
    assert (status, problem["code"]) == (400, "malformed-multipart")
    assert all(image["state"] == "rejected" for image in batch.images().values())
    assert server.staged_files() == []


def test_a_batch_that_never_was(server):
    unknown = "/api/batches/b_00000000000000000000000000"
    for method, path in [("GET", unknown), ("GET", f"{unknown}/events"), ("POST", f"{unknown}/images")]:
        status, problem = server.json(method, path)
        assert (status, problem["code"]) == (404, "no-such-batch"), path
    assert server.json("GET", "/api/batches/nonsense")[0] == 404


@pytest.mark.parametrize("method, path, allowed", [
    ("PUT", "/api/batches", {"GET", "HEAD", "POST"}),
    ("PROPFIND", "/api/batches", {"GET", "HEAD", "POST"}),
    ("PUT", "{batch}", {"GET", "HEAD", "PATCH", "DELETE"}),
    ("GET", "{batch}/images", {"OPTIONS", "POST"}),
    ("GET", "{batch}/images/i_0/retry", {"POST"}),
    ("POST", "{batch}/archive.zip", {"GET", "HEAD"}),
    ("POST", "/api/uploads/u_" + 26 * "0", {"OPTIONS", "HEAD", "GET", "PATCH", "DELETE"}),
    ("PUT", "/files", {"OPTIONS", "POST"}),
    ("POST", "/readyz", {"GET", "HEAD"}),
])
def test_a_method_that_a_path_does_not_have_is_405_and_says_which_it_has(
        server, batch, method, path, allowed):
    status, headers, body = server.request(method, path.format(batch=batch.path))
    assert (status, json.loads(body)["code"]) == (405, "method-not-allowed")
    assert set(headers["Allow"].split(", ")) == allowed


def test_no_method_makes_a_path_that_is_not_there(server, batch):
    for method in ["GET", "POST", "PROPFIND"]:
        assert server.json(method, "/api/nothing")[0] == 404


def test_head_is_answered_like_get_without_a_body(server, batch):
    for path in ["/api/batches", batch.path, "/readyz"]:
        status, headers, body = server.request("HEAD", path)
        assert (status, body) == (200, b""), path
        assert headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("token", ["", "None", "o_guess"])
def test_a_token_that_nobody_was_given_is_refused_and_owns_nothing(server, token):
    headers = {"Authorization": f"Bearer {token}"}
    for method in ["GET", "POST"]:
        status, problem = server.json(method, "/api/batches", headers=headers)
        assert (status, problem["code"]) == (400, "bad-request")


def test_a_list_of_batches_is_read_to_its_end_by_following_next(server):
    batch = server.new_batch()
    names = {batch.name} | {
        server.json("POST", "/api/batches", headers=batch.headers)[1]["document"]["id"]
        for _ in range(6)}
    path, found, pages = "/api/batches?limit=3", [], 0
    while path:
        status, headers, body = server.request("GET", path, headers=batch.headers)
        answer = json.loads(body)
        assert status == 200 and len(answer["batches"]) <= 3
        found += [one["id"] for one in answer["batches"]]
        path, pages = answer.get("next"), pages + 1
        assert headers["Link"] == (f'<{path}>; rel="next"' if path else None)
    assert pages == 3 and len(found) == len(names) and set(found) == names
    assert "next" not in server.json("GET", "/api/batches?limit=7", headers=batch.headers)[1]
    for query in ["limit=0", "limit=501", "limit=many", "after=", "after=2026", "after=,b_1"]:
        status, problem = server.json("GET", f"/api/batches?{query}", headers=batch.headers)
        assert (status, problem["code"]) == (400, "bad-request"), query


def test_a_deleted_batch_is_gone_and_says_so(server, batch):
    assert server.json("DELETE", batch.path)[0] == 403
    assert server.json("DELETE", batch.path, headers=batch.headers)[0] == 204
    status, problem = server.json("GET", batch.path)
    assert (status, problem["code"]) == (410, "batch-deleted")


@pytest.mark.parametrize("cursor", ["zz.1", "nonsense", "", "%00", "1e9"])
def test_a_cursor_from_nowhere_gets_a_reset(server, batch, cursor):
    status, page = server.json("GET", f"{batch.path}/events?after={cursor}")
    assert status == 200
    assert page["reset"]["document"] == batch.document() and page["events"] == []


def test_a_cursor_from_the_future_gets_a_reset(server, batch):
    cursor = server.json("GET", batch.path)[1]["cursor"]
    epoch, seq = cursor.split(".")
    status, page = server.json("GET", f"{batch.path}/events?after={epoch}.{int(seq) + 1}")
    assert status == 200 and page["reset"]["cursor"] == cursor


def test_only_the_owner_changes_a_batch(server, batch, photos):
    _, image = batch.send(photos[0].read_bytes())
    batch.settle()
    stranger = server.new_batch()
    path = f"{batch.path}/images/{image['id']}"
    for headers in [{}, stranger.headers]:
        status, problem = server.json("DELETE", path, headers=headers)
        assert (status, problem["code"]) == (403, "not-owner")
    assert image["id"] in batch.images()


def test_a_change_with_the_cookie_needs_our_own_origin(server):
    _, headers, body = server.request("POST", "/api/batches")
    cookie = headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie
    path = f"/api/batches/{json.loads(body)['document']['id']}"
    secret = {"Cookie": cookie.split(";")[0]}
    for origin in [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}]:
        status, problem = server.json("DELETE", path, headers={**secret, **origin})
        assert (status, problem["code"]) == (403, "foreign-origin")
    assert server.json("DELETE", path, headers={**secret, "Origin": server.url})[0] == 204


@pytest.mark.parametrize("path", [
    "/", "/nothing", "/healthz", "/api/uploads/u_00000000000000000000000000", "/api/batches"])
def test_an_answer_to_head_has_no_body_so_that_the_next_one_is_read_right(server, path):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("HEAD", path)
    response = connection.getresponse()
    assert response.read() == b"" and int(response.headers["Content-Length"]) > 0
    connection.request("GET", "/healthz")
    assert connection.getresponse().read() == b'{"status":"ok"}'
    connection.close()


@pytest.mark.parametrize("body, framing", [
    (b"x" * 70_000, {}), (b"zz\r\nab\r\n", {"Transfer-Encoding": "chunked"})], ids=["too long", "broken"])
def test_a_body_that_is_no_wish_for_a_batch_is_the_clients_fault(server, body, framing):
    status, _, answer = server.request("POST", "/api/batches", body, framing)
    assert (status, json.loads(answer)["code"]) == (400, "bad-request")


def test_a_number_that_no_counter_holds_is_only_out_of_range(server, batch):
    """One of them used to end the server: each sum with what a client says must not overflow."""
    cursor = server.json("GET", batch.path)[1]["cursor"]
    epoch = cursor.split(".")[0]
    with socket.create_connection(("127.0.0.1", server.port)) as follower:
        follower.sendall(f"GET {batch.path}/events HTTP/1.1\r\nHost: x\r\n"
                         "Accept: text/event-stream\r\n\r\n".encode())
        assert b"event: hello" in until(follower, b"event: live")
        _, headers, _ = server.request("POST", f"{batch.path}/images", b"a", {
            **batch.headers, "Upload-Complete": "?0"})
        until(follower, b"image.created")
        for seq in [2**63 - 1, 2**63, 10**30]:
            answer = server.json("GET", f"{batch.path}/events?after={epoch}.{seq}")[1]
            assert answer["reset"]["cursor"] == answer["cursor"]
    for length in [2**63 - 1, 2**63, 2**64 - 1]:
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(
                f"PATCH {headers['Location']} HTTP/1.1\r\nHost: x\r\nUpload-Offset: 1\r\n"
                "Upload-Complete: ?1\r\nContent-Type: application/partial-upload\r\n"
                f"Content-Length: {length}\r\n\r\nx".encode())
            assert until(client, b"\r\n").startswith(b"HTTP/1.1 413 ")
    assert server.request("GET", "/healthz")[0] == 200


def until(connection, mark):
    """What comes up to and with `mark`."""
    came = b""
    while mark not in came:
        more = connection.recv(65536)
        assert more, came
        came += more
    return came
