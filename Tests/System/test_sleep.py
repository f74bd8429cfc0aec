"""The machine falls asleep over a photo, as a laptop does, and wakes up an hour later."""

import os
import pathlib
import subprocess

import harness
from harness import assert_whole, until
from scripted import SCRIPTED, StepByStep, needs_script

SOURCE = pathlib.Path(__file__).parent.parent / "sleep.c"


@needs_script
def test_a_photo_is_not_blamed_for_the_time_its_machine_has_slept(tmp_path, monkeypatch):
    library, slept = tmp_path / "sleep.so", tmp_path / "slept"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, SOURCE], check=True)
    slept.write_bytes(bytes(8))
    monkeypatch.setenv("LD_PRELOAD", str(library))
    monkeypatch.setenv("SLEEP_FILE", str(slept))
    server = harness.Server(tmp_path / "data", "--workers", "2", "--worker", SCRIPTED).start()
    monkeypatch.delenv("LD_PRELOAD")
    batch = server.new_batch()
    held = StepByStep(tmp_path / "held")
    _, first = batch.send(held.data)
    held.worker()
    with open(slept, "r+b") as file:
        os.pwrite(file.fileno(), (3600).to_bytes(8, "little"), 0)
    # Another job makes the server look at its workers' time.
    _, second = batch.send(b"develop")
    with until("the second photo") as waiting:
        while waiting() and batch.images()[second["id"]]["state"] != "ready":
            pass
    held.make()
    assert batch.settle()[first["id"]]["state"] == "ready"
    events = assert_whole(batch)
    assert sum(event["type"] == "image.processing" for event in events) == 2
    assert "a worker died over a photo" not in server.log_text()
    server.stop()
