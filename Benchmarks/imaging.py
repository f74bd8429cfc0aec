"""Developing photos: CPU of the server and its workers against the same pipeline in one process and
against a typical service, the price of the process boundary, delays, and memory over hundreds."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time

import measure
from measure import Report, median, mib, percentile
from photos import (distinct, padded, set_of, small_photo, twelve_megapixels,
                    twenty_four_megapixels)
from servers import (PORT, ROOT, Caller, Revela, Streams, create_upload, run_load, running)
import harness
from harness import PROGRAMS

COUNT = int(os.environ.get("REVELA_BENCH_PHOTOS", "24"))
MANY = int(os.environ.get("REVELA_BENCH_MANY", "500"))
CANCELS = 12
ROUNDS = int(os.environ.get("REVELA_BENCH_IMAGING_ROUNDS", "3"))
# As WorkerHost sets it for a worker.
SOLO = {**os.environ, "VIPS_CONCURRENCY": "1", "MALLOC_ARENA_MAX": "2",
        "MALLOC_MMAP_THRESHOLD_": "33554432", "MALLOC_TRIM_THRESHOLD_": "134217728",
        "REVELA_WORKER": str(PROGRAMS / "revela-worker")}


class Follower:
    """Reads a batch's events by SSE on a thread, each with the time it came."""

    def __init__(self, batch):
        self.connection = http.client.HTTPConnection("127.0.0.1", batch.server.port, timeout=600)
        self.connection.request("GET", f"{batch.path}/events",
                                headers={"Accept": "text/event-stream"})
        self.socket = self.connection.sock  # The response takes it over.
        self.response = self.connection.getresponse()
        self.events = []
        self.news = threading.Condition()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        name = ""
        with contextlib.suppress(OSError, AttributeError, ValueError, http.client.HTTPException):
            for line in self.response:
                if line.startswith(b"event: "):
                    name = line[7:].strip()
                elif line.startswith(b"data: ") and name == b"change":
                    event = json.loads(line[6:])
                    with self.news:
                        self.events.append((time.monotonic(), event))
                        self.news.notify_all()

    def first(self, matches, timeout=300):
        """The time the first event came that matches."""
        with self.news:
            found = None

            def look():
                nonlocal found
                found = next((when for when, event in self.events if matches(event)), None)
                return found is not None
            if not self.news.wait_for(look, timeout):
                raise RuntimeError("an event did not come")
            return found

    def times(self, *types):
        with self.news:
            return [when for when, event in self.events if event["type"] in types]

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join(10)


def send_all(revela, batch, files, at_once=4):
    sent = run_load("uploads", revela.port, [f"{batch.path}/images\t{file}" for file in files],
                    "--kind", "raw", "--count", str(at_once),
                    headers=[f"Authorization: Bearer {batch.token}"], name="imaging")
    assert sent["failed"] == 0, sent
    return sent


def distinct_files(files, mark):
    folder = measure.FOLDER / "distinct"
    folder.mkdir(exist_ok=True)
    made = []
    for index, file in enumerate(files):
        copy = folder / f"{index}.jpg"
        copy.write_bytes(distinct(file.read_bytes(), f"{mark} {index}"))
        made.append(copy)
    return made


def cost(report):
    """CPU of 24 photos to the recipe `web`."""
    files = set_of(COUNT)
    figures = {name: [] for name in ["server", "workers", "inside", "thumbnail", "resize"]}
    with running(Revela(PORT + 1)) as revela:
        for round_ in range(ROUNDS):
            server, all_ = develop(revela, distinct_files(files, f"cost {round_} {time.time()}"))
            figures["server"].append(server)
            figures["workers"].append(all_ - server)
            figures["inside"].append(bench("inside", files)["cpu"])
            figures["thumbnail"].append(typical("thumbnail", files)["cpu"])
        figures["resize"].append(typical("resize", files)["cpu"])
    whole = [a + b for a, b in zip(figures["server"], figures["workers"])]
    inside = median(w / i for w, i in zip(whole, figures["inside"]))
    other = median(w / t for w, t in zip(whole, figures["thumbnail"]))
    report.row(f"{COUNT} photos to web: CPU against the same pipeline in one process",
               f"{median(whole):.2f} s ({median(figures['workers']):.2f} workers + "
               f"{median(figures['server']):.2f} server), {inside:.2f} of it", "1.15",
               f"{median(figures['inside']):.2f} s", figures)
    report.row(f"{COUNT} photos to web: CPU against a typical pyvips service", f"{other:.2f} of it",
               "0.45", f"{median(figures['thumbnail']):.2f} s thumbnail, "
               f"{figures['resize'][0]:.2f} s resize")


def develop(revela, files):
    """CPU seconds of the server, and of all processes, from the first byte to the last `ready`."""
    batch = revela.server.new_batch()
    server, all_ = revela.cpu(), revela.cpu_with_workers()
    send_all(revela, batch, files)
    images = batch.settle(600)
    assert {image["state"] for image in images.values()} == {"ready"}, images
    return revela.cpu() - server, revela.cpu_with_workers() - all_


def bench(command, arguments):
    done = subprocess.run([PROGRAMS / "imaging-bench", command, *map(str, arguments)], env=SOLO,
                          check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def typical(kind, files):
    done = subprocess.run([sys.executable, ROOT / "Benchmarks" / "typical.py", kind,
                           *map(str, files)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def speed(report):
    """Photos a second with one worker and with two, in turns."""
    files = set_of(COUNT)
    rates = {1: [], 2: []}
    for round_ in range(2):
        for workers in [1, 2]:
            with running(Revela(PORT + 1, "--workers", str(workers))) as revela:
                batch = revela.server.new_batch()
                follower = Follower(batch)
                send_all(revela, batch, distinct_files(files, f"speed {round_} {time.time()}"))
                batch.settle(900)
                ends = follower.times("image.ready")
                began = follower.times("image.processing")[0]
                follower.close()
                rates[workers].append(COUNT / (ends[-1] - began))
    ratio = median(b / a for a, b in zip(rates[1], rates[2]))
    report.row("photos a second, two workers against one",
               f"{median(rates[2]):.2f} against {median(rates[1]):.2f}, {ratio:.2f} ×", "1.5 ×", "",
               rates)


def boundary(report):
    """What another process and the sandbox cost a job, by a photo that is developed at once."""
    file = measure.FOLDER / "small.jpg"
    small_photo()
    got = bench("compare", [200, file])
    inside, worker, owner = got["inside"], got["worker"], got["new_owner"]
    report.row("a job in a worker over one in the same process",
               f"{worker['wall_ms'] - inside['wall_ms']:.2f} ms on the clock, "
               f"{worker['cpu_ms'] - inside['cpu_ms']:.2f} ms of CPU", "1 ms",
               f"{inside['wall_ms']:.2f} ms in one process", got)
    report.row("a job of another owner than the last, over that",
               f"{owner['wall_ms'] - worker['wall_ms']:.1f} ms on the clock")
    with running(Revela(PORT + 1)) as revela:
        measure.eventually(lambda: len(revela.server.workers()) >= 4, 20)
        time.sleep(2)
        sizes = [measure.private(pid) for pid in revela.server.workers()]
        report.row("an idle worker, private memory", mib(max(sizes)), "15 MiB", "",
                   [round(size / 1048576, 1) for size in sizes])


def delay(report):
    """From the last byte of a 12-megapixel photo to its renditions, one photo at a time."""
    first, all_ = [], []
    with running(Revela(PORT + 1)) as revela:
        batch = revela.server.new_batch()
        follower = Follower(batch)
        caller = Caller(revela.port, [f"Authorization: Bearer {batch.token}"])
        photos = twelve_megapixels()
        for index in range(4 * len(photos)):
            data = distinct(photos[index % len(photos)].read_bytes(), f"delay {index} {time.time()}")
            caller.connection.request("POST", f"{batch.path}/images", data, {
                **caller.headers, "Content-Type": "image/jpeg",
                "Content-Disposition": f"attachment; filename=\"{index}.jpg\""})
            sent = time.monotonic()
            answer = json.loads(caller.connection.getresponse().read())
            image = answer["images"][0]["id"] if "images" in answer else answer["id"]
            seen = follower.first(lambda event: event["type"] == "rendition.ready"
                                  and event.get("image") == image)
            done = follower.first(lambda event: event["type"] in ("image.ready", "image.failed")
                                  and event.get("image") == image)
            if index >= 4:
                first.append((seen - sent) * 1000)
                all_.append((done - sent) * 1000)
        follower.close()
    report.row("12 MP, last byte to first rendition at the client",
               f"p50 {median(first):.0f} ms, p99 {percentile(first, .99):.0f} ms", "p50 100 ms", "",
               {"best": min(first), "all": [round(x) for x in first]})
    report.row("12 MP, last byte to all three", f"p50 {median(all_):.0f} ms, "
               f"p99 {percentile(all_, .99):.0f} ms", "p50 500 ms", "",
               {"best": min(all_), "all": [round(x) for x in all_]})


def busy(report):
    """What else goes on while every worker is busy."""
    with running(Revela(PORT + 1)) as revela:
        quiet_checks = [header_check(revela, revela.batch) for _ in range(20)]
        quiet_speed = median(upload_speed(revela) for _ in range(3))
        quiet_network = median(network_speed(revela) for _ in range(3))
        quiet = stream_delay(revela)
        work = revela.server.new_batch()
        send_all(revela, work, distinct_files(set_of(COUNT), f"busy {time.time()}"))
        keeper = Keeper(revela, work)
        measure.eventually(lambda: keeper.is_busy, 20)
        checks = [header_check(revela, revela.batch) for _ in range(40)]
        strangers = [header_check(revela, revela.server.new_batch()) for _ in range(10)]
        delays = stream_delay(revela)
        speeds = [upload_speed(revela) for _ in range(3)]
        network = [network_speed(revela) for _ in range(3)]
        was_busy = keeper.close()
    note = "" if was_busy else " (the workers ran out of photos)"
    report.row("header check while every worker is busy, first 64 KiB to the refusal",
               f"p50 {median(checks):.0f} ms, p99 {percentile(checks, .99):.0f} ms{note}", "100 ms",
               f"{median(quiet_checks):.0f} ms idle", {"busy": checks, "idle": quiet_checks})
    report.row("the same for the first file of a new owner, whose worker is a fresh one",
               f"p50 {median(strangers):.0f} ms", "100 ms", "", strangers)
    report.row("event made to socket while every worker is busy",
               f"p50 {delays['p50']:.1f} ms, p99 {delays['p99']:.1f} ms{note}", "p99 50 ms",
               f"p99 {quiet['p99']:.1f} ms idle")
    report.row("upload speed while every worker is busy",
               f"{100 * median(speeds) / quiet_speed:.0f} % of idle{note}", "80 %",
               f"{quiet_speed / 1e6:.0f} MB/s idle", speeds)
    report.row("the same at the pace of a gigabit network",
               f"{100 * median(network) / quiet_network:.0f} % of idle{note}", "80 %",
               f"{quiet_network / 1e6:.0f} MB/s idle", network)


class Keeper:
    """Keeps photos waiting, so that the workers stay busy."""

    def __init__(self, revela, batch):
        self.revela, self.batch = revela, batch
        self.over = threading.Event()
        self.is_busy = False
        self.ran_out = False
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()

    def _watch(self):
        round_ = 0
        while not self.over.is_set():
            states = [image["state"] for image in self.batch.images().values()]
            self.is_busy = "processing" in states
            self.ran_out |= round_ > 0 and "waiting" not in states and "processing" not in states
            if states.count("waiting") < 6:
                round_ += 1
                for file in distinct_files(set_of(6), f"keep {round_} {time.time()}"):
                    self.batch.send(file.read_bytes())
            self.over.wait(0.3)

    def close(self):
        """Whether there was always work."""
        self.over.set()
        self.thread.join()
        self.revela.server.json("DELETE", self.batch.path, headers=self.batch.headers)
        return not self.ran_out


def header_check(revela, batch):
    """Milliseconds from the first 64 KiB of a file that is no image to the refusal."""
    caller = Caller(revela.port, [f"Authorization: Bearer {batch.token}"])
    place = create_upload(caller, batch.path, 8_000_000)
    with socket.create_connection(("127.0.0.1", revela.port), timeout=60) as connection:
        connection.sendall((
            f"PATCH {place} HTTP/1.1\r\nHost: 127.0.0.1\r\nTus-Resumable: 1.0.0\r\n"
            "Upload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n"
            "Content-Length: 8000000\r\n\r\n").encode() + b"This is no photograph. " * 2850)
        sent = time.monotonic()
        answer = connection.recv(4096)
        took = time.monotonic() - sent
    assert b" 422 " in answer[:20], answer
    return took * 1000


@contextlib.contextmanager
def fresh_files():
    """50 files of 3 MB that were never sent before."""
    files = [padded(measure.FOLDER / f"busy-{i}", 3_000_000, f"busy {i} {time.time()}")
             for i in range(50)]
    yield files
    for file in files:
        file.unlink()


def upload_speed(revela):
    """Bytes a second of 50 files by tus, as fast as loopback goes."""
    batch = revela.batch
    with fresh_files() as files:
        sent = run_load(
            "uploads", revela.port, [f"{batch.path}/images\t{file}" for file in files],
            "--kind", "tus", "--count", "4",
            headers=[f"Authorization: Bearer {batch.token}"], name="busy")
    assert sent["failed"] == 0, sent
    return sent["bytes"] / sent["seconds"]


def network_speed(revela):
    """The same files by four curls, each held to a quarter of 125 MB/s."""
    batch = revela.batch
    with fresh_files() as files:
        began = time.monotonic()
        curls = [subprocess.Popen(
            ["curl", "-sS", "--fail", "--limit-rate", "31250000", "--output", "/dev/null",
             "-H", f"Authorization: Bearer {batch.token}",
             *(part for file in files[index::4] for part in ("-F", f"photos=@{file}")),
             f"http://127.0.0.1:{revela.port}{batch.path}/images"]) for index in range(4)]
        assert [curl.wait(120) for curl in curls] == [0] * 4
        return sum(file.stat().st_size for file in files) / (time.monotonic() - began)


def stream_delay(revela):
    batch = revela.server.new_batch()
    headers = [f"Authorization: Bearer {batch.token}"]
    create_upload(Caller(revela.port, headers), batch.path)
    streams = Streams(revela.port, "sse", 20, [f"{batch.path}/events"])
    streams.count()
    run_load("requests", revela.port, [f"{batch.path}/images"], "--kind", "tus", "--rate", "100",
             "--seconds", "5", "--count", "4", headers=headers, name="delay")
    got = streams.count()
    streams.close()
    return got["delay_ms"]


def cancel(report):
    """An AVIF encode that is cancelled after a second: until when its process uses CPU, by /proc."""
    recipe = {"name": "slow", "renditions": [
        {"name": "big", "width": 3600, "height": 3600, "fit": "cover", "format": "image/avif",
         "quality": 95}]}
    photos = twenty_four_megapixels()
    answered, free, burnt, after = [], [], [], []
    with running(Revela(PORT + 1, "--workers", "1")) as revela:
        answer = revela.server.json("POST", "/api/batches", json.dumps({"recipe": recipe}),
                                    {"Content-Type": "application/json"})[1]
        batch = harness.Batch(revela.server, answer["document"]["id"], answer["ownerToken"])
        for index in range(CANCELS):
            photo = distinct(photos[index % len(photos)].read_bytes(), f"cancel {time.time()}")
            image = batch.send(photo)[1]["id"]
            if not measure.eventually(lambda: live_stage(batch, image) == "encode", 60, 0.02):
                raise RuntimeError("no encode began")
            time.sleep(1)
            worker = busiest(revela.server.workers())
            before = last = measure.run_milliseconds(worker)
            began = time.monotonic()
            status = revela.server.request(
                "DELETE", f"{batch.path}/images/{image}", headers=batch.headers)[0]
            if status != 204:
                raise RuntimeError(f"the encode was over before it was cancelled: {status}")
            answered.append((time.monotonic() - began) * 1000)
            while measure.can_run(worker):
                last = measure.run_milliseconds(worker) or last
                time.sleep(0.0005)
            free.append((time.monotonic() - began) * 1000)
            burnt.append(last - before)
            assert batch.images()[image]["state"] == "cancelled"
        began = time.monotonic()
        following = revela.batch.send(distinct(small_photo(), time.time()))[1]["id"]
        assert revela.batch.settle()[following]["state"] == "ready"
        after.append((time.monotonic() - began) * 1000)
    report.row(f"{CANCELS} AVIF encodes cancelled after a second: from the request to a free CPU",
               f"p50 {median(free):.1f} ms, worst {max(free):.1f} ms; {median(burnt):.1f} ms of CPU, "
               f"worst {max(burnt):.1f} ms", "20 ms when quiet", "",
               {"free": free, "burnt": burnt, "answered": answered, "next": after})


def live_stage(batch, image):
    _, answer = batch.server.json("GET", batch.path)
    return answer["live"].get(image, {}).get("stage")


def busiest(workers):
    """The one that uses most CPU within a tenth of a second."""
    before = {pid: measure.run_milliseconds(pid) or 0 for pid in workers}
    time.sleep(0.1)
    return max(workers, key=lambda pid: (measure.run_milliseconds(pid) or 0) - before[pid])


def memory(report):
    """Resident memory of the server and of its workers over hundreds of photos."""
    sources = twelve_megapixels()
    samples = []
    with running(Revela(PORT + 1)) as revela:
        owner = revela.server.new_batch()
        for start in range(0, MANY, 20):
            answer = revela.server.json("POST", "/api/batches", headers=owner.headers)[1]
            batch = type(owner)(revela.server, answer["document"]["id"], owner.token)
            files = [sources[(start + i) % len(sources)] for i in range(20)]
            send_all(revela, batch, distinct_files(files, f"memory {start} {time.time()}"))
            batch.settle(600)
            workers = [measure.resident(pid) for pid in revela.server.workers()]
            samples.append((start + 20, revela.pss(), max(workers)))
    after100 = [sample for sample in samples if sample[0] >= 100]
    growth = after100[-1][1] - after100[0][1]
    report.row(f"{MANY} photos: growth of the server after the first 100",
               mib(growth), "flat", "", [(n, round(s / 1048576, 1), round(w / 1048576, 1))
                                         for n, s, w in samples])
    report.row(f"{MANY} photos: largest worker after 100, and at the end",
               f"{mib(after100[0][2])}, {mib(after100[-1][2])}", "flat")


def run(only=None):
    report = Report("imaging")
    for part in [cost, speed, boundary, cancel, delay, busy, memory]:
        if only in (None, part.__name__):
            part(report)
