"""What was acknowledged is on disk, and not only in the kernel's memory.

`kill -9` keeps that memory and so proves nothing of it. Here strace shows the order of syncs and
answers; and a recorded run is cut at many instants, all that no sync had covered is dropped (or a
random half of it), and a server started on the rest must still know every acknowledged byte.

REVELA_TEST_ROUNDS sets how many cuts, REVELA_TEST_SEED which ones.
"""

import os
import random
import re
import subprocess

import pytest

import harness
from evidence import (
    Follower, Photographs, assert_all_developed, cancel_forgotten, retry_given_up, sha256)
from tus import DraftUpload, Sender, Upload
from witness import Costs, Disk, WitnessedServer, read_records

ROUNDS = int(os.environ.get("REVELA_TEST_ROUNDS", 10))


# MARK: The order, by strace

SYSCALLS = "pwritev,pwrite64,fdatasync,fsync,linkat,unlinkat,write,writev,sendmsg"


class Trace:
    """strace attached to a server's threads. It goes with the server: told to let go of processes while
    some begin and end, it waits for one of them now and then, and all of them with it."""

    def __init__(self, server, path):
        self.server = server
        self.path = path
        self.process = subprocess.Popen(
            ["strace", "-f", "-y", "-s", "400", "-o", path, "-e", f"trace={SYSCALLS}", "-p", str(server.process.pid)],
            stderr=subprocess.PIPE, text=True)
        assert "attached" in self.process.stderr.readline()

    def end(self):
        """Stops the server, and returns (instant, call, text) in order, `instant` being "begin" or "end"; the text of an
        end holds the arguments and the result."""
        self.server.stop()
        self.process.communicate(timeout=30)
        steps, unfinished = [], {}
        for line in self.path.read_text(errors="replace").splitlines():
            thread, rest = line.split(None, 1)
            if rest.startswith("<... "):
                call, start = unfinished.pop(thread, (None, ""))
                if call:
                    steps.append(("end", call, start + rest.partition("resumed>")[2]))
            elif "(" in rest and not rest.startswith(("---", "+++")):
                call = rest.partition("(")[0]
                steps.append(("begin", call, rest))
                if rest.endswith("<unfinished ...>"):
                    unfinished[thread] = call, rest.removesuffix("<unfinished ...>")
                else:
                    steps.append(("end", call, rest))
        return steps


def acknowledgements(steps):
    """Walks the steps. For each answer with an Upload-Offset: that offset, and how many bytes of
    the staged file were then covered by a sync of it and, after that, by one of the database.
    Also whether the finished file's name and then the database were synced before it."""
    written = synced = noted = 0
    syncing, noting, answers = {}, 0, []
    log_written = False
    named = name_synced = name_noted = naming = False
    for instant, call, text in steps:
        if "/staging/u_" in text and call == "pwritev" and instant == "end":
            offset, count = re.search(r", (\d+)\)\s+= (\d+)$", text).groups()
            written = max(written, int(offset) + int(count))
        elif "/staging/u_" in text and call == "fdatasync":
            if instant == "begin":
                syncing = written
            else:
                synced, log_written = syncing, False
        elif call == "linkat" and "/staging" in text and instant == "end":
            named = True
        elif call == "fsync" and "/blobs/" in text and named and instant == "end":
            name_synced, log_written = True, False
        elif "revela.sqlite-wal" in text and call == "pwrite64" and instant == "end":
            log_written = True
        elif "revela.sqlite-wal" in text and call == "fdatasync":
            if instant == "begin":
                noting, naming = (synced, name_synced) if log_written else (noted, name_noted)
            else:
                noted, name_noted = noting, naming
        elif instant == "begin" and "HTTP/1.1 20" in text and (
                found := re.search(r"Upload-Offset: (\d+)", text)):
            answers.append((int(found[1]), noted, name_noted))
    return answers


@pytest.mark.parametrize("form", [Upload, DraftUpload], ids=["tus", "draft"])
def test_syncs_of_the_file_and_the_database_precede_each_acknowledgement(
        server, batch, photos, tmp_path, form):
    trace = Trace(server, tmp_path / "strace.log")
    upload = form(batch, photos[0].read_bytes())
    upload.create()
    for count in [1, 4095, 100_000, 300_000, None]:
        upload.append(count)
    size = len(upload.data)
    batch.settle()
    answers = [answer for answer in acknowledgements(trace.end()) if answer[0] > 0]
    assert [answer[0] for answer in answers] == [1, 4096, 104_096, 404_096, size]
    for offset, noted, _ in answers:
        assert noted >= offset, f"{offset} was acknowledged, {noted} were on disk and noted"
    assert answers[-1][2], "the finished file's name was not on disk before the last answer"


def test_a_photo_costs_few_transactions_and_syncs(tmp_path, photos):
    """Counted on its whole way, alone: created, sent in one piece, and developed to three renditions."""
    log = tmp_path / "steps"
    server = WitnessedServer(tmp_path / "data", record=log).start()
    batch = server.new_batch()
    begun = len(read_records(log))
    upload = Upload(batch, photos[0].read_bytes())
    upload.create()
    upload.append(None)
    [image] = batch.settle().values()
    # Before the stop, which folds the log into the database.
    costs = Costs(read_records(log)[begun:])
    server.stop()
    assert image["state"] == "ready" and len(image["renditions"]) == 3
    print(costs)
    assert costs.transactions <= 5
    assert costs.syncs <= 13


# MARK: Power cuts

class Promises:
    """What a server had said when the power went: of each upload the most, and of the log."""

    def __init__(self, said):
        self.offsets, self.paths, self.whole, self.cursor = {}, {}, set(), 0
        for text in said:
            head, _, body = text.partition(b"\r\n\r\n")
            head = head.decode("latin-1")
            link = re.search(r"^link: .*/images/(i_\w+)", head, re.I | re.M)
            offset = re.search(r"^upload-offset: (\d+)", head, re.I | re.M)
            location = re.search(r"^location: (\S+)", head, re.I | re.M)
            if link and head.startswith("HTTP/1.1 2"):
                self.offsets[link[1]] = max(
                    self.offsets.get(link[1], 0), int(offset[1]) if offset else 0)
                if location and "/uploads/" in location[1]:
                    self.paths[link[1]] = location[1]
            elif location and head.startswith("HTTP/1.1 201") and "/images/" in location[1]:
                self.whole.add(location[1].rpartition("/")[2])
            for cursor in re.findall(rb'"cursor":"\w+\.(\d+)"', body):
                self.cursor = max(self.cursor, int(cursor))


class Recording:
    """One life of a server: uploads of every kind at once, and all that it did and said."""

    def __init__(self, folder, dice, links):
        photographs = Photographs(folder, dice, sources=2)
        log = folder / "steps"
        server = WitnessedServer(folder / "recorded", record=log, links=links).start()
        self.batch = server.new_batch()
        self.begun = len(read_records(log))
        follower = Follower(self.batch)
        follower.start()
        senders = [
            Sender(self.batch, photographs.next(), f"{kind}.jpg", kind, random.Random(dice.random()),
                   pieces=(10_000, 30_000))
            for kind in Sender.KINDS]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
            assert sender.failure is None, sender.failure
        self.batch.settle()
        follower.check()
        self.events = self.batch.events()
        server.kill()
        self.data = {sender.image: sender.data for sender in senders}
        self.records = read_records(log)

    def instants(self, dice, count):
        """Where to cut: right behind answers, and anywhere."""
        begun = range(self.begun, len(self.records))
        answers = [i + 1 for i in begun if b"pload-" in self.records[i].data[:400]
                   and self.records[i].kind == "say"]
        behind = dice.sample(answers, min(len(answers), count // 2))
        return sorted(behind + dice.sample(begun, count - len(behind)))


def assert_kept(recording, at, folder, keep=lambda: False, records=None):
    """Cuts the power, starts a server on the rest, and collects on every promise."""
    records = (records or recording.records)[:at]
    Disk(records).write_left(len(records), folder, keep)
    for file in (folder / "blobs").glob("??/*"):
        assert sha256(file.read_bytes()) == file.name, "a blob has another content than its name says"
    promises = Promises([record.data for record in records if record.kind == "say"])
    server = harness.Server(folder).start()
    try:
        batch = harness.Batch(server, recording.batch.name, recording.batch.token)
        sent = {image: recording.data[image] for image in promises.whole}
        for image, offset in promises.offsets.items():
            upload = (Upload(batch, recording.data[image]))
            upload.path = promises.paths.get(image)
            sent[image] = upload.data
            if upload.path is None:
                continue  # A draft's creation that brought everything.
            upload.acknowledged = offset
            known = upload.head().headers["Upload-Length"]
            if not (upload.is_whole and known):
                upload.append(headers={} if known else {"Upload-Length": str(len(upload.data))})
        cancel_forgotten(batch, sent)
        if batch.images():
            batch.settle()
        retry_given_up(batch, sent)
        if sent:
            assert_all_developed(batch, sent, untidy=True)
        else:
            harness.assert_whole(batch)
        log = batch.events()
        assert len(log) >= promises.cursor
        assert log[:promises.cursor] == recording.events[:promises.cursor]
    finally:
        server.kill()


@pytest.fixture(scope="module", params=[True, False], ids=["links", "copies"])
def recording(tmp_path_factory, request):
    seed = int(os.environ.get("REVELA_TEST_SEED", random.randrange(1 << 32)))
    print(f"REVELA_TEST_SEED={seed} REVELA_TEST_ROUNDS={ROUNDS}")
    recording = Recording(tmp_path_factory.mktemp("recording"), random.Random(seed), request.param)
    recording.dice = random.Random(seed)
    return recording


def test_nothing_acknowledged_is_lost_with_what_was_not_synced(recording, tmp_path):
    dice = recording.dice
    for number, at in enumerate(recording.instants(dice, ROUNDS)):
        luck = number % 2
        print(f"cut at {at} of {len(recording.records)}, {'some' if luck else 'nothing'} unsynced kept")
        assert_kept(recording, at, tmp_path / f"rest-{number}",
                    lambda: luck and dice.random() < 0.5)


@pytest.mark.parametrize("files", ["staging/", "blobs/", "revela.sqlite-wal"])
def test_a_server_that_forgot_to_sync_some_files_would_be_caught(recording, tmp_path, files):
    """The same recording, as if the syncs of these files had never been done."""
    records = recording.records
    forgotten = [r for r in records if not (r.kind == "sync ends" and r.path.startswith(files))]
    # In the middle of an upload, or at the end of all.
    first = next(i for i, r in enumerate(forgotten) if r.kind == "say"
                 and b"204 No Content" in r.data and re.search(rb"pload-Offset: [1-9]", r.data))
    at = first + 1 if files == "staging/" else len(forgotten)
    with pytest.raises((AssertionError, KeyError)):
        assert_kept(recording, at, tmp_path / "rest", records=forgotten)
