"""The image of `make image`: read by others' tools, and run as docs/install.md says. Needs what `scripts/require package`
installs, and root."""

import json
import os
import resource
import shutil
import signal
import subprocess
import tempfile

import pytest

import harness
import machine
from slow import SLOW

LAYOUT = harness.ROOT / ".build-image" / "layout"
TOOLS = ["skopeo", "umoci", "podman", "runc", "unshare"]
USER = 10_001

pytestmark = [SLOW, pytest.mark.skipif(
    not LAYOUT.exists() or os.geteuid() != 0 or not all(map(shutil.which, TOOLS)),
    reason=f"takes make image, root and {', '.join(TOOLS)}")]


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def name():
    """The layout with its one tag."""
    [manifest] = json.loads((LAYOUT / "index.json").read_text())["manifests"]
    return f"{LAYOUT}:{manifest['annotations']['org.opencontainers.image.ref.name']}"


def test_other_tools_read_what_the_image_says(name):
    said = json.loads(run("skopeo", "inspect", f"oci:{name}"))
    assert said["Os"] == "linux" and len(said["Layers"]) == 1
    assert said["Labels"]["org.opencontainers.image.version"] == name.rsplit(":")[-1]
    config = json.loads(run("skopeo", "inspect", "--config", f"oci:{name}"))["config"]
    assert (config["User"], config["Volumes"]) == (f"{USER}:{USER}", {"/var/lib/revela": {}})
    assert "REVELA_HOST=0.0.0.0" in config["Env"] and "REVELA_REQUIRE_SANDBOX=true" in config["Env"]


# The root that is given, read-only but for the folder that is given, as its only processes see it.
ENTER = """
mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && mount --bind "$2" "$1/var/lib/revela" &&
mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && cd "$1" && shift 2 &&
exec /usr/sbin/chroot --userspec=10001:10001 --groups= . setpriv --no-new-privs "$@"
"""


def test_the_unpacked_root_serves_as_nobody_with_everything_but_its_volume_read_only(name, tmp_path):
    """By the system's own tools, without any container's program."""
    bundle, volume, port = tmp_path / "bundle", tmp_path / "volume", machine.free_port()
    run("umoci", "unpack", "--image", name, bundle)
    volume.mkdir()
    os.chown(volume, USER, USER)
    said = json.loads((bundle / "config.json").read_text())["process"]
    environment = dict(variable.split("=", 1) for variable in said["env"])
    with open(tmp_path / "log", "wb") as log:
        process = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", ENTER, "sh", bundle / "rootfs", volume,
             *said["args"]], stderr=log, stdout=log, env={**environment, "REVELA_PORT": str(port)})
    try:
        service = machine.Service(port, (tmp_path / "log").read_text, process).wait()
        assert service.capabilities()["sandbox"] == "full"
        service.accept_invitation().develops_twelve()
        assert {path.stat().st_uid for path in volume.rglob("*")} == {USER}
        # The first process of a container hears nothing that it does not ask for.
        os.kill(harness.children_of(process.pid)[0], signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        if process.poll() is None:
            os.kill(harness.children_of(process.pid)[0], signal.SIGKILL)


PROFILES = [None, os.environ.get("REVELA_TEST_SECCOMP")]


@pytest.mark.parametrize("profile", [profile for profile in dict.fromkeys(PROFILES) if profile or profile is None])
def test_a_container_serves_twelve_photos_in_a_whole_sandbox_under_the_usual_profile(name, tmp_path, profile):
    """Podman's own profile, and the file that REVELA_TEST_SECCOMP names, as Docker's."""
    port = machine.free_port()
    # Podman takes no long name.
    place = tempfile.mkdtemp(prefix="podman-")
    podman = ["podman", "--root", f"{place}/store", "--runroot", f"{place}/run", "--storage-driver", "vfs",
              "--cgroup-manager", "cgroupfs", "--runtime", "runc"]
    packed = tmp_path / "layout.tar"
    run("tar", "-C", LAYOUT, "-cf", packed, ".")
    assert "localhost/revela:" in run(*podman, "load", "--input", packed)
    # No more than this machine allows us ourselves.
    limits = [part for name, which in [("nofile", resource.RLIMIT_NOFILE), ("nproc", resource.RLIMIT_NPROC)]
              for part in ["--ulimit", f"{name}={min(4096, resource.getrlimit(which)[1])}"]]
    log = tmp_path / "log"
    with open(log, "wb") as output:
        process = subprocess.Popen(
            [*podman, "run", "--rm", "--read-only", "--read-only-tmpfs=false", "--cap-drop", "all", "--security-opt", "no-new-privileges",
             *limits, *(["--security-opt", f"seccomp={profile}"] if profile else []), "--network", "host", "--env",
             f"REVELA_PORT={port}", "--volume", "revela:/var/lib/revela", f"localhost/revela:{name.rsplit(':')[-1]}"],
            stdout=output, stderr=output)
    try:
        service = machine.Service(port, log.read_text, process).wait()
        assert service.capabilities()["sandbox"] == "full"
        service.accept_invitation().develops_twelve()
    finally:
        process.terminate()
        process.wait(60)
        run(*podman, "rm", "--all", "--force")
        run(*podman, "rmi", "--all", "--force")
        shutil.rmtree(place)
