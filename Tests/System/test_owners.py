"""What one owner may have (docs/operations.md), and what whoever only announces keeps from others."""

import json

import pytest

from harness import Batch, Server, until

TUS = {"Tus-Resumable": "1.0.0"}


def metric(server, name):
    lines = server.request("GET", "/metrics")[2].decode().splitlines()
    return next(float(line.split()[-1]) for line in lines if line.startswith(name))


def create(batch, length, headers=None):
    return batch.server.json("POST", f"{batch.path}/images", b"", {
        **batch.headers, **TUS, "Upload-Length": str(length), **(headers or {})})


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "data", "--owner-bytes", "1000", "--owner-batches", "2", "--owner-uploads", "3").start()
    yield server
    assert server.stop()[1] == 0


def test_an_owner_has_so_much_and_is_told_how_much(server, photos):
    limits = server.json("GET", "/api/capabilities")[1]["limits"]
    assert (limits["ownerBytes"], limits["ownerBatches"], limits["ownerUploads"]) == (1000, 2, 3)
    batch = server.new_batch()
    assert create(batch, 900)[0] == 201
    status, problem = create(batch, 101)
    assert (status, problem["code"], problem["limit"], problem["actual"]) == (409, "owner-full", 1000, 1001)
    status, problem = batch.send(photos[0].read_bytes())
    assert (status, problem["code"], problem["limit"]) == (409, "owner-full", 1000)
    # Nothing of what was refused is left.
    assert len(batch.images()) == 1 and len(server.staged_files()) == 1

    for _ in range(2):
        assert create(batch, 1)[0] == 201
    status, headers, body = server.request("POST", f"{batch.path}/images", b"", {
        **batch.headers, **TUS, "Upload-Length": "1"})
    problem = json.loads(body)
    assert (status, problem["code"], problem["limit"], problem["actual"]) == (429, "too-many-requests", 3, 4)
    assert int(headers["retry-after"]) >= 1

    assert server.json("POST", "/api/batches", headers=batch.headers)[0] == 201
    status, problem = server.json("POST", "/api/batches", headers=batch.headers)
    assert (status, problem["code"], problem["limit"], problem["actual"]) == (409, "too-many-batches", 2, 3)
    status, problem = server.json("POST", "/files", b"photo", {**batch.headers, "Content-Type": "image/jpeg"})
    assert (status, problem["code"]) == (409, "too-many-batches")
    # Another owner is another.
    assert create(server.new_batch(), 1000)[0] == 201
    assert [metric(server, f'revela_owner_refusals_total{{of="{of}"}}') for of in ["batches", "bytes", "uploads"]] == [
        2, 2, 1]

    # What is taken back makes room, and so does the batch.
    server.stop()
    server.start()
    assert create(batch, 1)[0] == 429
    assert server.request("DELETE", batch.path, headers=batch.headers)[0] == 204
    other = server.json("POST", "/api/batches", headers=batch.headers)[1]["document"]["id"]
    other = Batch(server, other, batch.token)
    # Its uploads are gone once what it held is removed, a moment later.
    with until("room for one more") as waiting:
        while (status := create(other, 1000)[0]) == 429:
            waiting()
    assert status == 201


def test_whoever_only_announces_keeps_nobody_out(tmp_path, photos):
    server = Server(tmp_path / "data", "--trusted-proxy", "127.0.0.1").start()
    free = int(metric(server, "revela_disk_free_bytes"))
    largest = 200 << 20
    many = free // largest + 20
    if many > 5_000:
        pytest.skip("it would take too many to announce as much as this disk has")
    holder = server.new_batch()
    answers = [create(holder, largest, {"X-Forwarded-For": f"203.0.113.{number % 5}"})[0] for number in range(many)]
    assert answers[-1] in (201, 507) and metric(server, "revela_uploads_promised_bytes") > free / 2
    batch = server.new_batch()
    status, image = server.json("POST", f"{batch.path}/images", photos[0].read_bytes(), {
        **batch.headers, "Content-Type": "image/jpeg", "X-Forwarded-For": "198.51.100.1"})
    assert status == 201, image
    server.stop()


def test_a_proxy_that_nobody_named_is_told_of_once(tmp_path):
    server = Server(tmp_path / "data").start()
    for _ in range(3):
        assert server.json("POST", "/api/batches", headers={"X-Forwarded-For": "203.0.113.1"})[0] == 201
    assert server.log_text().count("a proxy that is not trusted") == 1 and "127.0.0.1" in server.log_text()
    server.stop()
