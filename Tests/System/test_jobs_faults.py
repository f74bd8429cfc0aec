"""What goes wrong around a job: poison photos, workers that cannot run, a disk without room."""

import pathlib
import shutil
import subprocess

import pytest

import harness
from harness import PROGRAMS, assert_whole, until
from scripted import SCRIPTED, needs_script


def refused_start(tmp_path, *flags):
    """Starts a server that must not start; returns its exit status and what it said."""
    process = subprocess.run(
        [PROGRAMS / "revela", "serve", "--port", "0", "--data", tmp_path / "data", *harness.PAGES,
         *flags], capture_output=True, text=True, timeout=60, cwd="/")
    assert process.stdout == ""
    return process.returncode, process.stderr


@needs_script
@pytest.mark.parametrize("poison", ["crash", "exit", "say nothing more", "lie"])
def test_a_photo_that_kills_its_worker_twice_is_quarantined_with_a_reason(tmp_path, poison):
    server = harness.Server(tmp_path / "data", "--worker", SCRIPTED).start()
    batch = server.new_batch()
    _, bad = batch.send(poison.encode() + b"\n", "poison.jpg")
    _, good = batch.send(b"develop\n", "good.jpg")
    images = batch.settle()
    assert images[good["id"]]["state"] == "ready"
    problem = images[bad["id"]]["problem"]
    assert images[bad["id"]]["state"] == "failed"
    assert problem["code"] == "worker-crashed" and problem["retryable"] is True
    assert "worker" in problem["title"]
    events = assert_whole(batch)
    assert sum(event["type"] == "image.processing" and event["image"] == bad["id"]
               for event in events) == 2
    assert server.log_text().count("a worker died over a photo") == 2

    # It may be tried again, and has two lives again.
    assert server.json("POST", f"{batch.path}/images/{bad['id']}/retry", headers=batch.headers)[0] == 202
    assert batch.settle()[bad["id"]]["state"] == "failed"
    assert_whole(batch)
    server.stop()


PROGRESS = '{"progress":{"step":%s,"steps":%s,"stage":"encode"%s}}'
LIES = [
    PROGRESS % (0, -1, ""), PROGRESS % (-1, -1, ""), PROGRESS % (0, -2**63, ""),
    PROGRESS % (2**63 - 1, 2**63 - 1, ""), PROGRESS % (0, 2**64, ""), PROGRESS % (0, "1e308", ""),
    PROGRESS % (1, 1, ',"fraction":-1e308'), PROGRESS % (1, 1, ',"fraction":NaN'),
    PROGRESS % (1, 1, ',"steps":-1'), PROGRESS % (1, 1, ',"silentPixels":-1'),
    '{"report":{"accepted":{"_0":{"mediaType":"image/png","width":-1,"height":%d,"frames":%d,'
    '"placeholder":""}}}}' % (2**63 - 1, -2**63),
    '{"report":{"rendition":{"name":"thumb","width":1,"height":1,"mediaType":"image/webp","bytes":%d}}}'
    % (2**63 - 1),
    "{}", "[]", "null", "-1", '{"progress":{}}', '{"report":{}}', "[" * 30_000,
]


@needs_script
def test_no_number_that_a_worker_says_ends_the_server(tmp_path):
    server = harness.Server(tmp_path / "data", "--worker", SCRIPTED).start()
    batch = server.new_batch()
    _, good = batch.send(b"develop\n", "good.jpg")
    for number, lie in enumerate(LIES):
        batch.send(f"say\n{lie}\n".encode(), f"{number}.jpg")
    images = batch.settle()
    assert server.process.poll() is None
    assert images.pop(good["id"])["state"] == "ready"
    assert len(images) == len(LIES)
    assert {image["problem"]["code"] for image in images.values()} == {"worker-crashed"}
    assert_whole(batch)
    server.stop()


@needs_script
def test_a_retry_makes_only_what_is_missing(tmp_path):
    server = harness.Server(tmp_path / "data", "--worker", SCRIPTED).start()
    batch = server.new_batch()
    _, image = batch.send(b"crash after one\n")
    first = batch.settle()[image["id"]]
    # Two attempts, a rendition each: what is made stays.
    assert first["state"] == "failed" and set(first["renditions"]) == {"thumb", "medium"}
    assert server.json("POST", f"{batch.path}/images/{image['id']}/retry", headers=batch.headers)[0] == 202
    second = batch.settle()[image["id"]]
    assert second["state"] == "ready" and set(second["renditions"]) == {"thumb", "medium", "large"}
    made = [name for event in assert_whole(batch) if event["type"] == "rendition.ready"
            for name in event["patch"]["images"][image["id"]]["renditions"]]
    assert made == ["thumb", "medium", "large"]
    server.stop()


@pytest.mark.parametrize("worker", ["/bin/false", "/nonexistent/revela-worker"])
def test_a_worker_that_cannot_run_is_said_so_at_the_start(tmp_path, worker):
    status, log = refused_start(tmp_path, "--worker", worker)
    assert status != 0
    assert worker in log and "worker" in log.lower()


def test_a_worker_that_is_only_slow_keeps_nobody_out(tmp_path, photos):
    gate, worker = tmp_path / "gate", tmp_path / "slow-worker"
    worker.write_text(f"""#!/bin/sh
        until [ -e {gate} ]; do sleep 0.1; done
        exec {PROGRAMS / "revela-worker"}
        """)
    worker.chmod(0o755)
    server = harness.Server(tmp_path / "data", "--worker", worker).start()
    assert "no worker is ready yet: photos wait until one is" in server.log_text()
    assert server.json("GET", "/api/capabilities")[1]["sandbox"] == "unknown"
    batch = server.new_batch()
    batch.curl(photos[0])
    assert {image["state"] for image in batch.images().values()} <= {"waiting", "processing"}
    gate.touch()
    images = batch.settle()
    assert {image["state"] for image in images.values()} == {"ready"}
    assert server.capabilities()["sandbox"] == "full"
    assert_whole(batch)
    assert server.stop()[1] == 0


@needs_script
def test_require_sandbox_refuses_workers_that_are_not_shut_in(tmp_path):
    status, log = refused_start(tmp_path, "--require-sandbox", "--worker", SCRIPTED)
    assert status != 0
    assert "--require-sandbox: the sandbox is none" in log


def test_require_sandbox_is_content_with_the_real_worker(tmp_path):
    server = harness.Server(tmp_path / "data", "--require-sandbox").start()
    assert server.capabilities()["sandbox"] == "full"
    assert server.stop()[1] == 0


def test_photos_wait_for_workers_that_stop_working_and_go_on_when_they_are_mended(tmp_path, photos):
    worker = tmp_path / "worker"
    shutil.copy(PROGRAMS / "revela-worker", worker)
    server = harness.Server(tmp_path / "data", "--worker", worker).start()
    batch = server.new_batch()
    replace(worker, "/bin/false")
    server.kill_workers(templates=True)
    batch.curl(*photos[:2])
    with until("the report of the trouble", timeout=60) as waiting:
        while waiting() and "no photo is developed until a worker starts" not in server.log_text():
            pass
    assert {image["state"] for image in batch.images().values()} <= {"waiting", "processing"}
    assert server.json("GET", "/healthz")[0] == 200

    replace(worker, PROGRAMS / "revela-worker")
    images = batch.settle()
    assert {image["state"] for image in images.values()} == {"ready"}
    assert_whole(batch)
    server.stop()


def replace(path, program):
    """Puts another program in its place at once: a running one cannot be written over."""
    new = path.with_suffix(".new")
    shutil.copy(program, new)
    new.rename(path)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 600 MiB: the server keeps 512 of them free of uploads."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600m", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("a disk can be mounted by root only")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@needs_script
def test_a_full_disk_pauses_the_queue_and_room_resumes_it(small_disk, tmp_path):
    server = harness.Server(small_disk / "data", "--worker", SCRIPTED).start()
    batch = server.new_batch()
    gate = tmp_path / "gate"
    for number in range(6):
        batch.send(f"wait for\n{gate}\n{number}".encode())
    with until("work") as waiting:
        while waiting() and not any(i["state"] == "processing" for i in batch.images().values()):
            pass
    ballast = small_disk / "ballast"
    fill(ballast)
    gate.touch()
    with until("the report of the full disk", timeout=60) as waiting:
        while waiting() and "until there is room on the disk" not in server.log_text():
            pass
    assert {image["state"] for image in batch.images().values()} <= {"waiting", "processing"}
    assert "revela_queue_paused 1.0" in server.request("GET", "/metrics")[2].decode()
    status, problem = batch.send(b"one more")
    assert (status, problem["code"]) == (507, "disk-full")

    ballast.unlink()
    images = batch.settle()
    assert {image["state"] for image in images.values()} == {"ready"}
    assert_whole(batch)
    assert server.stop()[1] == 0


def fill(path):
    """Takes every byte that is left."""
    with open(path, "wb", buffering=0) as file:
        block = bytes(1 << 20)
        while block:
            try:
                file.write(block)
            except OSError:
                block = block[: len(block) // 2]


def test_metrics_are_for_this_machine_or_the_token(tmp_path):
    server = harness.Server(tmp_path / "data").start()
    status, headers, body = server.request("GET", "/metrics")
    assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert b"\nrevela_workers{state=\"busy\"} 0.0\n" in body
    for name in ["Forwarded", "X-Forwarded-For", "Via"]:
        assert server.request("GET", "/metrics", headers={name: "for=10.0.0.1"})[0] == 404
    server.stop()

    token = tmp_path / "token"
    token.write_text("open sesame\n")
    server = harness.Server(tmp_path / "data", "--metrics-token-file", token).start()
    assert b"open sesame" not in pathlib.Path(f"/proc/{server.process.pid}/cmdline").read_bytes()
    assert server.request("GET", "/metrics")[0] == 404
    assert server.request("GET", "/metrics", headers={"Authorization": "Bearer nonsense"})[0] == 404
    assert server.request(
        "GET", "/metrics", headers={"Authorization": "Bearer open sesame"})[0] == 200
    server.stop()


def test_metrics_count_what_happens(server, batch, photos):
    batch.send(photos[0].read_bytes())
    batch.send(b"no photo")
    batch.settle()
    # An event can be read as soon as it is durable, which is before it is counted.
    with until("the count of both ends") as waiting:
        while waiting():
            body = server.request("GET", "/metrics")[2]
            values = dict(
                line.rsplit(" ", 1) for line in body.decode().splitlines() if line[0] != "#")
            ends = [values[f'revela_events_total{{type="image.{end}"}}'] for end in ("ready", "rejected")]
            if "0.0" not in ends:
                break
    assert float(values['revela_events_total{type="image.ready"}']) == 1
    assert float(values['revela_events_total{type="image.rejected"}']) == 1
    assert float(values['revela_jobs_waiting{lane="quick"}']) == 0
    for pool in ["workers", "looking_workers"]:
        assert sum(float(values[f'revela_{pool}{{state="{state}"}}'])
                   for state in ("idle", "busy", "starting")) > 0
    assert float(values["revela_looking_worker_trouble"]) == 0
    assert float(values["process_resident_memory_bytes"]) > 1 << 20
    assert float(values["revela_disk_free_bytes"]) > 1 << 20
    # One HELP and one TYPE a metric.
    names = [line.split()[2] for line in body.decode().splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names))
