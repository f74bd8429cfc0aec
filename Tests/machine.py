"""A machine of its own, without Swift: a fresh Debian 12 that systemd has booted in a container, for the tests of the
package. It takes root, mmdebstrap and systemd-nspawn."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess

import harness

TOOLS = ["mmdebstrap", "systemd-nspawn", "nsenter"]


def can_be_had():
    return os.geteuid() == 0 and all(map(shutil.which, TOOLS))


class Machine:
    """Its network is ours."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.process = None
        self.leader = None

    def make(self):
        subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "--include=systemd-sysv,procps",
                        "bookworm", self.root], check=True)
        return self

    def boot(self):
        self.process = subprocess.Popen(
            ["systemd-nspawn", "--quiet", "--boot", "--keep-unit", "--register=no", "--console=pipe",
             "--resolv-conf=copy-host", f"--directory={self.root}",
             # Which a machine has and Debian 12's containers have not.
             "--system-call-filter=landlock_create_ruleset landlock_add_rule landlock_restrict_self"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        with harness.until("the machine to be up") as waiting:
            while waiting():
                assert self.process.poll() is None, "the machine does not boot"
                self.leader = next(iter(harness.children_of(self.process.pid)), None)
                if self.leader and self.run("systemctl", "is-system-running", check=False).stdout.strip() in (
                        "running", "degraded"):
                    return self

    def run(self, *command, check=True, timeout=600):
        """In the machine, as its root."""
        return subprocess.run(
            ["nsenter", f"--target={self.leader}", "--all", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
             "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", *command],
            capture_output=True, text=True, check=check, timeout=timeout)

    def halt(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(60)
            self.process.kill()


class Service(harness.Server):
    """A server that somebody else has started on this machine's network; `process` is what it lives in."""

    def __init__(self, port, log, process=None):
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.log_text = log
        self.process = process

    def wait(self):
        with harness.until("the service to be ready") as waiting:
            while waiting():
                assert self.process is None or self.process.poll() is None, self.log_text()
                with contextlib.suppress(OSError):
                    if self.json("GET", "/readyz") == (200, {"status": "ready"}):
                        return self

    def accept_invitation(self):
        """The one that it prints at its first start."""
        [address] = [word for word in self.log_text().split() if "/invitation.html#" in word]
        assert self.accept(address)[0] == 201
        return self

    def develops_twelve(self):
        batch = self.new_batch()
        assert len(harness.PHOTOS) == 12, "run scripts/photos first"
        for photo in harness.PHOTOS:
            assert batch.send(photo.read_bytes())[0] == 201
        assert [image["state"] for image in batch.settle(600).values()] == ["ready"] * 12
        harness.assert_whole(batch)
        return batch


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
