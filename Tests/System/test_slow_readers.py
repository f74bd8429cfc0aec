"""Readers that take a large document slowly, or not at all: the slow get it, the others cost next to
nothing and are given up (docs/events.md)."""

import concurrent.futures
import http.client
import socket
import time

import pytest

import harness
from slow import SLOW

STREAM = "Accept: text/event-stream\r\n"
FORMS = {
    "HTTP/1.0": ("1.0", "", ""), "keep-alive": ("1.1", "", ""), "SSE": ("1.1", "/events", STREAM),
    "SSE of HTTP/1.0": ("1.0", "/events", STREAM), "poll": ("1.1", "/events", ""),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = harness.Server(tmp_path_factory.mktemp("readers") / "data").start()
    yield server
    # 10 seconds are promised (docs/operations.md), however many connections nobody reads; a busy machine may need more.
    assert server.stop()[0] < 30


def filled_batch(server, photos):
    """A batch of photos that are announced and not sent."""
    batch = server.new_batch()

    def announce(_):
        link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        for _ in range(photos // 8):
            link.request("POST", f"{batch.path}/images", headers={
                **batch.headers, "Tus-Resumable": "1.0.0", "Upload-Length": "1000",
                "Upload-Metadata": "filename " + "YWJj" * 80})
            assert link.getresponse().read() == b""
        link.close()

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        list(threads.map(announce, range(8)))
    return batch


def ask(batch, form, receive=4_096):
    version, path, fields = FORMS[form]
    link = socket.socket()
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
    link.connect(("127.0.0.1", batch.server.port))
    link.sendall(f"GET {batch.path}{path} HTTP/{version}\r\nHost: x\r\n{fields}\r\n".encode())
    link.settimeout(120)
    return link


def test_who_reads_nothing_costs_a_place_in_a_document_that_all_share(server):
    batch = filled_batch(server, 4_000)
    size = len(server.request("GET", batch.path)[2])
    assert size > 1_000_000
    before = server.made_bytes()
    links = [ask(batch, list(FORMS)[number % len(FORMS)]) for number in range(200)]
    for link in links:
        assert link.recv(100)
    grown = server.made_bytes() - before
    print(f"{grown >> 10} KiB for 200 readers of {size >> 10} KiB")
    # Each alone would have at least its own copy.
    assert grown < 200 * size // 4, f"{grown >> 10} KiB"
    assert server.request("GET", "/healthz")[0] == 200


@SLOW
def test_a_reader_of_250_kbit_a_second_gets_all_of_a_large_document(server):
    batch = filled_batch(server, 5_000)
    document = batch.document()

    def read(form):
        link = ask(batch, form, receive=16 << 10)
        began, text = time.monotonic(), b""
        while text.count(b'"position":') < len(document["images"]) and (piece := link.recv(8 << 10)):
            text += piece
            # What is ahead of 250 kbit/s waits.
            time.sleep(max(0, len(text) / 31_250 - (time.monotonic() - began)))
        link.close()
        return text, time.monotonic() - began

    with concurrent.futures.ThreadPoolExecutor(len(FORMS)) as threads:
        found = dict(zip(FORMS, threads.map(read, FORMS)))
    for form, (text, seconds) in found.items():
        print(f"{form}: {len(text)} bytes in {seconds:.0f} s")
        assert seconds > 50, form
        names = text.count(b'"position":')
        assert names == len(document["images"]), f"{form}: {names}"


@SLOW
@pytest.mark.parametrize("form", FORMS)
def test_who_takes_nothing_for_a_minute_is_given_up(server, form):
    batch = filled_batch(server, 5_000)
    link = ask(batch, form)
    for _ in range(3):
        if form == "keep-alive":
            link.sendall(f"GET {batch.path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    began = time.monotonic()
    with harness.until("its end", timeout=120, pause=1) as waiting:
        while waiting() and _is_open(link):
            pass
    assert 55 < time.monotonic() - began < 90


def _is_open(link):
    """By what the kernel says, so that nothing is read."""
    return link.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1) == b"\x01"
