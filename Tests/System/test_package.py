"""The Debian package of `make deb`, in a fresh Debian 12 where systemd runs: installed, served from by its own unit,
backed up, restored and purged. Needs what `scripts/require package` installs, root, and ten minutes."""

import subprocess

import pytest

import harness
import machine
from slow import SLOW

PACKAGES = sorted((harness.ROOT / ".build-deb").glob("revela_*.deb"))

pytestmark = [SLOW, pytest.mark.skipif(
    not PACKAGES or not machine.can_be_had(), reason="takes make deb, root, mmdebstrap and systemd-nspawn")]


@pytest.fixture(scope="module")
def debian(tmp_path_factory):
    debian = machine.Machine(tmp_path_factory.mktemp("debian") / "root").make()
    (debian.root / "root" / PACKAGES[-1].name).write_bytes(PACKAGES[-1].read_bytes())
    try:
        yield debian.boot()
    finally:
        debian.halt()


@pytest.fixture(scope="module")
def service(debian):
    """The package, installed as anybody would, and the service that this has started."""
    port = machine.free_port()
    settings = debian.root / "etc/systemd/system/revela.service.d"
    settings.mkdir(parents=True)
    # Its network is ours, where the usual port may be taken.
    (settings / "port.conf").write_text(f"[Service]\nEnvironment=REVELA_PORT={port}\n")
    debian.run("apt-get", "update")
    debian.run("apt-get", "install", "-y", "--no-install-recommends", f"/root/{PACKAGES[-1].name}", timeout=1800)
    service = machine.Service(port, lambda: debian.run("journalctl", "-u", "revela").stdout)
    return service.wait()


@pytest.fixture(scope="module")
def batch(service):
    return service.develops_twelve()


def test_lintian_finds_nothing_that_is_not_answered():
    """What is answered, and how, stands in packaging/lintian-overrides."""
    said = subprocess.run(["lintian", "--allow-root", "--display-experimental", "--fail-on=error,warning,info,pedantic", "--display-info",
                           "--pedantic", PACKAGES[-1]], capture_output=True, text=True)
    found = [line for line in said.stdout.splitlines() if not line.startswith("N:")]
    assert said.returncode == 0 and found == [], said.stdout + said.stderr


def test_the_unit_serves_twelve_photos_in_a_whole_sandbox(debian, service, batch):
    assert service.capabilities()["sandbox"] == "full"
    said = debian.run("systemctl", "show", "revela", "--property=ActiveState,NRestarts,DynamicUser").stdout
    assert set(said.split()) == {"ActiveState=active", "NRestarts=0", "DynamicUser=yes"}
    assert debian.run("sh", "-c", "command -v swift || true").stdout == ""
    # The check before the start is in the log, too.
    assert "sandbox   full" in service.log_text()


def test_the_service_and_its_data_folder_are_of_a_user_of_their_own(debian, batch):
    user = debian.run("systemctl", "show", "revela", "--property=UID", "--value").stdout.strip()
    main = debian.run("systemctl", "show", "revela", "--property=MainPID", "--value").stdout.strip()
    assert int(user) > 1000
    assert debian.run("stat", "-c", "%u", f"/proc/{main}").stdout.strip() == user
    assert debian.run("stat", "-c", "%u %a", "/var/lib/private/revela").stdout.split() == [user, "700"]


def test_the_unit_shuts_the_service_in(debian, service):
    """By what systemd itself counts, in tenths."""
    said = debian.run("systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20",
                      "/usr/lib/systemd/system/revela.service", check=False)
    assert said.returncode == 0, said.stdout


def test_manual_pages_configuration_and_version_are_there(debian, service):
    files = debian.run("dpkg", "-L", "revela").stdout.split()
    assert {"/usr/share/man/man1/revela.1.gz", "/usr/share/man/man1/revela-backup.1.gz",
            "/etc/revela/revela.json", "/usr/bin/revela"} <= set(files)
    assert "/etc/revela/revela.json" in debian.run("dpkg-query", "-W", "-f", "${Conffiles}", "revela").stdout
    version = debian.run("revela", "--version").stdout.split()
    assert PACKAGES[-1].name.split("_")[1].split("~")[0] == version[0] and len(version) == 2


def test_a_restart_and_an_upgrade_lose_nothing(debian, service, batch):
    before = batch.images()
    debian.run("apt-get", "install", "-y", "--reinstall", f"/root/{PACKAGES[-1].name}")
    service.wait()
    assert batch.images() == before


def test_a_backup_is_restored_as_the_handbook_says(debian, service, batch):
    """docs/install.md, Backups."""
    before = batch.images()
    debian.run("revela", "backup", "/srv/backup", "--config", "/etc/revela/revela.json")
    lost = service.new_batch()
    debian.run("systemctl", "stop", "revela")
    debian.run("mv", "/var/lib/private/revela", "/var/lib/private/revela.old")
    debian.run("revela", "restore", "/srv/backup", "--data", "/var/lib/private/revela")
    debian.run("systemctl", "start", "revela")
    service.wait()
    assert batch.images() == before
    for image in before.values():
        for rendition in image["renditions"].values():
            assert service.request("GET", rendition["url"])[0] == 200
    assert service.json("GET", lost.path)[0] == 404
    service.develops_twelve()
    debian.run("rm", "-r", "/srv/backup", "/var/lib/private/revela.old")


def test_a_purge_leaves_nothing_but_the_data_folder(debian, service):
    debian.run("apt-get", "purge", "-y", "revela")
    debian.run("rm", "-r", f"/root/{PACKAGES[-1].name}", "/etc/systemd/system/revela.service.d")
    found = debian.run("find", "/", "-xdev", "-path", "/var/lib/private/revela/*", "-prune", "-o", "-name", "*revela*",
                       "-print").stdout.split()
    assert sorted(found) == ["/var/lib/private/revela", "/var/lib/revela"]
    assert debian.run("dpkg-query", "-l", "revela", check=False).returncode != 0
    assert debian.run("systemctl", "cat", "revela", check=False).returncode != 0
