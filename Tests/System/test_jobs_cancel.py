"""Cancelling a photo in every state of its life, and what it frees."""

import time

import pytest

import harness
from harness import assert_whole, cpu_ticks, until
from scripted import SCRIPTED, needs_script


def burning(batch, note):
    """A photo that keeps a worker at full speed for ever; returns the image and the worker."""
    status, image = batch.send(f"burn\n{note}\n".encode())
    assert status == 201
    with until("a worker at it", pause=0.001) as waiting:
        while not note.exists() and waiting():
            pass
    return image["id"], int(note.read_text())


def until_gone(pid):
    """Seconds until the process uses no CPU any more, for it is no more."""
    began = time.monotonic()
    with until("the end of the worker", timeout=10, pause=0.001) as waiting:
        while cpu_ticks(pid) is not None and waiting():
            pass
    return time.monotonic() - began


def cancel(batch, image):
    status, _, body = batch.server.request(
        "DELETE", f"{batch.path}/images/{image}", headers=batch.headers)
    assert status == 204, body


@pytest.fixture
def scripted(tmp_path):
    server = harness.Server(tmp_path / "data", "--workers", "1", "--worker", SCRIPTED).start()
    yield server
    server.stop()


@needs_script
def test_cancelling_a_running_photo_ends_its_worker_and_frees_the_cpu(scripted, tmp_path, capsys):
    batch = scripted.new_batch()
    image, worker = burning(batch, tmp_path / "worker")
    began = time.monotonic()
    cancel(batch, image)
    answered = time.monotonic() - began
    gone = answered + until_gone(worker)
    with capsys.disabled():
        print(f"\n  cancel: answered in {answered * 1000:.1f} ms, CPU free in {gone * 1000:.1f} ms")
    assert batch.images()[image]["state"] == "cancelled"

    _, following = batch.send(b"develop")
    images = batch.settle()
    assert images[following["id"]]["state"] == "ready"
    assert images[image]["state"] == "cancelled"
    assert scripted.json("GET", batch.path)[1]["live"] == {}
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


@needs_script
def test_a_deleted_batch_frees_its_workers(scripted, tmp_path):
    batch = scripted.new_batch()
    _, worker = burning(batch, tmp_path / "worker")
    assert scripted.json("DELETE", batch.path, headers=batch.headers)[0] == 204
    until_gone(worker)
    other = scripted.new_batch()
    other.send(b"develop")
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
