"""`revela backup` while the server works, and `revela restore` elsewhere."""

import subprocess
import threading

import pytest

import harness
from harness import PROGRAMS, assert_whole


def run(*arguments):
    return subprocess.run([PROGRAMS / "revela", *arguments, *harness.PAGES], capture_output=True, text=True,
                          timeout=120, cwd="/")


def backup(server, folder):
    done = run("backup", folder, "--data", server.data)
    assert done.returncode == 0, done.stderr


def refusal(*arguments):
    done = run(*arguments)
    assert done.returncode != 0 and done.stderr.startswith("Error: "), done
    return done.stderr


def blobs(folder):
    return sorted((folder / "blobs").glob("??/*"))


@pytest.fixture
def kept(server, tmp_path, photos):
    """A server with a batch that is settled, and a backup of it."""
    batch = server.new_batch()
    batch.send(photos[0].read_bytes())
    batch.send(b"no photo")
    batch.settle()
    backup(server, tmp_path / "backup")
    return batch


def test_what_was_acknowledged_before_a_backup_is_in_it(server, tmp_path, photos):
    batch = server.new_batch()
    data = photos[0].read_bytes()
    over = threading.Event()
    acknowledged = []

    def send(number):
        # Each is another file to the server: what follows the end of a JPEG is no part of it.
        while not over.is_set():
            status, image = batch.send(data + f"{number} {len(acknowledged)}".encode())
            assert status == 201, image
            acknowledged.append(image)

    threads = [threading.Thread(target=send, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    with harness.until("fifty uploads") as waiting:
        while len(acknowledged) < 50:
            waiting()
    before = list(acknowledged)
    backup(server, tmp_path / "backup")
    over.set()
    for thread in threads:
        thread.join()
    server.kill()

    assert run("restore", tmp_path / "backup", "--data", tmp_path / "new").returncode == 0
    restored = harness.Server(tmp_path / "new").start()
    there = harness.Batch(restored, batch.name, batch.token)
    images = there.settle()
    assert {image["id"] for image in before} <= set(images)
    assert {images[image["id"]]["sha256"] for image in before} == {
        image["sha256"] for image in before}
    assert {images[image["id"]]["state"] for image in before} == {"ready"}
    # Of the others not all bytes may have been there.
    assert {image["state"] for image in images.values()} <= {"ready", "failed", "rejected"}
    assert_whole(there)
    restored.stop()


def test_who_read_further_than_the_backup_is_told_to_begin_anew(kept, tmp_path):
    batch = kept
    batch.send(b"no photo either")
    batch.settle()
    cursor = batch.server.json("GET", batch.path)[1]["cursor"]
    batch.server.stop()
    assert run("restore", tmp_path / "backup", "--data", tmp_path / "new").returncode == 0
    restored = harness.Server(tmp_path / "new").start()
    there = harness.Batch(restored, batch.name, batch.token)
    there.send(b"another one")
    there.settle()
    page = restored.json("GET", f"{there.path}/events?after={cursor}")[1]
    assert len(page["reset"]["document"]["images"]) == 3
    assert cursor.split(".")[0] != page["cursor"].split(".")[0]
    restored.stop()


def test_a_backup_is_whole_by_itself(kept, tmp_path):
    assert [path.name for path in blobs(tmp_path / "backup")] == [
        path.name for path in blobs(kept.server.data)]
    assert sorted(path.name for path in (tmp_path / "backup").iterdir()) == [
        "blobs", "revela.sqlite", "staging"]


def test_a_file_that_is_not_what_its_name_says_is_not_restored(kept, tmp_path):
    blob = max(blobs(tmp_path / "backup"), key=lambda path: path.stat().st_size)
    blob.write_bytes(blob.read_bytes()[:-1] + b"?")
    assert blob.name in refusal("restore", tmp_path / "backup", "--data", tmp_path / "new")
    # What was copied in part is no data folder.
    assert "no revela.sqlite" in refusal("serve", "--port", "0", "--data", tmp_path / "new")


def test_a_file_that_is_missing_is_named(kept, tmp_path):
    blob = blobs(tmp_path / "backup")[0]
    blob.unlink()
    said = refusal("restore", tmp_path / "backup", "--data", tmp_path / "new")
    assert blob.name in said and "is missing" in said


def test_a_folder_in_use_or_not_empty_is_refused(kept, tmp_path):
    assert "in use by another server" in refusal(
        "restore", tmp_path / "backup", "--data", kept.server.data)
    assert "is not empty" in refusal("backup", tmp_path / "backup", "--data", kept.server.data)
    assert "is not there" in refusal("backup", tmp_path / "other", "--data", tmp_path / "nothing")
    assert "is not there" in refusal("restore", tmp_path / "nothing", "--data", tmp_path / "new")
