"""What a follower was told, checked as it comes and compared with the log in the database."""

import contextlib
import json
import sqlite3


def stored_log(server, batch):
    """Every event of the batch as the database holds it: no transport has touched it."""
    return [json.loads(text) for text in _rows(
        server, "SELECT text FROM event WHERE batch = ? ORDER BY seq", batch.name)]


def epoch(server, batch):
    return _rows(server, "SELECT epoch FROM batch WHERE id = ?", batch.name)[0]


def _rows(server, query, *arguments):
    path = server.data / "revela.sqlite"
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as base:
        return [row[0] for row in base.execute(query, arguments)]


def sequence(cursor):
    """Clients must not look into a cursor; a test may."""
    return int(cursor.rpartition(".")[2])


def merge(target, patch):
    """RFC 7396, in place."""
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        elif isinstance(value, dict):
            if not isinstance(target.get(key), dict):
                target[key] = {}
            merge(target[key], value)
        else:
            target[key] = value


def fold(events):
    document = {}
    for event in events:
        merge(document, event["patch"])
    return document


class Reader:
    """One connection: what it must say next."""

    def __init__(self, transport):
        self.transport = transport
        self.after = None
        self.next = None  # None: only a reset may come


class Ledger:
    """All that one follower was told, checked as it comes: each connection goes on exactly after
    the cursor it was asked for, or says that it cannot."""

    def __init__(self, cursor=None, document=None):
        self.start = self.cursor = cursor
        self.seq = sequence(cursor) if _is_cursor(cursor) else None
        self.document = {} if document is None else json.loads(json.dumps(document))
        self.told = []  # ("event", event) and ("reset", cursor, text of the document)
        self.live = {}
        self.faults = []
        self.overlaps = 0

    @property
    def events(self):
        return [entry[1] for entry in self.told if entry[0] == "event"]

    @property
    def resets(self):
        return [entry[1] for entry in self.told if entry[0] == "reset"]

    def take(self, reader, message):
        getattr(self, "_" + message["type"], lambda *_: None)(reader, message)

    def _opening(self, reader, message):
        reader.after = message["after"]
        reader.next = sequence(reader.after) + 1 if _is_cursor(reader.after) else None

    def _hello(self, reader, message):
        if message["cursor"] != reader.after:
            reader.next = None

    def _change(self, reader, message):
        event = message["event"]
        if event["seq"] != reader.next:
            self.faults.append(f"{event['seq']} came where {reader.next} was due: {message}")
        reader.next = event["seq"] + 1
        if self.seq is None or event["seq"] > self.seq + 1:
            self.faults.append(f"lost between {self.seq} and {event['seq']}")
        elif event["seq"] <= self.seq:
            self.overlaps += 1
            return
        self.seq = event["seq"]
        self.cursor = message.get("cursor", self.cursor)
        self.told.append(("event", event))
        merge(self.document, event["patch"])

    def _reset(self, reader, message):
        self.cursor = message["cursor"]
        self.seq = sequence(self.cursor)
        reader.next = self.seq + 1
        self.document = message["document"]
        self.told.append(("reset", self.cursor, json.dumps(message["document"])))

    def _live(self, reader, message):
        self.live = message["live"]

    def _unchanged(self, reader, message):
        if message["etag"] != message["known"]:
            self.faults.append(f"304 for another tag: {message}")

    def assert_tells(self, log):
        """Nothing lost, nothing twice, nothing altered, against the log itself."""
        assert not self.faults, self.faults[:3]
        by_seq = {event["seq"]: event for event in log}
        seq = sequence(self.start) if _is_cursor(self.start) else None
        for kind, what, *document in self.told:
            if kind == "reset":
                seq = sequence(what)
                known = fold(event for event in log if event["seq"] <= seq)
                assert json.loads(document[0]) == known, f"the reset to {what} is not the log"
            else:
                seq += 1
                assert what == by_seq[seq], f"event {seq} differs"
        assert seq == max(by_seq), f"stands at {seq} of {max(by_seq)}"
        assert self.document == fold(log)


def _is_cursor(text):
    return isinstance(text, str) and text.rpartition(".")[2].isdigit() and "." in text
