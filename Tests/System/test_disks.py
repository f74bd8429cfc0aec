"""Disks as they come: of several kinds, two of them, one without hard links, without locks, full, without inodes. On
each a photo becomes ready, or the server says in a sentence why none can, and so does `revela doctor`."""

import contextlib
import errno
import functools
import os
import pathlib
import sqlite3
import subprocess
import tempfile

import pytest

import harness
from harness import PROGRAMS, assert_whole, until

SOURCE = pathlib.Path(__file__).parent.parent / "disk.c"
TUS = {"Tus-Resumable": "1.0.0"}


@functools.cache
def library():
    target = pathlib.Path(tempfile.mkdtemp(prefix="disk-")) / "disk.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", target, SOURCE], check=True)
    return target


@pytest.fixture
def lacking(monkeypatch):
    """Starts a server on a file system that lacks something, and says so by an errno."""
    def start(server, what, error):
        for name, value in [("LD_PRELOAD", library()), ("DISK", what), ("DISK_ERROR", error)]:
            monkeypatch.setenv(name, str(value))
        try:
            return server.start()
        finally:
            monkeypatch.delenv("LD_PRELOAD")
    return start


@pytest.fixture
def disk(tmp_path):
    """Mounts small disks of their own."""
    mounted = []

    def mount(folder, options, kind="tmpfs", source="none"):
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["mount", "-t", kind, "-o", options, source, folder], capture_output=True)
        if done.returncode:
            pytest.skip("a disk can be mounted by root only")
        mounted.append(folder)
        return folder
    yield mount
    for folder in reversed(mounted):
        subprocess.run(["umount", "--lazy", folder], check=True)


def assert_develops(server, photos):
    """In one request and in a resumable upload, once and again after a restart."""
    assert server.json("GET", "/readyz") == (200, {"status": "ready"})
    batch = server.new_batch()
    data = photos[0].read_bytes()
    assert batch.send(data)[0] == 201
    _, headers, _ = server.request("POST", f"{batch.path}/images", headers={
        **batch.headers, **TUS, "Upload-Length": str(len(data))})
    place = headers["Location"]
    for start, end in [(0, 100_000), (100_000, len(data))]:
        status, _, _ = server.request("PATCH", place, data[start:end], {
            **TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": str(start)})
        assert status == 204
    images = batch.settle()
    assert [image["state"] for image in images.values()] == ["ready", "ready"]
    for image in images.values():
        for rendition in image["renditions"].values():
            assert server.request("GET", rendition["url"])[0] == 200
    assert_whole(batch)
    # Nothing is left of the upload but its one file.
    assert server.staged_files() == []
    assert not list((server.data / "blobs").glob("new-*"))
    return batch


def test_uploads_and_blobs_may_lie_on_two_disks(tmp_path, disk, photos):
    for name in ["blobs", "staging"]:
        disk(tmp_path / "data" / name, "size=700m")
    server = harness.Server(tmp_path / "data").start()
    batch = assert_develops(server, photos)
    server.kill()
    server.start()
    assert_whole(batch)
    assert server.stop()[1] == 0


@pytest.mark.parametrize("error", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV])
def test_a_file_system_without_hard_links_serves_as_well(tmp_path, lacking, photos, error):
    server = lacking(harness.Server(tmp_path / "data"), "links", error)
    assert_develops(server, photos)
    server.stop()


@pytest.mark.parametrize("what, error, words", [
    ("locks", errno.ENOLCK, "gives no locks"), ("whole-file-locks", errno.EOPNOTSUPP, "gives no locks"),
    ("exclusion", 0, "gives locks that keep nobody out")])
def test_a_file_system_without_locks_is_told_at_the_start(tmp_path, what, error, words):
    lacking = {"LD_PRELOAD": str(library()), "DISK": what, "DISK_ERROR": str(error)}
    process = subprocess.run(
        [PROGRAMS / "revela", "serve", "--port", "0", "--data", tmp_path / "data", *harness.PAGES],
        capture_output=True, text=True, timeout=120, cwd="/", env={**os.environ, **lacking})
    assert process.returncode != 0 and process.stdout == ""
    assert words in process.stderr, process.stderr
    assert process.stderr.count("\n") == 1, process.stderr
    said = doctor(tmp_path, **lacking)
    assert said.returncode == 1 and words in to_do(said), said.stdout


@pytest.mark.parametrize("kind", ["tmpfs", "overlay", "ext4"])
def test_a_data_folder_may_lie_on_a_file_system_of_any_kind(tmp_path, disk, photos, kind):
    below = disk(tmp_path / "below", "size=1g")
    if kind == "tmpfs":
        data = below / "data"
    elif kind == "overlay":
        folders = {name: below / name for name in ["lowerdir", "upperdir", "workdir"]}
        for folder in folders.values():
            folder.mkdir()
        data = disk(tmp_path / "data", ",".join(f"{name}={path}" for name, path in folders.items()), kind)
    else:
        image = below / "image"
        with open(image, "wb") as file:
            file.truncate(900 << 20)
        subprocess.run(["/sbin/mkfs.ext4", "-q", image], check=True)
        data = disk(tmp_path / "data", "loop", kind, image)
    server = harness.Server(data).start()
    assert server.json("GET", "/readyz") == (200, {"status": "ready"})
    batch = server.new_batch()
    assert batch.send(photos[0].read_bytes())[0] == 201
    assert [image["state"] for image in batch.settle().values()] == ["ready"]
    assert server.stop()[1] == 0


def test_a_clock_that_stands_is_told(tmp_path, lacking):
    server = lacking(harness.Server(tmp_path / "data"), "time", 0)
    status, problem = server.json("GET", "/readyz")
    assert (status, problem["code"]) == (503, "unavailable") and "clock" in problem["detail"]
    server.stop()
    said = doctor(tmp_path, LD_PRELOAD=str(library()), DISK="time")
    assert said.returncode == 1 and "clock stands still" in to_do(said), said.stdout


@pytest.mark.parametrize("which", ["all", "staging", "blobs"])
def test_a_full_disk_is_told_before_anybody_uploads(tmp_path, disk, which):
    small = disk(tmp_path / "data" / ("" if which == "all" else which), "size=100m")
    server = harness.Server(tmp_path / "data").start()
    status, problem = server.json("GET", "/readyz")
    assert (status, problem["code"], problem["retryable"]) == (503, "unavailable", True)
    assert problem["detail"].startswith("Nothing can be uploaded: the data folder's disk has ")
    assert problem["limit"] == 512 << 20 and 0 < problem["actual"] <= 100 << 20
    batch = server.new_batch()
    status, refused = batch.send(b"no photo")
    assert (status, refused["code"]) == (507, "disk-full")
    assert batch.images() == {}
    server.stop()
    said = doctor(tmp_path)
    assert said.returncode == 1 and f"the disk of {small} has " in to_do(said), said.stdout


def test_a_disk_without_inodes_is_told_and_takes_photos_again_when_it_has_some(tmp_path, disk, photos):
    data = disk(tmp_path / "data", "size=1g,nr_inodes=400")
    server = harness.Server(data).start()
    batch = server.new_batch()
    ballast = []
    with pytest.raises(OSError):
        for number in range(400):
            ballast.append(data / f"ballast-{number}")
            ballast[-1].touch()
    status, problem = server.json("GET", "/readyz")
    assert (status, problem["code"]) == (503, "unavailable") and "no inodes" in problem["detail"]
    status, problem = batch.send(photos[0].read_bytes())
    assert (status, problem["code"]) == (507, "disk-full") and batch.images() == {}
    said = doctor(tmp_path)
    assert said.returncode == 1 and "no inodes" in to_do(said), said.stdout

    for file in ballast[:-1]:
        file.unlink()
    assert server.json("GET", "/readyz") == (200, {"status": "ready"})
    assert batch.send(photos[0].read_bytes())[0] == 201
    assert [image["state"] for image in batch.settle().values()] == ["ready"]
    server.stop()


def doctor(tmp_path, *flags, **environment):
    return subprocess.run(
        [PROGRAMS / "revela", "doctor", "--data", tmp_path / "data", *harness.PAGES, *flags],
        capture_output=True, text=True, timeout=60, cwd="/", env={**os.environ, **environment})


def to_do(said):
    """The one line in which it says what to do."""
    [line] = [line for line in said.stdout.splitlines() if line.startswith("  to do ")]
    return line


# What is in the folder

def test_nobody_else_on_the_machine_can_read_the_data_folder(tmp_path, photos):
    data = tmp_path / "data"
    before = os.umask(0)
    try:
        server = harness.Server(data).start()
    finally:
        os.umask(before)
    batch = server.new_batch()
    batch.send(photos[0].read_bytes())
    batch.settle()

    def modes():
        return {oct(path.stat().st_mode & 0o777) for path in [data, *data.rglob("*")]}
    assert modes() == {"0o700", "0o600"}
    server.stop()
    # As an earlier version left it.
    for path in [data, data / "blobs", data / "revela.sqlite"]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    server.start()
    assert modes() == {"0o700", "0o600"}
    assert_whole(batch)
    server.stop()


def test_a_database_damaged_where_nobody_has_looked_yet_is_told(tmp_path, photos):
    server = harness.Server(tmp_path / "data").start()
    batches = [server.new_batch() for _ in range(40)]
    for batch in batches[:30]:
        batch.send(b"no photo")
        batch.settle()
    server.stop()
    file = server.data / "revela.sqlite"
    with contextlib.closing(sqlite3.connect(file)) as database:
        roots = {row[0] - 1 for row in database.execute("SELECT rootpage FROM sqlite_master")}
    data = bytearray(file.read_bytes())
    # Leaves of tables and indices, by the first byte of the page (SQLite file format, section 1.6).
    leaves = [page for page in range(len(data) // 4096) if data[page * 4096] in (0x0A, 0x0D) and page not in roots]
    assert len(leaves) >= 4
    for page in leaves[-4:]:
        data[page * 4096:page * 4096 + 16] = bytes([0xA5]) * 16
    file.write_bytes(data)
    server.start()
    with until("the damage to be found") as waiting:
        while waiting() and "the database is damaged" not in server.log_text():
            pass
    status, problem = server.json("GET", "/readyz")
    assert (status, problem["code"]) == (503, "unavailable") and "damaged" in problem["detail"]
    assert server.request("GET", "/healthz")[0] == 200
    server.stop()
    said = doctor(tmp_path, "--deep")
    assert said.returncode == 1 and "database  damaged: " in said.stdout, said.stdout


def test_files_that_are_gone_are_said_to_be_once_and_found_by_doctor(tmp_path, photos):
    server = harness.Server(tmp_path / "data").start()
    batch = server.new_batch()
    batch.send(photos[0].read_bytes())
    [image] = batch.settle().values()
    said = doctor(tmp_path, "--deep")
    assert said.returncode == 0 and "0 at fault" in said.stdout, said.stdout + said.stderr
    rendition = image["renditions"]["thumb"]
    before = {path for path in (server.data / "blobs").glob("??/*")}
    [gone] = [path for path in before if path.stat().st_size == rendition["bytes"]]
    gone.unlink()
    for _ in range(3):
        status, headers, body = server.request("GET", rendition["url"])
        assert status == 503 and headers["Retry-After"] and b'"unavailable"' in body
    assert server.log_text().count("a photo's file is gone") == 1
    assert f"blobs/{gone.parent.name}/{gone.name}" in server.log_text()
    said = doctor(tmp_path, "--deep")
    assert said.returncode == 1 and f"{gone.name} is missing" in said.stdout, said.stdout
    server.stop()
