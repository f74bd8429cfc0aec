"""Who is developed when: previews first, the same photo once, nothing lost by a polite stop."""

import contextlib
import sqlite3

import harness
from harness import assert_whole, until
from scripted import SCRIPTED, needs_script, noise_png


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
        # Begins as a baseline JPEG does, which is all that is looked at.
        batch.send(b"\xff\xd8\xff\xc0\0\2\n%d" % number)
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


def test_progress_goes_on_where_the_preview_left_it(tmp_path, photos):
    server = harness.Server(tmp_path / "data", "--workers", "1").start()
    batch = server.new_batch()
    seen = []
    cursor = server.json("GET", batch.path)[1]["cursor"]
    with server.slow_workers(share=0.2, period=0.1):
        batch.curl(*photos[:3])
        with until("the end") as waiting:
            while waiting():
                _, page = server.json("GET", f"{batch.path}/events?after={cursor}&wait=1")
                cursor = page["cursor"]
                seen += page["live"].items()
                if page["state"] == "settled":
                    break
    for image in batch.images():
        steps = [live for name, live in seen if name == image and "steps" in live]
        assert {live["steps"] for live in steps} <= {4, 5}
        assert {live["attempt"] for live in steps} == {1}
        places = [live["step"] + live.get("fraction", 0) for live in steps]
        assert places == sorted(places), places
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


def test_a_polite_stop_hands_running_jobs_back_uncounted(tmp_path, photos):
    server = harness.Server(tmp_path / "data").start()
    batch = server.new_batch()
    for name in ["a.png", "b.png", "c.png"]:
        batch.send(noise_png(1000, 750), name, "image/png")
    batch.send(photos[0].read_bytes())
    with until("jobs under way", pause=0.001) as waiting:
        while waiting() and not any(row["boot"] for row in job_rows(server)):
            pass
    seconds, status = server.stop()
    assert status == 0 and seconds < 10
    rows = job_rows(server)
    assert rows
    assert all(row["boot"] is None for row in rows), rows
    assert all(row["workerLosses"] == row["serverLosses"] == 0 for row in rows), rows

    server.start()
    images = batch.settle()
    assert {image["state"] for image in images.values()} == {"ready"}
    events = assert_whole(batch)
    assert sum(event["type"] == "image.processing" for event in events) == 4
    server.stop()
