"""What a photo costs the disk, and what a large database costs everybody: syncs, transactions and CPU a
photo; an empty store against one with a million uploads; and others' writes while a batch is deleted."""

import concurrent.futures
import contextlib
import http.client
import os
import sqlite3
import threading
import time

import measure
from measure import Report, median
from photos import distinct, twelve_megapixels
from servers import PORT, Revela, running, scratch
from harness import PROGRAMS, Server
from tus import Upload
from witness import Costs, WitnessedServer, read_records

UPLOADS = int(os.environ.get("REVELA_BENCH_UPLOADS", "1000000"))
IMAGES = int(os.environ.get("REVELA_BENCH_IMAGES", "100000"))
WAITING = int(os.environ.get("REVELA_BENCH_WAITING", "20000"))
DELETED = int(os.environ.get("REVELA_BENCH_DELETED", "10000"))
PHOTOS_AT_ONCE = {"one at a time": 1, "four at once": 4}


def run(part=None):
    report = Report("storage")
    for piece in [photo, large, deletion]:
        if part in (None, piece.__name__):
            piece(report)


# MARK: One photo

def photo(report):
    """Syncs are counted, and not waited for, by the witness of the tests; CPU is another server's."""
    files = [file.read_bytes() for file in twelve_megapixels()]
    for name, at_once in PHOTOS_AT_ONCE.items():
        costs = counted(files, name, at_once)
        with running(Revela(PORT + 1)) as revela:
            send(revela.batch, files, f"warm {name}", at_once)
            before = revela.cpu()
            send(revela.batch, files, f"cpu {name}", at_once)
            cpu = (revela.cpu() - before) / len(files)
        report.row(f"a photo of 12 megapixels to web, {name}",
                   f"{costs.syncs / len(files):.1f} syncs, "
                   f"{costs.transactions / len(files):.1f} transactions, {1000 * cpu:.1f} ms of CPU",
                   "10 syncs, 5 transactions", "",
                   {kind: round(count / len(files), 2) for kind, count in costs.by_kind.items()})


def counted(files, name, at_once):
    folder = scratch("revela")
    log = folder / "steps"
    server = WitnessedServer(folder / "data", "--log-level", "warning", record=log).start()
    batch = server.new_batch()
    begun = len(read_records(log))
    send(batch, files, f"counted {name}", at_once)
    server.stop()
    return Costs(read_records(log)[begun:])


def send(batch, files, mark, at_once):
    """Returns once all are developed; one at a time, each before the next is sent."""
    def one(index, file):
        upload = Upload(batch, distinct(file, f"{mark} {index} {time.time()}"))
        upload.create()
        upload.append(None)
        if at_once == 1:
            batch.settle()
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        for done in [pool.submit(one, *numbered) for numbered in enumerate(files)]:
            done.result()
    batch.settle()


# MARK: A large database

class Filled:
    """A server whose database holds what others have left: by SQL, since sending it would take days."""

    def __init__(self, uploads, images, waiting):
        self.folder = scratch("revela")
        self.gate = self.folder / "gate"
        self.server = Server(self.folder / "data", "--log-level", "error", "--workers", "1",
                             "--worker", PROGRAMS / "ScriptedWorker")
        self.server.start()
        self.batch = self.server.new_batch()
        self.batch.send(b"photo")
        self.batch.settle()
        # Whoever is developed first waits for the gate, and with it all the others.
        self.batch.send(f"wait for\n{self.gate}\n".encode())
        self.server.stop()
        with contextlib.closing(sqlite3.connect(self.server.data / "revela.sqlite")) as base, base:
            fill(base, uploads, images, waiting)

    def start(self):
        """Seconds until it serves."""
        began = time.monotonic()
        self.server.start()
        return time.monotonic() - began

    def creation(self):
        began = time.monotonic()
        Upload(self.batch, b"photo").create()
        return time.monotonic() - began

    def archive(self):
        """Seconds until the first byte of the archive of a batch with one photo."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        began = time.monotonic()
        connection.request("GET", f"{self.batch.path}/archive.zip")
        answer = connection.getresponse()
        assert answer.status == 200 and answer.read(1)
        took = time.monotonic() - began
        connection.close()
        return took

    def turns(self, count):
        """Seconds a photo, of the first that are developed once the gate is open. Theirs is the text
        that the photo before them had, so that a turn is a claim and little else."""
        first = self._begun()
        began = time.monotonic()
        self.gate.touch()
        while self._begun() < first + count:
            time.sleep(0.005)
        return (time.monotonic() - began) / count

    def _begun(self):
        with contextlib.closing(sqlite3.connect(
                f"file:{self.server.data / 'revela.sqlite'}?mode=ro", uri=True)) as base:
            return base.execute("SELECT number FROM turn").fetchone()[0]


def fill(base, uploads, images, waiting):
    [(recipe, sha256)] = base.execute(
        "SELECT recipe, sha256 FROM batch JOIN image ON image.batch = batch.id LIMIT 1")
    columns = "(id, owner, createdAt, epoch, recipe, state, seq, imageCount, unfinishedCount)"

    def batch(name, state, count, unfinished):
        return name, f"owner {name}", "2026-01-01T00:00:00.000Z", "e", recipe, state, 1, count, unfinished

    def document(position, state):
        return (f'{{"name":"a.jpg","position":{position},"renditions":{{}},"size":5,'
                f'"state":"{state}"}}')

    batches = [batch(f"b_{n:026}", "settled", 500, 0) for n in range(max(1, images // 500))]
    queued = [batch(f"b_q{n:025}", "open", 1, 1) for n in range(waiting)]
    base.executemany(f"INSERT INTO batch {columns} VALUES (?,?,?,?,?,?,?,?,?)", batches + queued)
    row = "INSERT INTO image (id, batch, owner, document, sha256, bytes) VALUES (?,?,?,?,?,?)"
    base.executemany(row, (
        (f"i_{n:026}", batches[n // 500][0], batches[n // 500][1], document(n % 500, "ready"),
         f"{n:064x}", 1_000_000 + n) for n in range(images)))
    base.executemany(
        "INSERT INTO rendition VALUES (?,?,320,240,'image/webp',?,1000)",
        ((f"i_{n:026}", name, f"{name}{n:058x}") for n in range(images)
         for name in ("large", "medium", "thumb")))
    base.executemany(row, (
        (f"i_q{n:025}", queued[n][0], queued[n][1], document(0, "waiting"), sha256, 5)
        for n in range(waiting)))
    base.executemany(
        "INSERT INTO upload (id, batch, image, resumable, length, offset, expiresAt, complete) "
        "VALUES (?,?,?,1,5,5,1e12,1)",
        ((f"u_{n:026}", batches[n % len(batches)][0], f"i_{n:026}" if n < images else None)
         for n in range(uploads)))
    base.executemany("INSERT INTO job (image, batch, lane) VALUES (?,?,0)",
                     ((f"i_q{n:025}", queued[n][0]) for n in range(waiting)))


def large(report):
    """The same of a server whose store is nearly empty, and of a full one; rounds in turns."""
    found = {}
    for name, sizes in {"empty": (0, 0, 60), "full": (UPLOADS, IMAGES, WAITING)}.items():
        found[name] = measured(Filled(*sizes))
    for what in found["empty"]:
        empty, full = found["empty"][what], found["full"][what]
        report.row(f"{what}, with {UPLOADS} uploads, {IMAGES} images and {WAITING} waiting batches",
                   f"{1000 * full:.1f} ms, {full / empty:.2f} ×", "1 ×", f"{1000 * empty:.1f} ms",
                   found)


def measured(filled):
    starts = []
    for _ in range(5):
        starts.append(filled.start())
        filled.server.stop()
    filled.start()
    # The look through the whole database, beside the start, is over.
    measure.eventually(lambda: is_quiet(filled.server.process.pid), 120)
    figures = {"start": median(starts),
               "creation": median(filled.creation() for _ in range(50)),
               "first byte of an archive": median(filled.archive() for _ in range(50)),
               "a turn": filled.turns(50)}
    filled.server.kill()
    return figures


def is_quiet(pid):
    before = measure.cpu(pid)
    time.sleep(1)
    return measure.cpu(pid) - before < 0.05


# MARK: Deletion

def deletion(report):
    """Another owner's creations while a batch is deleted: the longest, and as many without it."""
    filled = Filled(0, 0, 0)
    with contextlib.closing(sqlite3.connect(filled.server.data / "revela.sqlite")) as base, base:
        batch, owner = base.execute("SELECT id, owner FROM batch").fetchone()
        crowd(base, batch, owner, DELETED)
    filled.start()
    measure.eventually(lambda: is_quiet(filled.server.process.pid), 120)
    other = filled.server.new_batch()
    quiet = writes(other, 3)
    over = threading.Event()
    took = []

    def write():
        while not over.is_set():
            took.extend(writes(other, 0))
    writer = threading.Thread(target=write)
    writer.start()
    began = time.monotonic()
    status, _, _ = filled.server.request("DELETE", filled.batch.path, headers=filled.batch.headers)
    answered = time.monotonic() - began
    assert status == 204
    measure.eventually(lambda: left(filled.server) == 0, 300)
    removed = time.monotonic() - began
    over.set()
    writer.join()
    filled.server.kill()
    report.row(f"another's creation while a batch of {DELETED} photos is deleted: longest",
               f"{1000 * max(took):.0f} ms, median {1000 * median(took):.1f}; answered after "
               f"{1000 * answered:.0f} ms, all removed after {removed:.1f} s", "50 ms",
               f"{1000 * max(quiet):.0f} ms, median {1000 * median(quiet):.1f} without", took)


def crowd(base, batch, owner, count):
    """As many ready photos with three renditions, a job's trace and their events."""
    base.executemany(
        "INSERT INTO image (id, batch, owner, document, sha256, bytes) VALUES (?,?,?,?,?,5)",
        ((f"i_{n:026}", batch, owner, f'{{"position":{n + 9},"state":"ready"}}', f"{n:064x}")
         for n in range(count)))
    base.executemany(
        "INSERT INTO rendition VALUES (?,?,320,240,'image/webp',?,1000)",
        ((f"i_{n:026}", name, f"{name}{n:058x}") for n in range(count)
         for name in ("large", "medium", "thumb")))
    base.executemany(
        "INSERT INTO upload (id, batch, image, resumable, length, offset, expiresAt, complete) "
        "VALUES (?,?,?,1,5,5,1e12,1)",
        ((os.urandom(13).hex(), batch, f"i_{n:026}") for n in range(count)))
    base.executemany(
        "INSERT INTO event VALUES (?,?,'rendition.ready',NULL,?)",
        ((batch, n + 1000, "{" + "x" * 300 + "}") for n in range(8 * count)))


def writes(batch, seconds):
    """Seconds of each creation, one after the other; at least one."""
    took, end = [], time.monotonic() + seconds
    while not took or time.monotonic() < end:
        began = time.monotonic()
        Upload(batch, b"photo").create()
        took.append(time.monotonic() - began)
    return took


def left(server):
    with contextlib.closing(sqlite3.connect(
            f"file:{server.data / 'revela.sqlite'}?mode=ro", uri=True)) as base:
        return base.execute("SELECT count(*) FROM batch WHERE deleted = 1").fetchone()[0]
