"""Photographs that cannot be confused, and what must be true once all of them are sent."""

import hashlib
import pathlib
import subprocess
import threading

import harness
from harness import assert_whole, until
from tus import BROKEN


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Photographs:
    """Small photographs, made from the large ones; each is another file than all the others."""

    def __init__(self, folder, dice, sources=6):
        self.dice = dice
        self.made = 0
        self.bases = []
        for source in dice.sample(harness.PHOTOS, sources):
            width = dice.randint(300, 800)
            target = pathlib.Path(folder) / f"{source.stem}-{width}.jpg"
            subprocess.run(
                ["vipsthumbnail", source, "--size", f"{width}x{width}", "--output", f"{target}[Q=80]"],
                check=True)
            self.bases.append(target.read_bytes())

    def next(self):
        """JPEG bytes with a comment of random length that nobody else has."""
        base = self.dice.choice(self.bases)
        self.made += 1
        text = b"photograph %d " % self.made + self.dice.randbytes(self.dice.randint(0, 60_000))
        comment = b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text
        return base[:2] + comment + base[2:]


class Follower(threading.Thread):
    """Reads a batch's log while the server comes and goes; what it was told must stay true."""

    def __init__(self, batch):
        super().__init__(daemon=True)
        self.batch = batch
        self.events = []
        self.failure = None
        self._over = threading.Event()
        epoch = batch.server.json("GET", batch.path)[1]["cursor"].split(".")[0]
        self.cursor = f"{epoch}.0"

    def run(self):
        while not self._over.is_set():
            try:
                status, page = self.batch.server.json(
                    "GET", f"{self.batch.path}/events?after={self.cursor}&wait=1")
            except BROKEN:
                self._over.wait(0.05)
                continue
            if status != 200 or "reset" in page:
                self.failure = f"at {self.cursor}: {status} {page}"
                return
            self.events += page["events"]
            self.cursor = page["cursor"]

    def check(self):
        """Stops; what was read is the beginning of the log."""
        self._over.set()
        self.join()
        assert self.failure is None, self.failure
        assert self.events == self.batch.events()[: len(self.events)]


def cancel_forgotten(batch, wanted):
    """Cancels the images whose creation was never answered, so that nobody sends their bytes."""
    for image, member in batch.images().items():
        if image not in wanted and member["state"] == "uploading":
            status, answer = batch.server.json(
                "DELETE", f"{batch.path}/images/{image}", headers=batch.headers)
            if status == 409:
                # The server has ended it in between, as it does when the connection is gone.
                assert batch.images()[image]["state"] != "uploading", answer
            else:
                # One that had ended before that is removed, and is no image of the batch any more.
                assert status in (200, 204), (status, answer)


def retry_given_up(batch, wanted):
    """Tries again what the server gave up after it had been stopped too often."""
    for image, member in batch.images().items():
        if image in wanted and member["state"] == "failed" and member["problem"]["retryable"]:
            status, answer = batch.server.json(
                "POST", f"{batch.path}/images/{image}/retry", headers=batch.headers)
            assert status in (200, 202, 204), (status, answer)


def assert_all_developed(batch, sent, older=frozenset(), untidy=False):
    """Everything that was acknowledged whole is ready, once, with the bytes that were sent, and
    nothing else is left on disk.

    `sent` gives the bytes by image, `older` the blobs of other batches. `untidy`: files that
    nobody refers to may wait for the sweep or the next start.
    """
    server = batch.server
    images = batch.settle()
    for image, data in sent.items():
        member = images[image]
        assert member["state"] == "ready", (image, member)
        assert member["sha256"] == sha256(data), image
        assert set(member["renditions"]) == {"thumb", "medium", "large"}
    blobs = set()
    for image, member in images.items():
        assert member["state"] in ("ready", "rejected", "cancelled", "failed"), (image, member)
        if member["state"] != "ready":
            continue
        blobs.add(member["sha256"])
        if batch.token:
            path = f"{batch.path}/images/{image}/original"
            status, _, original = server.request("GET", path, headers=batch.headers)
            assert status == 200 and sha256(original) == member["sha256"], image
        for name, rendition in member["renditions"].items():
            status, _, body = server.request("GET", rendition["url"])
            assert status == 200 and len(body) == rendition["bytes"], (image, name)
            assert body[8:12] == b"WEBP", (image, name)
            blobs.add(sha256(body))
    events = assert_whole(batch)
    for image, member in images.items():
        told = [name for e in events if e.get("image") == image and e["type"] == "rendition.ready"
                for name in e["patch"]["images"][image]["renditions"]]
        made = set(member.get("renditions", {}))
        assert len(told) == len(set(told)), (image, told)
        # A copy is told its renditions by `image.ready`, but for those it had made by then.
        assert set(told) <= made if "sameAs" in member else set(told) == made, (image, told)
    names = blob_names(server) - older
    assert names >= blobs - older, blobs - names
    if not untidy:
        assert names == blobs - older, names - blobs
        # An upload's file goes once its photo is recorded, and that may be developed by then.
        with until("the end of all that was staged") as waiting:
            while server.staged_files():
                waiting()
    for name in blobs:
        assert sha256((server.data / "blobs" / name[:2] / name).read_bytes()) == name
    return images


def blob_names(server):
    """What is in the blob folder, half-made copies included."""
    folder = server.data / "blobs"
    return {file.name for file in folder.rglob("*") if file.is_file()}
