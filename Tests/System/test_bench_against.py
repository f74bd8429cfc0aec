"""`scripts/bench against`: an installation is measured from outside, by a program that is given no more
than its address."""

import contextlib
import json
import re
import socket
import sqlite3
import subprocess
import threading

import pytest

import proxies
from harness import ROOT, until

WAYS = "polling every second,long polling,Server-Sent Events,WebSocket"


def against(url, *options, ways=WAYS, file=None):
    done = subprocess.run(
        [ROOT / "scripts" / "bench", "against", url, "--readers", "10", "--seconds", "3", "--ways", ways,
         *(["--json", file] if file else []), *options],
        capture_output=True, text=True, timeout=180)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("options", [[], ["--plain"]], ids=["python", "c"])
def test_every_reader_is_told_everything_and_its_cost_is_counted(server, tmp_path, options):
    file = tmp_path / "found.json"
    status, said, trouble = against(server.url, *options, file=file)
    assert status == 0, (said, trouble)
    found = json.loads(file.read_text())["ways"]
    assert list(found) == WAYS.split(",")
    for way, one in found.items():
        assert (one["lost"], one["repeated"], one["reconnects"]) == (0, 0, 0), way
        assert one["events"] >= 5 and one["readers"] == one["connections"] == 10, way
        assert one["p50_ms"] <= one["p95_ms"] <= one["p99_ms"] <= one["max_ms"]
        # Every event came to every reader: that alone is so many bytes.
        assert one["bytes"] > 10 * one["events"] * 100
        assert f"| {way} | " in said
    assert found["Server-Sent Events"]["requests"] == found["WebSocket"]["requests"] == 10
    assert found["long polling"]["requests"] > 10 * found["long polling"]["events"] / 2
    assert found["polling every second"]["p50_ms"] > 2 * found["Server-Sent Events"]["p50_ms"]
    # Nothing is left behind.
    assert re.search(r"All of it: .*found.json", said)


def test_it_measures_through_a_proxy(server, tmp_path):
    with proxies.running(proxies.nginx, tmp_path / "proxy", server.port) as port:
        status, said, trouble = against(f"http://127.0.0.1:{port}")
    assert status == 0, (said, trouble)


@pytest.fixture
def secure(server, tmp_path):
    """(url, certificate) of the server behind an nginx that signed its certificate itself."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True)

    def make(folder, port, server_port, timeout):
        command = proxies.nginx(folder, port, server_port, timeout)
        place, listen = folder / "nginx.conf", f"listen 127.0.0.1:{port}"
        place.write_text(proxies.changed(place.read_text(), **{
            f"{listen};": f"{listen} ssl; ssl_certificate {certificate}; ssl_certificate_key {key};"}))
        return command
    with proxies.running(make, tmp_path / "proxy", server.port) as port:
        yield f"https://127.0.0.1:{port}", certificate


def test_it_measures_over_https_where_the_certificate_is_trusted(secure, tmp_path):
    url, certificate = secure
    status, said, trouble = against(url, "--ca", certificate)
    assert status == 0, (said, trouble)
    status, _, trouble = against(url)
    assert status == 69 and f"The certificate of {url} is not trusted" in trouble and "--ca FILE" in trouble
    (tmp_path / "no.pem").write_text("no certificate")
    for file in ["no.pem", "missing.pem"]:
        status, _, trouble = against(url, "--ca", tmp_path / file)
        assert status == 69 and f"{file} holds no certificate that can be read" in trouble
    status, _, trouble = against(url, "--readers", "1001")
    assert status == 69 and "over plain http alone" in trouble


class Repeater:
    """Says each event of a stream twice: a way that nobody should trust."""

    def __init__(self, server_port):
        self.server_port = server_port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.server_port))
            for pair in [(client, server, 1), (server, client, 2)]:
                threading.Thread(target=self._carry, args=pair, daemon=True).start()

    @staticmethod
    def _carry(source, target, times):
        try:
            while piece := source.recv(1 << 16):
                # One chunk of the stream, as HTTP/1.1 frames it.
                is_event = re.match(rb"[0-9a-f]+\r\n.*event: change", piece, re.DOTALL)
                target.sendall(piece * (times if is_event else 1))
        except OSError:
            pass
        for end in (source, target):
            end.close()


def test_an_event_that_is_repeated_makes_it_fail(server, tmp_path):
    repeater = Repeater(server.port)
    file = tmp_path / "found.json"
    for options in [[], ["--plain"]]:
        status, said, _ = against(repeater.url, *options, ways="Server-Sent Events", file=file)
        assert status == 1, said
        assert json.loads(file.read_text())["ways"]["Server-Sent Events"]["repeated"] > 0
    repeater.listener.close()


def test_a_server_that_is_not_revela_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    other = subprocess.Popen(["python3", "-m", "http.server", str(port), "--bind", "127.0.0.1"],
                             cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with until("the other server") as waiting:
            while not accepts(port):
                waiting()
        status, said, trouble = against(f"http://127.0.0.1:{port}")
    finally:
        other.kill()
        other.wait()
    assert status == 69 and "is not Revela" in trouble and said == ""


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def test_no_answer_is_a_sentence():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    status, _, trouble = against(f"http://127.0.0.1:{port}")
    assert status == 69 and trouble.startswith(f"Nothing answers at http://127.0.0.1:{port}"), trouble


@pytest.mark.parametrize("url, sentence", [
    ("ftp://example.org", "is no address of a server"), ("http://example.org/photos", "names a path below it"),
    ("nowhere", "is no address of a server")])
def test_what_is_no_address_is_a_sentence(url, sentence):
    status, _, trouble = against(url)
    assert status == 69 and sentence in trouble


def test_more_readers_than_descriptors_is_a_sentence(server):
    done = subprocess.run(
        ["bash", "-c", f"ulimit -n 200; scripts/bench against {server.url} --readers 500"],
        cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 69
    assert "500 readers need 564 descriptors, and this process may open 200" in done.stderr


def test_a_server_that_goes_away_ends_it_and_what_was_found_is_kept(server, tmp_path):
    file = tmp_path / "found.json"
    running = subprocess.Popen(
        [ROOT / "scripts" / "bench", "against", server.url, "--readers", "10", "--seconds", "4", "--ways", WAYS,
         "--json", file], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    # Each way makes a batch of its own: at the third, two are done.
    with until("the third way", timeout=120) as waiting:
        while not third_has_begun(server):
            waiting()
    server.kill()
    said, trouble = running.communicate(timeout=120)
    assert running.returncode == 69
    assert "Nothing answers at" in trouble
    assert list(json.loads(file.read_text())["ways"]) == WAYS.split(",")[:2]
    assert "| long polling | " in said


def third_has_begun(server):
    """Two batches were made, followed and deleted, and another is there."""
    path = server.data / "revela.sqlite"
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as base:
        deleted, there = (base.execute(f"SELECT count(*) FROM {rows}").fetchone()[0]
                          for rows in ("deletedBatch", "batch WHERE deleted = 0"))
    return deleted == 2 and there == 1
