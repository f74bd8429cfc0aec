"""Power cuts and dead workers: an acknowledged photo is always processed, exactly once."""

import collections
import os
import signal

import harness
from harness import assert_whole, cpu_ticks, until
from scripted import SCRIPTED, needs_script, send_held


def attempts(batch):
    """How many attempts each photo of the batch has had that has had any."""
    return collections.Counter(
        event["image"] for event in batch.events() if event["type"] == "image.processing")


@needs_script
def test_a_worker_killed_during_a_job_costs_one_attempt_and_no_photo(tmp_path):
    server = harness.Server(tmp_path / "data", "--workers", "2", "--worker", SCRIPTED).start()
    batch = server.new_batch()
    held = send_held(batch, tmp_path, 4)
    first = held[0].worker()
    os.kill(first, signal.SIGKILL)
    for photo in held[1:]:
        photo.make()
    held[0].worker(but=first)
    held[0].make()
    images = batch.settle()
    assert {image["state"] for image in images.values()} == {"ready"}
    assert_whole(batch)
    assert sorted(attempts(batch).values()) == [1, 1, 1, 2]
    assert server.process.poll() is None
    server.stop()


def test_all_workers_killed_at_once_cost_no_photo(server, batch, photos):
    with server.slow_workers():
        batch.curl(*photos[:6])
        with until("work under way", timeout=60) as waiting:
            while waiting() and not attempts(batch):
                pass
        server.kill_workers()
    images = batch.settle()
    assert {image["state"] for image in images.values()} == {"ready"}
    assert_whole(batch)
    assert max(attempts(batch).values()) <= 2
    assert server.process.poll() is None


def test_the_server_killed_during_a_batch_goes_on_after_a_restart(tmp_path, photos):
    server = harness.Server(tmp_path / "data").start()
    batch = server.new_batch()
    batch.curl(*photos)
    with until("a first rendition") as waiting:
        while waiting() and not any(i.get("renditions") for i in batch.images().values()):
            pass
    cursor = server.json("GET", batch.path)[1]["cursor"]
    before = batch.events()
    server.kill()

    server.start()
    images = batch.settle()
    assert {image["state"] for image in images.values()} == {"ready"}
    events = assert_whole(batch)
    assert events[: len(before)] == before
    status, page = server.json("GET", f"{batch.path}/events?after={cursor}")
    assert "reset" not in page
    server.stop()


def test_workers_die_with_their_server(tmp_path):
    server = harness.Server(tmp_path / "data").start()
    with until("a worker") as waiting:
        while waiting() and not server.children():
            pass
    workers = server.children()
    server.kill()
    with until("the end of the workers") as waiting:
        while waiting() and any(cpu_ticks(pid) is not None for pid in workers):
            pass
