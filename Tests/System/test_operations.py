"""What an operator is told of an installation: `revela doctor` and the capabilities."""

import ctypes
import errno
import io
import pathlib
import re
import resource
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest
from PIL import Image

import harness
from harness import PROGRAMS
from scripted import SCRIPTED, needs_script

PROBES = {"open", "stat", "create", "socket", "fork", "execve", "kill"}


def doctor(tmp_path, *flags, before=None):
    done = subprocess.run([PROGRAMS / "revela", "doctor", "--data", tmp_path / "data", *harness.PAGES, *flags],
                          capture_output=True, text=True, timeout=60, cwd="/", preexec_fn=before)
    return done.returncode, done.stdout


def without(system_call):
    """Makes this process and its children believe that the kernel is too old for a system call."""
    seccomp = ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    allow, refuse = 0x7FFF0000, 0x00050000 | errno.ENOSYS
    rules = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(allow)))
    number = seccomp.seccomp_syscall_resolve_name(system_call)
    assert seccomp.seccomp_rule_add(rules, ctypes.c_uint32(refuse), number, 0) == 0
    assert seccomp.seccomp_load(rules) == 0


def test_doctor_names_libraries_formats_disk_and_each_probe_of_the_sandbox(tmp_path):
    (tmp_path / "data").mkdir()
    status, said = doctor(tmp_path)
    assert status == 0, said
    lines = {line.split()[0]: line for line in said.splitlines() if line.strip()}
    assert "full" in lines["sandbox"] and "GiB free" in lines["data"]
    assert {word.strip(",") for word in lines["denied"].split()[1:]} == PROBES
    assert "heic" in lines["reads"] and "heic" not in lines["writes"]
    assert "jxl" in lines["reads"] and "jxl" in lines["writes"]
    assert "libvips" in said and "libmagic" in said
    assert "may be open at once" in lines["files"] and "to do" not in said
    assert "at this machine" in lines["begin"] and "invitation" in lines["begin"]


@pytest.mark.parametrize("flags, said", [
    (["--open"], "anyone"), (["--host", "0.0.0.0"], "invitation"), (["--public-url", "https://photos.example"], "invitation")])
def test_doctor_says_who_may_begin_batches(tmp_path, flags, said):
    [line] = [line for line in doctor(tmp_path, *flags)[1].splitlines() if line.split()[:1] == ["begin"]]
    assert said in line and "machine" not in line


def test_doctor_says_where_few_files_may_be_open(tmp_path):
    status, said = doctor(tmp_path, before=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (512, 512)))
    assert status == 0 and "512 may be open at once; thousands of followers need more" in said


def test_version_names_the_commit_only_where_the_build_was_told_it():
    said = subprocess.run([PROGRAMS / "revela", "--version"], capture_output=True, text=True, check=True).stdout
    assert re.fullmatch(r"\d+\.\d+\.\d+( \([0-9a-f]{12}(-changed)?\))?\n", said), said


def test_workers_are_shut_in_under_limits_that_were_there_before(tmp_path):
    """As of a service with LimitFSIZE= and LimitAS=: no process may raise what it was given."""
    limits = ["prlimit", f"--fsize={64 << 20}", f"--as={1900 << 20}"]
    done = subprocess.run([*limits, PROGRAMS / "revela", "doctor", "--data", tmp_path / "data", *harness.PAGES],
                          capture_output=True, text=True, timeout=60, cwd="/")
    assert "sandbox" in done.stdout and "full" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("wall, held", [
    # Each wall alone denies what it can; names of files are found where only Landlock stands.
    (b"landlock_create_ruleset", PROBES), (b"seccomp", {"open", "create"})])
def test_doctor_says_partial_where_the_kernel_has_one_wall_only(tmp_path, wall, held):
    status, said = doctor(tmp_path, before=lambda: without(wall))
    lines = {line.split()[0]: line for line in said.splitlines() if line.strip()}
    assert status == 1 and "partial" in lines["sandbox"], said
    [missing] = [line for line in said.splitlines() if line.startswith("  to do ")]
    assert {b"seccomp": "seccomp is missing"}.get(wall, "Landlock is missing") in missing
    assert held <= {word.strip(",") for word in lines["denied"].split()[1:]}, said
    assert "heic" not in lines["reads"] and "avif" not in lines["reads"]


@needs_script
def test_doctor_fails_where_workers_are_not_shut_in(tmp_path):
    status, said = doctor(tmp_path, "--worker", SCRIPTED)
    assert status == 1
    assert "none" in said and "is missing" in said


def test_capabilities_tell_what_the_sandbox_denies(server):
    answer = server.capabilities()
    assert answer["sandbox"] == "full"
    assert set(answer["probes"]["denied"]) == PROBES and answer["probes"]["allowed"] == []
    assert {"image/heic", "image/avif"} <= set(answer["formats"]["input"])


@needs_script
def test_heic_and_avif_are_read_only_in_a_whole_sandbox(tmp_path):
    server = harness.Server(tmp_path / "data", "--worker", SCRIPTED).start()
    answer = server.capabilities()
    assert answer["sandbox"] == "none"
    assert answer["formats"]["input"] == ["image/jpeg", "image/png", "image/webp", "image/gif"]
    server.stop()


def test_a_data_folder_is_one_servers_at_a_time(tmp_path):
    first = harness.Server(tmp_path / "data").start()
    second = subprocess.run(
        [PROGRAMS / "revela", "serve", "--port", "0", "--data", tmp_path / "data", *harness.PAGES],
        capture_output=True, text=True, timeout=60, cwd="/")
    assert second.returncode != 0 and second.stdout == ""
    assert f"{tmp_path / 'data'} is in use by another server" in second.stderr
    assert first.new_batch().images() == {}

    first.kill()
    first.start()
    first.stop()


def test_more_connections_than_descriptors_wait_and_end_nothing(tmp_path):
    few = 256
    server = harness.Server(tmp_path / "data", "--workers", "1")
    # What a process starts with is given to it by the one that starts it.
    server.start(limits={resource.RLIMIT_NOFILE: (few, few)})
    batch = server.new_batch()
    crowd = [socket.create_connection(("127.0.0.1", server.port), timeout=20) for _ in range(few)]
    with harness.until("all to be let in who will be") as waiting:
        counts = [0]
        while waiting() and (
                counts[-1] <= few // 2 or counts[-30:] != 30 * counts[-1:]):
            counts.append(open_descriptors(server))
    assert counts[-1] < few - 30
    for one in crowd:
        one.close()
    assert server.request("GET", "/healthz")[0] == 200
    assert batch.send(b"no photo")[0] == 201
    assert [image["state"] for image in batch.settle().values()] == ["rejected"]
    server.stop()


def open_descriptors(server):
    return len(list(pathlib.Path(f"/proc/{server.process.pid}/fd").iterdir()))


@pytest.mark.parametrize("lost", ["folder", "database", "staging"])
def test_a_server_that_lost_its_data_is_not_ready_and_acknowledges_nothing(tmp_path, lost):
    server = harness.Server(tmp_path / "data").start()
    assert server.json("GET", "/readyz") == (200, {"status": "ready"})
    assert not list(server.data.glob("staging/*")), "looking leaves nothing behind"
    batch = server.new_batch()
    tus = {**batch.headers, "Tus-Resumable": "1.0.0"}
    _, headers, _ = server.request(
        "POST", f"{batch.path}/images", headers={**tus, "Upload-Length": "9"})
    upload = headers["Location"]
    path = {"folder": server.data, "staging": server.data / "staging"}.get(lost)
    if path:
        shutil.rmtree(path)
    else:
        (server.data / "revela.sqlite").unlink()

    status, problem = server.json("GET", "/readyz")
    assert (status, problem["code"]) == (503, "unavailable") and "data folder" in problem["detail"]
    refused = [server.json("POST", f"{batch.path}/images", b"no photo", {
        **batch.headers, "Content-Type": "image/jpeg"})]
    if lost != "staging":
        refused += [
            server.json("POST", "/api/batches"),
            server.json("PATCH", upload, b"123", {
                **tus, "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}),
            server.json("DELETE", batch.path, headers=batch.headers),
        ]
    for status, problem in refused:
        assert (status, problem["code"], problem["retryable"]) == (503, "unavailable", True), problem
    assert server.request("GET", "/healthz")[0] == 200
    server.stop()


@pytest.fixture
def read_only(tmp_path):
    """Makes the folder of uploads under way read-only while a server runs, and writable again, as a
    file system that the kernel has found faults in."""
    staging = tmp_path / "data" / "staging"
    staging.mkdir(parents=True)
    mount = lambda *arguments: subprocess.run(["mount", *arguments, staging], capture_output=True)
    if mount("--bind", staging).returncode:
        pytest.skip("nothing may be mounted here")
    become = lambda state: mount("-o", f"remount,bind,{state}").returncode
    try:
        if become("ro") or become("rw"):
            pytest.skip("nothing may be made read-only here")
        yield become
    finally:
        # Lazily: a server of a test that failed may still hold it.
        subprocess.run(["umount", "--lazy", staging], check=True)


def test_a_server_whose_data_folder_became_read_only_is_not_ready_until_it_can_be_written(
        tmp_path, read_only):
    server = harness.Server(tmp_path / "data").start()
    batch = server.new_batch()
    assert server.json("GET", "/readyz") == (200, {"status": "ready"})
    assert read_only("ro") == 0
    status, problem = server.json("GET", "/readyz")
    assert (status, problem["code"], problem["retryable"]) == (503, "unavailable", True)
    status, problem = batch.send(b"no photo")
    assert (status, problem["code"], problem["retryable"]) == (503, "unavailable", True), problem
    assert server.request("GET", "/healthz")[0] == 200
    assert read_only("rw") == 0
    assert server.json("GET", "/readyz") == (200, {"status": "ready"})
    # What was refused has left nothing behind.
    assert batch.images() == {}
    server.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_server_that_is_told_to_stop_says_goodbye_on_its_streams(tmp_path, number):
    server = harness.Server(tmp_path / "data").start()
    batch = server.new_batch()
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as stream:
        stream.sendall(f"GET {batch.path}/events HTTP/1.1\r\nHost: x\r\n"
                       "Accept: text/event-stream\r\n\r\n".encode())
        said = b""
        while b"event: hello" not in said:
            said += stream.recv(65_536)
        server.process.send_signal(number)
        while more := stream.recv(65_536):
            said += more
    assert b'"reason":"shutdown"' in said
    assert server.process.wait(60) == 0


def test_what_a_proxy_lets_pass_is_a_setting_and_told(tmp_path):
    server = harness.Server(tmp_path / "data", "--max-append-bytes", "1048576").start()
    assert server.json("GET", "/api/capabilities")[1]["limits"]["appendBytes"] == 1 << 20
    _, headers, _ = server.request("OPTIONS", "/files")
    assert "max-append-size=1048576" in headers["Upload-Limit"]
    server.stop()


def test_how_many_images_a_batch_holds_is_a_setting_and_told(tmp_path):
    server = harness.Server(tmp_path / "data", "--max-batch-images", "2").start()
    limits = server.json("GET", "/api/capabilities")[1]["limits"]
    assert limits["imagesPerBatch"] == 2
    batch = server.new_batch()
    assert [batch.send(b"no photo")[0] for _ in range(2)] == [201, 201]
    status, problem = batch.send(b"no photo")
    assert (status, problem["code"], problem["limit"], problem["actual"]) == (409, "batch-full", 2, 3)
    assert server.new_batch().send(b"no photo")[0] == 201
    server.stop()


@pytest.mark.parametrize("few", [96, 256])
def test_where_descriptors_run_out_nobody_is_blamed_and_every_photo_is_developed(tmp_path, photos, few):
    server = harness.Server(tmp_path / "data", "--workers", "1")
    server.start(limits={resource.RLIMIT_NOFILE: (few, few)})
    batch = server.new_batch()
    data = [Image.effect_noise((160, 120), 40 + number) for number in range(60)]
    senders = [threading.Thread(target=send_until_taken, args=(batch, png(image), f"{number}.png"))
               for number, image in enumerate(data)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    images = batch.settle(timeout=240)
    assert server.process.poll() is None
    names = {image["name"] for image in images.values() if image["state"] == "ready"}
    assert len(names) == 60, sorted(image["state"] for image in images.values())
    # What was refused left nothing that could be taken for a photo's fault.
    assert {image["problem"]["code"] for image in images.values() if "problem" in image} <= {"unavailable"}
    assert not {image["state"] for image in images.values()} - {"ready", "failed"}
    server.stop()


def png(image):
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def send_until_taken(batch, data, name):
    """As a polite client: what is told to come again does."""
    for _ in range(600):
        try:
            status, headers, _ = batch.server.request("POST", f"{batch.path}/images", data, {
                **batch.headers, "Content-Type": "image/png",
                "Content-Disposition": f'attachment; filename="{name}"'})
        except OSError:
            status, headers = 503, {"Retry-After": "1"}
        if status == 201:
            return
        assert status == 503 and headers["Retry-After"], status
        time.sleep(0.1)
    raise AssertionError(f"{name} was never taken")
