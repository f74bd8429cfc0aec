"""Power cuts and dead workers: an acknowledged photo is always processed, exactly once."""

import os
import signal

import harness
from harness import assert_whole, until


def test_a_worker_killed_during_a_job_costs_one_attempt_and_no_photo(server, batch, photos):
    batch.curl(*photos[:4])
    killed = set()
    with until("four killed workers", timeout=60) as waiting:
        while len(killed) < 2 and waiting():
            busy = [i for i in batch.images().values() if i["state"] == "processing"]
            workers = [pid for pid in server.workers() if pid not in killed]
            if busy and workers:
                os.kill(workers[0], signal.SIGKILL)
                killed.add(workers[0])
    images = batch.settle()
    assert {image["state"] for image in images.values()} == {"ready"}
    assert_whole(batch)
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
        while waiting() and not server.workers():
            pass
    workers = server.workers()
    server.kill()
    with until("the end of the workers", timeout=10) as waiting:
        while waiting() and any(os.path.exists(f"/proc/{pid}") for pid in workers):
            pass
