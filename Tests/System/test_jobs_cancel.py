"""Cancelling a photo in every state of its life, and what it frees."""

import time

import pytest

import harness
from harness import assert_whole, cpu_ticks, until
from scripted import PREVIEWED, SCRIPTED, StepByStep, needs_script


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
    with until("the end of the worker", pause=0.001) as waiting:
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


def test_a_cancel_by_its_own_name_never_removes(server, photos):
    batch, stranger = server.new_batch(), server.new_batch()
    status, ready = batch.send(photos[0].read_bytes())
    batch.settle()
    path = f"{batch.path}/images/{ready['id']}/cancel"
    status, problem = server.json("POST", path, headers=batch.headers)
    assert (status, problem["code"]) == (409, "wrong-state")
    assert server.json("POST", path, headers=stranger.headers)[1]["code"] == "not-owner"
    assert batch.images()[ready["id"]]["state"] == "ready"

    _, headers, _ = server.request(
        "POST", f"{batch.path}/images",
        headers=batch.headers | {"Tus-Resumable": "1.0.0", "Upload-Length": "1000"})
    begun = next(image for image in batch.images() if image != ready["id"])
    path = f"{batch.path}/images/{begun}/cancel"
    status, image = server.json("POST", path, headers=batch.headers)
    assert (status, image["id"], image["state"]) == (200, begun, "cancelled")
    assert server.json("POST", path, headers=batch.headers)[0] == 409
    status, _, _ = server.request("HEAD", headers["Location"], headers=batch.headers)
    assert status == 410
    assert batch.images()[begun]["state"] == "cancelled"


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


@needs_script
def test_a_photo_can_be_cancelled_while_it_waits(scripted, tmp_path):
    batch = scripted.new_batch()
    held = StepByStep(tmp_path / "held")
    batch.send(held.data)
    held.worker()
    _, waiting_one = batch.send(b"develop")
    _, other = batch.send(b"develop too")
    assert batch.images()[waiting_one["id"]]["state"] == "waiting"
    cancel(batch, waiting_one["id"])
    held.make()
    images = batch.settle()
    assert images.pop(waiting_one["id"])["state"] == "cancelled"
    assert {image["state"] for image in images.values()} == {"ready"} and other["id"] in images
    assert_whole(batch)


@needs_script
def test_a_photo_can_be_cancelled_between_its_preview_and_the_rest(scripted, tmp_path):
    batch = scripted.new_batch()
    first, second = StepByStep(tmp_path / "first"), StepByStep(tmp_path / "second")
    batch.send(first.data)
    first.worker()
    # It is before the other one's rest in the queue, and after its preview.
    batch.send(second.data)
    _, halfway = batch.send(PREVIEWED + b"develop")
    first.make()
    second.worker()
    _, answer = scripted.json("GET", batch.path)
    image = answer["document"]["images"][halfway["id"]]
    assert image["state"] == "processing" and set(image["renditions"]) == {"thumb"}
    assert halfway["id"] not in answer["live"]
    cancel(batch, halfway["id"])
    second.make()
    image = batch.settle()[halfway["id"]]
    assert image["state"] == "cancelled" and set(image["renditions"]) == {"thumb"}
    assert_whole(batch)


@needs_script
def test_a_deleted_batch_frees_its_workers(scripted, tmp_path):
    batch = scripted.new_batch()
    _, worker = burning(batch, tmp_path / "worker")
    assert scripted.json("DELETE", batch.path, headers=batch.headers)[0] == 204
    until_gone(worker)
    other = scripted.new_batch()
    other.send(b"develop")
    assert {image["state"] for image in other.settle().values()} == {"ready"}


@pytest.mark.parametrize("state", ["ready", "rejected"])
def test_what_is_final_is_removed_instead(server, batch, photos, state):
    _, image = batch.send(b"no photo" if state == "rejected" else photos[0].read_bytes())
    assert batch.settle()[image["id"]]["state"] == state
    cancel(batch, image["id"])
    assert batch.images() == {}
    assert_whole(batch)


@needs_script
def test_what_was_cancelled_is_removed_the_second_time(scripted, tmp_path):
    batch = scripted.new_batch()
    image, _ = burning(batch, tmp_path / "worker")
    cancel(batch, image)
    assert batch.settle()[image]["state"] == "cancelled"
    cancel(batch, image)
    assert batch.images() == {}
