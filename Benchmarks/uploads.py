"""Uploads, against nginx's PUT with a checksum of the file afterwards, and against a tus server in
Python. Revela syncs every acknowledged byte and hashes; its peers do neither."""

import os
import resource
import subprocess
import time

import measure
from measure import Report, median, mib
from photos import padded
from servers import PORT, Nginx, Revela, TusPyServer, run_load, running

GIB = 1 << 30
ROUNDS = int(os.environ.get("REVELA_BENCH_UPLOAD_ROUNDS", "3"))


class Peak:
    """The growth of a process while something runs."""

    def __init__(self, *pids):
        self.pids = pids

    def __enter__(self):
        self.before = {pid: measure.resident(pid) for pid in self.pids}
        for pid in self.pids:
            measure.forget_peak(pid)
        return self

    def __exit__(self, *_):
        self.growth = max(measure.peak(pid) - self.before[pid] for pid in self.pids)


def openssl(*files):
    """CPU seconds of OpenSSL's SHA-256, which uses the processor's instructions for it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["openssl", "dgst", "-sha256", *files], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def large(report):
    """1 GiB as one file, then as 64 files of 16 MiB at once."""
    for count in [1, 64]:
        files = [padded(measure.FOLDER / f"padded-{i}", GIB // count, f"{count}-{i}-{time.time()}")
                 for i in range(count)]
        with running(Revela(PORT + 1, "--max-file-bytes", str(2 * GIB)), Nginx(PORT + 2)) as (
                revela, nginx):
            ours, theirs = [], []
            for round_ in range(ROUNDS):
                ours.append(send_to_revela(revela, files))
                theirs.append(send_to_nginx(nginx, files, round_))
        for file in files:
            file.unlink()
        ratio = median(a["cpu"] / b["cpu"] for a, b in zip(ours, theirs))
        label = "1 GiB" if count == 1 else f"{count} uploads at once, 1 GiB in all"
        report.row(f"{label}: CPU until the last answer",
                   f"{median(o['cpu'] for o in ours):.2f} s, {ratio:.2f} of the peer's",
                   "0.80 of nginx PUT + openssl" if count == 1 else "1.00 of nginx PUT + openssl",
                   f"{median(t['cpu'] for t in theirs):.2f} s "
                   f"({median(t['nginx'] for t in theirs):.2f} + {median(t['sum'] for t in theirs):.2f})",
                   {"revela": ours, "peer": theirs})
        report.row(f"{label}: resident growth at most", mib(max(o["growth"] for o in ours)), "32 MiB",
                   mib(max(t["growth"] for t in theirs)))


def send_to_revela(revela, files):
    batch = revela.server.new_batch()
    before = revela.cpu()
    with Peak(revela.pid) as peak:
        sent = run_load("uploads", revela.port, [f"{batch.path}/images\t{file}" for file in files],
                        "--kind", "raw", "--count", str(len(files)),
                        headers=[f"Authorization: Bearer {batch.token}"], name="large")
    spent = revela.cpu() - before
    assert sent["failed"] == 0, sent
    images = batch.settle(600)
    states = {image["state"] for image in images.values()}
    assert states == {"ready"}, states
    batch.server.json("DELETE", batch.path, headers=batch.headers)
    return {"cpu": spent, "growth": peak.growth, "seconds": sent["seconds"]}


def send_to_nginx(nginx, files, round_):
    places = [nginx.folder / "put" / f"{round_}-{file.name}" for file in files]
    before = nginx.cpu()
    with Peak(nginx.pid, *measure.children(nginx.pid)) as peak:
        sent = run_load("uploads", nginx.port,
                        [f"/put/{place.name}\t{file}" for place, file in zip(places, files)],
                        "--kind", "put", "--count", str(len(files)), name="large")
    spent = nginx.cpu() - before
    assert sent["failed"] == 0, sent
    hashed = openssl(*places)
    for place in places:
        place.unlink()
    return {"cpu": spent + hashed, "nginx": spent, "sum": hashed, "growth": peak.growth,
            "seconds": sent["seconds"]}


def photos(report):
    """50 files of 3 MB by tus, four at a time, each in one PATCH."""
    files = [padded(measure.FOLDER / f"photo-{i}", 3_000_000, f"{i}-{time.time()}")
             for i in range(50)]
    with running(Revela(PORT + 1), TusPyServer(PORT + 3)) as (revela, peer):
        figures = {"Revela": [], "TusPyServer": []}
        for _ in range(ROUNDS):
            for server in [revela, peer]:
                figures[type(server).__name__].append(send_photos(server, files))
    for file in files:
        file.unlink()

    def of(name, key):
        return median(figure[key] for figure in figures[name])
    speedup = median(a["speed"] / b["speed"]
                     for a, b in zip(figures["Revela"], figures["TusPyServer"]))
    report.row("50 files of 3 MB by tus, four at a time: speed",
               f"{of('Revela', 'speed') / 1e6:.0f} MB/s, {speedup:.1f} × the peer's", "",
               f"{of('TusPyServer', 'speed') / 1e6:.0f} MB/s", figures)
    report.row("50 files of 3 MB by tus, four at a time: CPU", f"{of('Revela', 'cpu'):.2f} s", "",
               f"{of('TusPyServer', 'cpu'):.2f} s")


def send_photos(server, files, headers=()):
    if isinstance(server, Revela):
        batch = server.server.new_batch()
        path, headers = f"{batch.path}/images", [f"Authorization: Bearer {batch.token}"]
    else:
        path = "/files"
    before = server.cpu()
    sent = run_load("uploads", server.port, [f"{path}\t{file}" for file in files], "--kind", "tus",
                    "--count", "4", headers=headers, name="photos")
    spent = server.cpu() - before
    assert sent["failed"] == 0, sent
    return {"speed": sent["bytes"] / sent["seconds"], "cpu": spent}


def run(only=None):
    report = Report("uploads")
    for part in [large, photos]:
        if only in (None, part.__name__):
            part(report)
