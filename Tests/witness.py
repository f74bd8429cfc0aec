"""What the server does to its data folder, step by step: to kill it at any step or let that one
fail, and to work out what a power cut at any instant would have left. See witness.c, which stands before the kernel.
"""

import collections
import contextlib
import functools
import mmap
import os
import pathlib
import struct
import subprocess
import tempfile

import harness

HEAD = struct.Struct("<IIIIQq")
KINDS = {1: "write", 2: "truncate", 3: "sync begins", 4: "sync ends", 5: "create", 6: "link",
         7: "unlink", 8: "rename", 9: "folder", 10: "say"}
Record = collections.namedtuple("Record", "kind path other data inode offset")


@functools.cache
def library():
    """The compiled witness."""
    target = pathlib.Path(tempfile.mkdtemp(prefix="witness-")) / "witness.so"
    source = pathlib.Path(__file__).parent / "witness.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", target, source], check=True)
    return target


class WitnessedServer(harness.Server):
    """A server that can be told to die or fail at a step, and whose steps are recorded if wanted."""

    def __init__(self, data, *flags, record=None, port=0, links=True):
        """Without `links` no file can have a second name, as where two folders lie on two disks."""
        super().__init__(data, *flags, port=port)
        self.data.mkdir(parents=True)
        orders = self.data.parent / f"{self.data.name}.orders"
        orders.write_bytes(bytes(40))
        with open(orders, "r+b") as file:
            self._orders = mmap.mmap(file.fileno(), 40)
        self._environment = {
            "LD_PRELOAD": str(library()), "WITNESS_FOLDER": str(self.data),
            "WITNESS_ORDERS": str(orders), **({"WITNESS_LOG": str(record)} if record else {}),
            **({} if links else {"WITNESS_NO_LINKS": "1"})}

    def start(self):
        before = dict(os.environ)
        os.environ.update(self._environment)
        try:
            return super().start()
        finally:
            os.environ.clear()
            os.environ.update(before)

    @property
    def steps(self):
        """Steps so far, over all its lives."""
        return struct.unpack_from("<q", self._orders, 24)[0]

    @property
    def is_doomed(self):
        return struct.unpack_from("<q", self._orders, 0)[0] > 0

    def die_at(self, step, torn=False):
        """The step-th step from now is not done, or only half if it is a write and `torn`."""
        struct.pack_into("<qq", self._orders, 8, 0, int(torn))
        struct.pack_into("<q", self._orders, 0, step)

    def fail_at(self, step, error):
        """The step-th step from now fails with an `errno`, once."""
        struct.pack_into("<qq", self._orders, 8, error, 0)
        struct.pack_into("<q", self._orders, 0, step)

    def die_before_answer(self, number=1):
        """The number-th "201 Created" from now is not said."""
        struct.pack_into("<q", self._orders, 32, number)

    def spare_answers(self):
        struct.pack_into("<q", self._orders, 32, 0)

    def spare(self):
        struct.pack_into("<q", self._orders, 0, 0)

    def bury(self):
        """After a death that it was told to die."""
        self.process.wait()
        self._close()

    def start_or_die(self):
        """Whether it lived to listen."""
        with contextlib.suppress(AssertionError):
            self.start()
            return True
        self.bury()
        return False


def read_records(path):
    data = pathlib.Path(path).read_bytes()
    records, at = [], 0
    while at + HEAD.size <= len(data):
        kind, path_length, other_length, data_length, inode, offset = HEAD.unpack_from(data, at)
        at += HEAD.size
        parts = []
        for length in (path_length, other_length, data_length):
            parts.append(data[at:at + length])
            at += length
        records.append(Record(
            KINDS[kind], parts[0].decode(), parts[1].decode(), parts[2], inode, offset))
    return records


class Costs:
    """What records have cost: syncs by what was synced, and transactions of the database."""

    def __init__(self, records):
        self.by_kind = collections.Counter(
            _kind(record.path) for record in records if record.kind == "sync begins")
        self.syncs = self.by_kind.total()
        # A frame begins with 24 bytes, of which the second four are not 0 in a transaction's last
        # one (https://www.sqlite.org/fileformat2.html#walformat).
        self.transactions = sum(
            record.kind == "write" and record.path.endswith("-wal") and len(record.data) == 24
            and record.offset >= 32 and record.data[4:8] != bytes(4) for record in records)

    def __str__(self):
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(self.by_kind.items()))
        return f"{self.syncs} syncs ({kinds}), {self.transactions} transactions"


def _kind(path):
    if path.startswith("revela.sqlite"):
        return "database" if path.endswith("sqlite") else "log"
    folder, _, name = path.partition("/")
    if not name:
        return f"folder {folder}"
    return "blob folder" if folder == "blobs" and len(name) == 2 else f"{folder} file"


class Disk:
    """The folder as the records tell it, from an empty one."""

    def __init__(self, records):
        self.records = records
        # A file is the index of the record that created it: inodes are used again.
        self.file_of = {}
        self._begun = {}
        current = {}
        for index, record in enumerate(records):
            if record.kind == "create":
                current[record.inode] = index
            if record.kind in ("write", "truncate", "create"):
                self.file_of[index] = current[record.inode]
            if record.kind == "sync begins":
                # A folder is known by its path, a file by its number.
                self._begun[record.offset] = (index, current.get(record.inode, record.path))

    def left_by_a_cut(self, at, keep=lambda: False):
        """The files by path, as bytes, if the power fails after `at` records.

        What was synced is there. For all else `keep` is asked, for each name and each page of a
        write apart: disks and file systems promise no order.
        """
        synced = {}  # a file or folder: everything before this index is certain
        for record in self.records[:at]:
            if record.kind == "sync ends":
                index, what = self._begun[record.offset]
                synced[what] = max(synced.get(what, -1), index)

        def stays(index, what):
            return index < synced.get(what, -1) or keep()

        contents, names, folders = {}, {}, {""}
        for index, record in enumerate(self.records[:at]):
            if record.kind in ("write", "truncate"):
                file = self.file_of[index]
                content = contents.setdefault(file, bytearray())
                if record.kind == "truncate":
                    if stays(index, file):
                        _resize(content, record.offset)
                    continue
                for start, piece in _pages(record):
                    if stays(index, file):
                        _resize(content, max(len(content), start))
                        content[start:start + len(piece)] = piece
            elif record.kind == "folder":
                if stays(index, _parent(record.path)):
                    folders.add(record.path)
            elif record.kind == "create":
                contents.setdefault(index, bytearray())
                self._name(names, record.path, index, stays(index, _parent(record.path)))
            elif record.kind == "link":
                self._name(names, record.other, names[record.path][-1],
                           stays(index, _parent(record.other)))
            elif record.kind == "unlink":
                self._name(names, record.path, None, stays(index, _parent(record.path)))
            elif record.kind == "rename":
                # As a link and an unlink: a file system without a journal may do one of the two.
                self._name(names, record.other, names[record.path][-1],
                           stays(index, _parent(record.other)))
                self._name(names, record.path, None, stays(index, _parent(record.path)))
        left = {}
        for path, history in names.items():
            file = history[0]
            if file is not None and _parent(path) in folders:
                left[path] = bytes(contents[file])
        return folders, left

    @staticmethod
    def _name(names, path, file, stays):
        """Keeps for each path what is certainly or by luck there, and what the program saw."""
        history = names.setdefault(path, [None, None])
        if stays:
            history[0] = file
        history[1] = file

    def write_left(self, at, folder, keep=lambda: False):
        """The same as a folder to start a server on."""
        folders, files = self.left_by_a_cut(at, keep)
        for path in sorted(folders):
            (folder / path).mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            # Shared memory of the database's processes: no power cut leaves any.
            if not path.endswith("-shm"):
                (folder / path).write_bytes(content)


def _parent(path):
    return path.rpartition("/")[0]


def _resize(content, size):
    if size < len(content):
        del content[size:]
    else:
        content.extend(bytes(size - len(content)))


def _pages(record):
    """A write in pieces that do not cross a page of 4096 bytes."""
    start, data = record.offset, record.data
    while data:
        count = 4096 - start % 4096
        yield start, data[:count]
        start, data = start + count, data[count:]
