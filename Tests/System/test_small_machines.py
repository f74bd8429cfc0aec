"""Machines with little memory, as control groups make them: photos are developed one at a time, and none is
blamed for what the machine lacks."""

import base64
import contextlib
import http.client
import os
import pathlib
import time
import urllib.parse

import pytest

import harness
from harness import assert_whole
from slow import SLOW


class Group:
    """A control group of our own below the one this test runs in."""

    def __init__(self, folder, limit, peak):
        self.folder, self._limit, self._peak = folder, limit, peak

    def restrict(self, mebibytes):
        (self.folder / self._limit).write_text(str(mebibytes << 20))

    def enter(self):
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))

    def peak_mebibytes(self):
        file = self.folder / self._peak
        return int(file.read_text()) >> 20 if file.exists() else None


@pytest.fixture
def group():
    memberships = [line.split(":", 2) for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines()]
    places = [(pathlib.Path("/sys/fs/cgroup/memory" + path), "memory.limit_in_bytes", "memory.max_usage_in_bytes")
              for _, controllers, path in memberships if "memory" in controllers.split(",")]
    places += [(pathlib.Path("/sys/fs/cgroup" + path), "memory.max", "memory.peak")
               for number, controllers, path in memberships if (number, controllers) == ("0", "")]
    for parent, limit, peak in places:
        folder = parent / f"revela-test-{os.getpid()}"
        with contextlib.suppress(OSError):
            folder.mkdir()
            if (folder / limit).exists():
                yield Group(folder, limit, peak)
                remove(folder)
                return
            folder.rmdir()
    pytest.skip("no control group for memory can be made here")


def remove(folder):
    """Once the last process in it is gone."""
    with harness.until("the end of the group's processes") as waiting:
        while waiting():
            with contextlib.suppress(OSError):
                return folder.rmdir()


@pytest.mark.parametrize("mebibytes", [512, 400])
def test_a_small_machine_develops_photos_one_at_a_time_and_blames_none(tmp_path, group, photos, mebibytes):
    group.restrict(mebibytes)
    server = harness.Server(tmp_path / "data", "--workers", "4").start(before=group.enter)
    assert "memory decides how many photos are developed at once" in server.log_text()
    batch = server.new_batch()
    began = time.monotonic()
    batch.curl(*photos)
    images = batch.settle(timeout=280)
    print(f"{mebibytes} MiB: {len(images)} photos in {time.monotonic() - began:.1f} s, "
          f"peak {group.peak_mebibytes()} MiB")
    assert {image["state"] for image in images.values()} == {"ready"} and len(images) == 12
    assert "was killed" not in server.log_text()
    assert_whole(batch)
    assert server.stop()[1] == 0


@SLOW
def test_256_mebibytes_are_enough_to_start_with_6000_open_uploads(tmp_path, group):
    server = harness.Server(tmp_path / "data").start()
    batch = server.new_batch()
    metadata = "note " + base64.b64encode(bytes(2_900)).decode()
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    for _ in range(6_000):
        link.request("POST", f"{batch.path}/images", headers={
            **batch.headers, "Tus-Resumable": "1.0.0", "Upload-Length": "1000", "Upload-Metadata": metadata})
        answer = link.getresponse()
        answer.read()
        assert answer.status == 201
    upload = urllib.parse.urlsplit(answer.headers["Location"]).path
    server.kill()

    group.restrict(256)
    began = time.monotonic()
    server.start(before=group.enter)
    print(f"{time.monotonic() - began:.1f} s to the start, peak {group.peak_mebibytes()} MiB")
    status, headers, _ = server.request("HEAD", upload, headers={"Tus-Resumable": "1.0.0"})
    assert (status, headers["Upload-Offset"]) == (200, "0")
    assert server.request("GET", "/readyz")[0] == 200
    assert server.stop()[1] == 0
