"""Cancelling a photo in every state of its life, and what it frees."""

import os
import pathlib
import struct
import time
import zlib

import pytest

import harness
from harness import assert_whole, until


def noise_png(width, height):
    """A PNG no encoder likes: it keeps a worker busy for about a second."""
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\0" + os.urandom(3 * width) for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b""))


def cpu_ticks(pid):
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else int(fields[11]) + int(fields[12])


def busiest(server):
    """The worker that uses the CPU most right now."""
    before = {pid: cpu_ticks(pid) for pid in server.workers()}
    time.sleep(0.1)
    after = {pid: cpu_ticks(pid) for pid in before}
    return max((pid for pid in before if after[pid] is not None and before[pid] is not None),
               key=lambda pid: after[pid] - before[pid])


def until_gone(pid):
    """Seconds until the process uses no CPU any more, for it is no more."""
    began = time.monotonic()
    with until("the end of the worker", timeout=10, pause=0.001) as waiting:
        while cpu_ticks(pid) is not None and waiting():
            pass
    return time.monotonic() - began


def until_encoding(batch, image):
    with until("the encode", timeout=60, pause=0.005) as waiting:
        while waiting():
            _, answer = batch.server.json("GET", batch.path)
            if answer["live"].get(image, {}).get("stage") == "encode":
                return


def cancel(batch, image):
    status, _, body = batch.server.request(
        "DELETE", f"{batch.path}/images/{image}", headers=batch.headers)
    assert status == 204, body


def test_cancelling_a_running_photo_ends_its_worker_and_frees_the_cpu(server, batch, photos, capsys):
    _, slow = batch.send(noise_png(3600, 2700), "slow.png", "image/png")
    until_encoding(batch, slow["id"])
    worker = busiest(server)
    began = time.monotonic()
    cancel(batch, slow["id"])
    answered = time.monotonic() - began
    gone = answered + until_gone(worker)
    with capsys.disabled():
        print(f"\n  cancelled: answered after {answered * 1000:.1f} ms, CPU free after {gone * 1000:.1f} ms")
    assert batch.images()[slow["id"]]["state"] == "cancelled"

    _, next_photo = batch.send(photos[0].read_bytes())
    images = batch.settle()
    assert images[next_photo["id"]]["state"] == "ready"
    assert images[slow["id"]]["state"] == "cancelled"
    assert batch.server.json("GET", batch.path)[1]["live"] == {}
    assert_whole(batch)


def test_a_photo_can_be_cancelled_while_it_waits(tmp_path, photos):
    server = harness.Server(tmp_path / "data", "--workers", "1").start()
    batch = server.new_batch()
    with server.slow_workers(share=0.05):
        ids = [image["id"] for image in batch.curl(*photos[:4])["images"]]
        waiting_ones = [i for i in ids if batch.images()[i]["state"] == "waiting"]
        assert waiting_ones
        cancel(batch, waiting_ones[-1])
    images = batch.settle()
    assert images[waiting_ones[-1]]["state"] == "cancelled"
    assert {images[i]["state"] for i in ids if i != waiting_ones[-1]} == {"ready"}
    assert_whole(batch)
    server.stop()


def test_a_photo_can_be_cancelled_between_its_preview_and_the_rest(tmp_path, photos):
    server = harness.Server(tmp_path / "data", "--workers", "1").start()
    batch = server.new_batch()
    with server.slow_workers(share=0.3, period=0.05):
        batch.curl(*photos[:6])
        with until("a preview of a photo that waits for the rest", pause=0.005) as waiting:
            halfway = None
            while halfway is None and waiting():
                _, answer = server.json("GET", batch.path)
                halfway = next(
                    (name for name, image in answer["document"]["images"].items()
                     if image["state"] == "processing" and image.get("renditions")
                     and name not in answer["live"]), None)
        cancel(batch, halfway)
    image = batch.settle()[halfway]
    assert image["state"] == "cancelled" and "large" not in image["renditions"]
    assert_whole(batch)
    server.stop()


def test_a_deleted_batch_frees_its_workers(server, batch, photos):
    _, slow = batch.send(noise_png(3600, 2700), "slow.png", "image/png")
    until_encoding(batch, slow["id"])
    worker = busiest(server)
    assert server.json("DELETE", batch.path, headers=batch.headers)[0] == 204
    until_gone(worker)
    other = server.new_batch()
    other.send(photos[0].read_bytes())
    assert {image["state"] for image in other.settle().values()} == {"ready"}


@pytest.mark.parametrize("state", ["ready", "rejected", "cancelled"])
def test_what_is_final_is_removed_instead(server, batch, photos, state):
    data = b"no photo" if state == "rejected" else photos[0].read_bytes()
    with server.slow_workers(share=0.05) if state == "cancelled" else harness.contextlib.nullcontext():
        _, image = batch.send(data)
        if state == "cancelled":
            cancel(batch, image["id"])
    assert batch.settle()[image["id"]]["state"] == state
    cancel(batch, image["id"])
    assert batch.images() == {}
