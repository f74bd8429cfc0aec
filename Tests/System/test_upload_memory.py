"""Uploads go through the server's memory in small pieces, however large or many they are.

REVELA_TEST_BYTES sets the size of the large one; 1073741824 is the size the promise is made for.
"""

import http.client
import os
import random
import threading
import time

import pytest

import harness
from evidence import Photographs
from tus import BYTES, VERSION, ask, metadata

SIZE = int(os.environ.get("REVELA_TEST_BYTES", 256 << 20))
GROWTH = 32 << 20
PIECE = bytes(1 << 20)


class Memory:
    """The most that a server's resident memory grows while the block runs, in bytes."""

    def __init__(self, server):
        self.server = server

    def __enter__(self):
        self.before = self.peak = self.server.resident_bytes()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def _watch(self):
        while not self._over.wait(0.02):
            self.peak = max(self.peak, self.server.resident_bytes())

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    @property
    def growth(self):
        return self.peak - self.before


@pytest.fixture
def roomy(tmp_path):
    server = harness.Server(tmp_path / "data", "--max-file-bytes", str(2 << 30)).start()
    yield server
    server.stop()


def padded(photo, size):
    """The photograph and zeros behind it, in pieces."""
    yield photo
    left = size - len(photo)
    while left > 0:
        yield PIECE[:min(left, len(PIECE))]
        left -= len(PIECE)


def send(server, batch, photo, size, name):
    """Creates and sends a padded photograph by tus, in one append."""
    made = ask(server.port, "POST", f"{batch.path}/images", {
        **VERSION, **batch.headers, **metadata(name), "Upload-Length": str(size)})
    assert made.status == 201, made.body
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
    connection.request("PATCH", made.headers["Location"], padded(photo, size), {
        **VERSION, **BYTES, "Upload-Offset": "0", "Content-Length": str(size)})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Upload-Offset"]) == (204, str(size))
    connection.close()


def warmed(server, photo):
    """A batch in a server that has done all of this once, so that growth is that of the load."""
    batch = server.new_batch()
    for number in range(4):
        send(server, batch, photo, 4 << 20, f"warm-{number}.jpg")
    batch.settle()
    return server.new_batch()


@pytest.fixture
def photo(tmp_path):
    return Photographs(tmp_path, random.Random(1), sources=1).next()


def test_one_large_upload(roomy, photo):
    batch = warmed(roomy, photo)
    began = time.monotonic()
    with Memory(roomy) as memory:
        send(roomy, batch, photo, SIZE, "large.jpg")
    seconds = time.monotonic() - began
    print(f"{SIZE >> 20} MiB in {seconds:.1f} s, from {memory.before >> 20} MiB grown by "
          f"{memory.growth / (1 << 20):.1f} MiB")
    [image] = batch.settle().values()
    assert image["state"] == "ready" and image["size"] == SIZE
    assert memory.growth <= GROWTH


def test_sixty_four_uploads_at_once(roomy, photo):
    batch = warmed(roomy, photo)
    each = SIZE // 64
    failures = []

    def one(number):
        try:
            send(roomy, batch, photo + b"%d" % number, each, f"{number}.jpg")
        except Exception as error:
            failures.append(f"{number}: {error!r}")

    threads = [threading.Thread(target=one, args=(number,)) for number in range(64)]
    began = time.monotonic()
    with Memory(roomy) as memory:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    seconds = time.monotonic() - began
    print(f"64 of {each >> 20} MiB in {seconds:.1f} s, from {memory.before >> 20} MiB grown by "
          f"{memory.growth / (1 << 20):.1f} MiB")
    assert failures == []
    images = batch.settle(timeout=300)
    assert len(images) == 64 and {image["state"] for image in images.values()} == {"ready"}
    assert memory.growth <= GROWTH
