"""Who may begin batches: whoever is at the machine, and whoever was invited (docs/install.md)."""

import subprocess

import pytest

import harness
from harness import PAGES, PROGRAMS, Server

PROXY_FIELDS = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via"]
WAYS_TO_BEGIN = [
    ("/api/batches", b"", {}),
    ("/files", b"photo", {"Content-Type": "image/jpeg"}),
    ("/files", b"", {"Tus-Resumable": "1.0.0", "Upload-Length": "5"}),
    ("/batches", b"--x\r\nContent-Disposition: form-data; name=p; filename=a.jpg\r\n\r\na\r\n--x--\r\n",
     {"Content-Type": "multipart/form-data; boundary=x"}),
]


def begin(server, way, headers=None):
    path, body, fields = way
    return server.json("POST", path, body, {**fields, **(headers or {})})


def refused(answer):
    status, problem = answer
    return (status, problem["code"]) == (403, "not-invited")


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("local") / "data", by_invitation=True).start()
    yield server
    server.stop()


@pytest.fixture(params=[["--host", "0.0.0.0"], ["--trusted-proxy", "127.0.0.1"],
                        ["--public-url", "http://photos.example"]], ids=lambda flags: flags[0])
def reached(request, tmp_path):
    server = Server(tmp_path / "data", *request.param, by_invitation=True).start()
    yield server
    server.stop()


@pytest.mark.parametrize("way", WAYS_TO_BEGIN, ids=lambda way: way[0])
def test_a_server_of_this_machine_lets_this_machine_begin_and_no_stranger(local, way):
    for headers in [{"Host": "photos.example"}, *({field: "192.0.2.1"} for field in PROXY_FIELDS)]:
        assert refused(begin(local, way, headers)), headers
        body = local.request("GET", "/", headers={**headers, "Accept": "text/html"})[2]
        assert b"by invitation" in body and b"<form" not in body and b"<input" not in body, headers
    assert begin(local, way)[0] in (201, 303, 422)
    assert b"<form" in local.request("GET", "/")[2]


@pytest.mark.parametrize("way", WAYS_TO_BEGIN, ids=lambda way: way[0])
def test_a_server_that_others_reach_lets_nobody_begin_who_was_not_invited(reached, way):
    assert refused(begin(reached, way))
    assert refused(begin(reached, way, {"Authorization": "Bearer o_" + 26 * "0"}))
    assert not list((reached.data / "blobs").rglob("*.*")) and reached.staged_files() == []


def test_the_first_who_opens_the_printed_address_may_begin_and_nobody_else(reached):
    address = reached.process.stdout.readline().decode().split()[-1]
    assert address.split("/invitation.html#")[0] in (
        reached.url.replace("0.0.0.0", "localhost"), "http://photos.example")
    status, problem = reached.accept(address[:-1] + ("0" if address[-1] != "0" else "1"))
    assert (status, problem["code"]) == (404, "no-such-invitation")
    assert reached.accept(address)[0] == 201
    batch = reached.new_batch()
    assert begin(reached, WAYS_TO_BEGIN[2], batch.headers)[0] == 201
    # Used, and known to nobody: neither the log nor another address tells of it.
    assert reached.accept(address)[0] == 404
    assert address.split("#")[1] not in reached.log_text()
    # Others read by its link, and change nothing.
    assert reached.request("GET", batch.path)[0] == 200
    assert reached.json("POST", f"{batch.path}/images", b"a")[1]["code"] == "not-owner"


def test_an_address_is_printed_until_somebody_may_begin(tmp_path):
    server = Server(tmp_path / "data", "--host", "0.0.0.0", by_invitation=True).start()
    server.stop()
    server.start()
    assert server.accept(server.process.stdout.readline().decode().split()[-1])[0] == 201
    server.stop()
    server.start()
    server.process.send_signal(harness.signal.SIGTERM)
    assert server.process.stdout.read() == b""
    server.process.wait(60)


def invite(server, *flags):
    return subprocess.run(
        [PROGRAMS / "revela", "invite", "--data", server.data, "--port", str(server.port), *PAGES, *flags],
        capture_output=True, text=True, timeout=60)


def test_revela_invite_makes_another_one_while_the_server_runs(reached):
    said = invite(reached, "--public-url", "https://photos.example")
    assert said.returncode == 0 and said.stdout.startswith("https://photos.example/invitation.html#v_"), said.stderr
    assert reached.accept(said.stdout.strip())[0] == 201
    reached.new_batch()


def test_revela_invite_says_where_there_is_no_server(tmp_path):
    said = invite(Server(tmp_path / "none", port=1))
    assert said.returncode != 0 and "has no database" in said.stderr and not (tmp_path / "none").exists()


def test_an_address_begins_so_many_a_minute_and_others_meanwhile(tmp_path):
    server = Server(tmp_path / "data", "--open", "--trusted-proxy", "127.0.0.1", "--batches-per-minute", "3",
                    "--uploads-per-minute", "5").start()
    def of(address):
        return {"X-Forwarded-For": address}
    for way in [*WAYS_TO_BEGIN[:3], WAYS_TO_BEGIN[0]]:
        answer = begin(server, way, of("203.0.113.1"))
    status, headers, body = server.request("POST", "/api/batches", b"", of("203.0.113.1"))
    assert answer[0] == status == 429 and answer[1]["code"] == "too-many-requests"
    assert (answer[1]["limit"], answer[1]["actual"]) == (3, 4) and 1 <= int(headers["retry-after"]) <= 20

    # An IPv6 /64 is one address, and another is another.
    assert all(begin(server, WAYS_TO_BEGIN[0], of(f"2001:db8:0:1::{number}"))[0] == 201 for number in range(3))
    assert begin(server, WAYS_TO_BEGIN[0], of("2001:db8:0:1::9"))[0] == 429
    assert begin(server, WAYS_TO_BEGIN[0], of("2001:db8:0:2::9"))[0] == 201

    # Uploads are counted apart: each file of a form, and what is refused leaves nothing behind.
    batch = server.new_batch()
    form = b"".join(b"--x\r\nContent-Disposition: form-data; name=p; filename=%d.jpg\r\n\r\na\r\n" % number
                    for number in range(9)) + b"--x--\r\n"
    status, problem = server.json("POST", f"{batch.path}/images", form, {
        **batch.headers, **of("203.0.113.7"), "Content-Type": "multipart/form-data; boundary=x"})
    assert (status, problem["code"], problem["limit"]) == (429, "too-many-requests", 5)
    assert len(batch.settle()) == 5
    # The one that was begun by tus above, and waits for its bytes.
    assert len(server.staged_files()) == 1
    metrics = server.request("GET", "/metrics")[2].decode()
    assert 'revela_rate_refusals_total{of="batches"} 3.0' in metrics
    assert 'revela_rate_refusals_total{of="uploads"} 1.0' in metrics
    server.stop()


def test_open_lets_everybody_begin(tmp_path):
    server = Server(tmp_path / "data", "--host", "0.0.0.0", "--open", by_invitation=True).start()
    assert begin(server, WAYS_TO_BEGIN[0], {"Host": "photos.example"})[0] == 201
    server.stop()


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"invitation":1}', b'{"invitation":"v_"}', b"{" * 9, b"x" * 20_000])
def test_an_invitation_that_is_none_is_refused_in_words(local, body):
    status, problem = local.json("POST", "/api/grants", body)
    assert (status, problem["code"]) in [(400, "bad-request"), (404, "no-such-invitation")]
