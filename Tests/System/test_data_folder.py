"""Data folders that a server must not write to, or cannot: it says which and why, and changes
nothing. And folders that were moved, or lost a part."""

import ctypes
import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile

import pytest

import harness
from harness import PROGRAMS, assert_whole


@pytest.fixture
def used(tmp_path):
    """A data folder that a server has used and left, and the batch in it."""
    server = harness.Server(tmp_path / "data").start()
    batch = server.new_batch()
    batch.send(b"no photo")
    batch.send(harness.PHOTOS[0].read_bytes())
    batch.settle()
    assert server.stop()[1] == 0
    return batch


def contents(folder):
    """What is kept in it: who only reads a database may make an empty log and a map beside it."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*")
            if path.is_file() and path.stat().st_size and not path.name.endswith("-shm")}


def run(command, folder, *flags, user=None):
    return subprocess.run([PROGRAMS / "revela", command, "--data", folder, *harness.PAGES, *flags],
                          capture_output=True, text=True, timeout=120, cwd="/", user=user)


def refusal(folder, user=None):
    """What a server says that does not start on the folder, in one sentence or two."""
    process = run("serve", folder, "--port", "0", user=user)
    assert process.returncode != 0 and process.stdout == "", process
    assert process.stderr.startswith(f"Error: {folder}"), process.stderr
    assert process.stderr.count("\n") == 1, process.stderr
    return process.stderr


def assert_refused(folder, *words):
    before = contents(folder)
    said = refusal(folder)
    assert all(word in said for word in words), said
    assert contents(folder) == before


def test_a_database_of_a_newer_version_is_left_alone(used):
    with sqlite3.connect(used.server.data / "revela.sqlite") as base:
        base.execute("INSERT INTO grdb_migrations VALUES ('1000: from the future')")
    base.close()
    assert_refused(used.server.data, "newer version")


def test_another_programs_database_is_left_alone(tmp_path):
    (tmp_path / "data").mkdir()
    with sqlite3.connect(tmp_path / "data" / "revela.sqlite") as base:
        base.execute("CREATE TABLE batch (song TEXT)")
    base.close()
    assert_refused(tmp_path / "data", "not a database of Revela")


@pytest.mark.parametrize("damage", ["head", "all"])
def test_a_damaged_database_is_left_alone(used, damage):
    file = used.server.data / "revela.sqlite"
    for log in used.server.data.glob("revela.sqlite-*"):
        log.unlink()
    data = bytearray(file.read_bytes())
    for at in range(0 if damage == "all" else 100, 4096 if damage == "head" else len(data)):
        data[at] ^= 0x5A
    file.write_bytes(data)
    assert_refused(used.server.data, "damaged")


def test_photos_whose_database_is_missing_are_not_swept_away(used):
    data = used.server.data
    for file in data.glob("revela.sqlite*"):
        file.rename(data.parent / file.name)
    assert_refused(data, "has photos in blobs/ and no revela.sqlite")
    for file in data.parent.glob("revela.sqlite*"):
        file.rename(data / file.name)
    used.server.start()
    assert_whole(used)
    used.server.stop()


def test_what_cannot_be_a_data_folder_is_named_with_the_reason(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    assert "Not a directory" in refusal(tmp_path / "file")
    assert "Not a directory" in refusal(tmp_path / "file" / "data")


def test_a_disk_that_can_only_be_read_is_told_at_the_start(used, tmp_path):
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    read_only = f"mount --bind {used.server.data} {mounted} && mount -o remount,bind,ro {mounted}"
    if subprocess.run(["unshare", "-m", "sh", "-c", read_only], capture_output=True).returncode:
        pytest.skip("a disk can be mounted by root only")
    for folder in [mounted, mounted / "new"]:
        process = subprocess.run(
            ["unshare", "-m", "sh", "-c", f'{read_only} && exec "$@"', "sh", PROGRAMS / "revela",
             "serve", "--port", "0", "--data", folder, *harness.PAGES],
            capture_output=True, text=True, timeout=120, cwd="/")
        assert process.returncode != 0 and process.stdout == ""
        assert f"Error: {folder} cannot be used as the data folder (Read-only" in process.stderr


NOBODY = 65_534
# For unshare(2).
NEW_MOUNTS = 0x20000


@pytest.fixture
def shared():
    """A data folder of the user nobody, which a server of this user has used, where both can go."""
    if os.geteuid() != 0:
        pytest.skip("only root can be two users")
    place = pathlib.Path(tempfile.mkdtemp(prefix="shared-"))
    place.chmod(0o711)
    server = harness.Server(place / "data").start()
    server.new_batch().send(b"no photo")
    assert server.stop()[1] == 0
    for path in [server.data, *server.data.rglob("*")]:
        os.chown(path, NOBODY, NOBODY)
    yield server.data
    shutil.rmtree(place)


def test_what_another_user_keeps_from_a_server_is_named_before_it_starts(shared):
    assert run("doctor", shared, user=NOBODY).returncode == 0
    for part in ["", "revela.sqlite", "staging", "blobs", "blobs/3c"]:
        os.chown(shared / part, 0, 0)
        said = refusal(shared, user=NOBODY)
        assert said == (f"Error: {shared / part} belongs to root, and this is nobody: run as that user, or give the "
                        f"whole folder to this one (chown -R nobody {shared}).\n")
        told = run("doctor", shared, user=NOBODY)
        assert told.returncode == 1 and said.removeprefix("Error: ") in told.stdout, told.stdout
        os.chown(shared / part, NOBODY, NOBODY)

    # And root serves from nobody else's: what it made there the folder's user could not read.
    assert f"{shared} belongs to nobody, and this is root" in refusal(shared)
    # It may look at one, and says whose it is.
    said = run("doctor", shared)
    assert said.returncode == 0 and "of the user nobody" in said.stdout, said.stdout


def test_a_folder_that_cannot_be_made_is_told_by_doctor(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    said = run("doctor", tmp_path / "file" / "data")
    assert said.returncode == 1 and "Not a directory" in said.stdout
    assert run("doctor", tmp_path / "new" / "data").returncode == 0
    assert not (tmp_path / "new").exists()


def test_nothing_but_the_data_folder_is_written_to(tmp_path, photos):
    """As in a container whose root is read-only, without a /tmp."""
    data = tmp_path / "data"
    data.mkdir()

    def make_all_else_read_only():
        assert ctypes.CDLL(None).unshare(NEW_MOUNTS) == 0
        done = subprocess.run(["sh", "-c", f"mount --make-rprivate / && mount --bind {data} {data} && "
                               "mount -o remount,bind,ro /"], capture_output=True)
        assert done.returncode == 0, done.stderr
    if os.geteuid() != 0:
        pytest.skip("only root may mount")
    server = harness.Server(data).start(before=make_all_else_read_only)
    batch = server.new_batch()
    for photo in [photos[0].read_bytes(), b"no photo"]:
        assert batch.send(photo)[0] == 201, server.log_text()
    assert sorted(image["state"] for image in batch.settle().values()) == ["ready", "rejected"]
    assert_whole(batch)
    assert server.stop()[1] == 0


def test_after_a_polite_stop_the_database_is_whole_without_its_log(used, tmp_path):
    data = tmp_path / "copied"
    data.mkdir()
    shutil.copy(used.server.data / "revela.sqlite", data)
    shutil.copytree(used.server.data / "blobs", data / "blobs")
    server = harness.Server(data).start()
    batch = harness.Batch(server, used.name, used.token)
    assert sorted(image["state"] for image in batch.images().values()) == ["ready", "rejected"]
    assert_whole(batch)
    server.stop()


def test_a_moved_folder_is_the_same_folder(used, tmp_path):
    os.rename(used.server.data, tmp_path / "elsewhere")
    server = harness.Server(tmp_path / "elsewhere").start()
    batch = harness.Batch(server, used.name, used.token)
    for image in batch.images().values():
        for rendition in image.get("renditions", {}).values():
            assert server.request("GET", rendition["url"])[0] == 200
    batch.send(b"no photo either")
    batch.settle()
    assert_whole(batch)
    server.stop()
