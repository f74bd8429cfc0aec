"""Power cuts and dead workers: an acknowledged photo is always processed, exactly once."""

import collections
import os
import signal
import time

import harness
from harness import assert_whole, cpu_ticks, until


def attempts(batch):
    """The most attempts that any photo of the batch has had."""
    begun = collections.Counter(
        event["image"] for event in batch.events() if event["type"] == "image.processing")
    return max(begun.values(), default=0)


def test_a_worker_killed_during_a_job_costs_one_attempt_and_no_photo(server, batch, photos):
    with server.slow_workers(share=0.05):
        batch.curl(*photos[:8])
        killed = set()
        with until("a second attempt", timeout=120) as waiting:
            while waiting() and attempts(batch) < 2:
                living = [pid for pid in server.workers() if pid not in killed]
                if not living or all(i["state"] != "processing" for i in batch.images().values()):
                    continue
                # Most likely one at work, and no spare.
                busiest = max(living, key=lambda pid: cpu_ticks(pid) or 0)
                os.kill(busiest, signal.SIGKILL)
                killed.add(busiest)
                # One at a time, until it shows whose it was: a second loss would be the photo's end.
                patience = time.monotonic() + 5
                while attempts(batch) < 2 and time.monotonic() < patience:
                    time.sleep(0.02)
    images = batch.settle()
    assert {image["state"] for image in images.values()} == {"ready"}
    assert_whole(batch)
    assert attempts(batch) == 2
    assert server.process.poll() is None


def test_all_workers_killed_at_once_cost_no_photo(server, batch, photos):
    with server.slow_workers():
        batch.curl(*photos[:6])
        with until("work under way", timeout=60) as waiting:
            while waiting() and all(i["state"] != "processing" for i in batch.images().values()):
                pass
        for pid in server.workers():
            os.kill(pid, signal.SIGKILL)
    images = batch.settle()
    assert {image["state"] for image in images.values()} == {"ready"}
    assert_whole(batch)
    assert attempts(batch) <= 2
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
    with until("the end of the workers", timeout=10) as waiting:
        while waiting() and any(os.path.exists(f"/proc/{pid}") for pid in workers):
            pass
