"""Who is developed when: previews first, the same photo once, nothing lost by a polite stop."""

import contextlib
import sqlite3

import harness
from harness import assert_whole, until
from scripted import PREVIEWED, SCRIPTED, StepByStep, needs_script, send_held


def job_rows(server):
    with contextlib.closing(sqlite3.connect(server.data / "revela.sqlite")) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute("SELECT * FROM job ORDER BY number")]


@needs_script
def test_every_photo_of_a_batch_can_be_seen_before_any_is_finished(tmp_path):
    server = harness.Server(tmp_path / "data", "--workers", "1", "--worker", SCRIPTED).start()
    batch, other = server.new_batch(), server.new_batch()
    gate = tmp_path / "gate"
    other.send(f"wait for\n{gate}\n".encode())
    with until("the only worker at work") as waiting:
        while waiting() and not any(row["boot"] and row["lane"] == 1 for row in job_rows(server)):
            pass
    for number in range(12):
        batch.send(PREVIEWED + b"%d" % number)
    gate.touch()
    images = batch.settle()
    assert {image["state"] for image in images.values()} == {"ready"}
    events = assert_whole(batch)
    made = [name for event in events if event["type"] == "rendition.ready"
            for image in event["patch"]["images"].values() for name in image["renditions"]]
    assert made == ["thumb"] * 12 + ["medium", "large"] * 12
    # Two turns are one attempt.
    assert sum(event["type"] == "image.processing" for event in events) == 12
    server.stop()


@needs_script
def test_progress_goes_on_where_the_preview_left_it(tmp_path):
    server = harness.Server(tmp_path / "data", "--workers", "1", "--worker", SCRIPTED).start()
    batch = server.new_batch()
    held = StepByStep(tmp_path / "held")
    _, image = batch.send(PREVIEWED + held.data)
    seen = []
    for name in ["thumb", "medium", "large"]:
        with until(f"the encode of {name}") as waiting:
            live = {}
            while live.get("rendition") != name and waiting():
                live = server.json("GET", batch.path)[1]["live"].get(image["id"], {})
        seen.append(live)
        held.make(name)
    assert [(live["attempt"], live["step"], live["steps"]) for live in seen] == [
        (1, 1, 5), (1, 3, 5), (1, 4, 5)]
    assert batch.settle()[image["id"]]["state"] == "ready"
    server.stop()


def test_a_photo_that_was_developed_before_is_ready_at_once(server, batch, photos):
    _, first = batch.send(photos[0].read_bytes(), "first.jpg")
    original = batch.settle()[first["id"]]
    status, answer = server.json("POST", "/api/batches", headers=batch.headers)
    again = harness.Batch(server, answer["document"]["id"], batch.token)
    status, copy = again.send(photos[0].read_bytes(), "again.jpg")
    assert status == 201
    # No wait: it is ready when its upload is answered.
    member = again.images()[copy["id"]]
    assert member["state"] == "ready" and member["sameAs"] == first["id"]
    assert member["name"] == "again.jpg" and member["placeholder"] == original["placeholder"]
    for name, rendition in original["renditions"].items():
        own = member["renditions"][name]
        assert own["url"].startswith(f"{again.path}/images/{copy['id']}/")
        assert server.request("GET", own["url"])[2] == server.request("GET", rendition["url"])[2]
    assert [event["type"] for event in assert_whole(again)] == [
        "batch.created", "image.created", "image.uploaded", "image.ready", "batch.settled"]

    # The copy stands on its own.
    assert server.json("DELETE", batch.path, headers=batch.headers)[0] == 204
    assert server.request("GET", member["renditions"]["thumb"]["url"])[0] == 200


def test_nobody_learns_from_a_copy_what_others_have(server, batch, photos):
    batch.send(photos[0].read_bytes())
    batch.settle()
    stranger = server.new_batch()
    _, image = stranger.send(photos[0].read_bytes())
    member = stranger.settle()[image["id"]]
    assert member["state"] == "ready" and "sameAs" not in member
    types = [event["type"] for event in stranger.events()]
    assert "image.processing" in types and "image.accepted" in types


@needs_script
def test_a_polite_stop_hands_running_jobs_back_uncounted(tmp_path):
    server = harness.Server(tmp_path / "data", "--workers", "2", "--worker", SCRIPTED).start()
    batch = server.new_batch()
    held = send_held(batch, tmp_path, 4)
    for photo in held[:2]:
        photo.worker()
    seconds, status = server.stop()
    assert status == 0 and seconds < 30
    rows = job_rows(server)
    assert len(rows) == 4
    assert all(row["boot"] is None for row in rows), rows
    assert all(row["workerLosses"] == row["serverLosses"] == 0 for row in rows), rows

    server.start()
    for photo in held:
        photo.make()
    images = batch.settle()
    assert {image["state"] for image in images.values()} == {"ready"}
    events = assert_whole(batch)
    assert sum(event["type"] == "image.processing" for event in events) == 4
    server.stop()


@needs_script
def test_sixty_batches_of_one_address_do_not_keep_anothers_photo_waiting(tmp_path):
    server = harness.Server(
        tmp_path / "data", "--workers", "1", "--worker", SCRIPTED, "--trusted-proxy", "127.0.0.1").start()

    def begin(address):
        _, answer = server.json("POST", "/api/batches", headers={"X-Forwarded-For": address})
        return harness.Batch(server, answer["document"]["id"], answer["ownerToken"])

    gate = tmp_path / "gate"
    held = begin("192.0.2.1")
    held.send(f"wait for\n{gate}\n".encode())
    with until("the only worker at work") as waiting:
        while waiting() and not any(row["boot"] and row["lane"] == 1 for row in job_rows(server)):
            pass
    # Each of a new owner, as of a visitor without a cookie.
    crowd = [begin(f"2001:db8:1:2::{number + 1:x}") for number in range(60)]
    for number, batch in enumerate(crowd):
        batch.send(f"develop\n{number}\n".encode())
    visitor = begin("203.0.113.5")
    visitor.send(b"develop\nfor a visitor\n")
    gate.touch()
    for batch in [held, visitor, *crowd]:
        batch.settle()

    def ready_at(batch):
        return next(event["at"] for event in batch.events() if event["type"] == "image.ready")
    before = [batch for batch in crowd if ready_at(batch) < ready_at(visitor)]
    assert len(before) <= 2, len(before)
    server.stop()
