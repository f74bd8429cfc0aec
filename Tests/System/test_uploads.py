"""Uploads by clients we did not write, and by one that is killed at its worst moments."""

import hashlib
import http.client
import random
import threading
import time

import harness
from harness import assert_whole
from tusclient.client import TusClient


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def test_tuspy_uploads_and_resumes_knowing_one_url_only(server, photos):
    client = TusClient(f"{server.url}/files")
    uploader = client.uploader(str(photos[0]), chunk_size=256 << 10, metadata={"filename": "tus.jpg"})
    size = photos[0].stat().st_size
    uploader.upload(stop_at=size // 2)
    assert 0 < uploader.offset < size

    # Another process that knows nothing but the upload's URL goes on.
    again = client.uploader(str(photos[0]), chunk_size=1 << 20, url=uploader.url)
    assert again.offset == uploader.offset
    again.upload()

    name = uploader.url.rsplit("/", 1)[1]
    _, headers, _ = server.request("HEAD", f"/api/uploads/{name}", headers={"Tus-Resumable": "1.0.0"})
    batch_name = headers["Link"].split("/api/batches/")[1].split("/")[0]
    batch = harness.Batch(server, batch_name, None)
    [image] = batch.settle().values()
    assert (image["state"], image["name"]) == ("ready", "tus.jpg")
    assert image["sha256"] == sha256(photos[0].read_bytes())
    assert_whole(batch)
    assert server.staged_files() == []


class Uploader(threading.Thread):
    """A tus client that forgets nothing it was told and gives up only when all is sent."""

    def __init__(self, server, batch, name, data, seed):
        super().__init__(daemon=True)
        self.server, self.batch, self.name, self.data = server, batch, name, data
        self.random = random.Random(seed)
        self.path = None
        self.acknowledged = 0
        self.failure = None

    def run(self):
        deadline = time.monotonic() + 240
        while self.acknowledged < len(self.data) and self.failure is None:
            if time.monotonic() > deadline:
                self.failure = f"{self.name} is not done"
            try:
                self.step()
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)
            except AssertionError as error:
                self.failure = f"{self.name}: {error}"

    def step(self):
        if self.path is None:
            status, headers, _ = self.ask("POST", f"{self.batch.path}/images", {
                **self.batch.headers, "Upload-Length": str(len(self.data))})
            assert status == 201, status
            self.path = headers["Location"]
        status, headers, _ = self.ask("HEAD", self.path)
        assert status == 204, status
        self.advance(int(headers["Upload-Offset"]))
        while self.acknowledged < len(self.data):
            end = self.acknowledged + self.random.randrange(1 << 10, 1 << 20)
            status, headers, body = self.ask("PATCH", self.path, {
                "Content-Type": "application/offset+octet-stream",
                "Upload-Offset": str(self.acknowledged)}, self.data[self.acknowledged:end])
            assert status == 204, (status, body)
            self.advance(int(headers["Upload-Offset"]))

    def advance(self, offset):
        assert offset >= self.acknowledged, f"offset {offset}, acknowledged {self.acknowledged}"
        self.acknowledged = offset

    def ask(self, method, path, headers=None, body=None):
        return self.server.request(method, path, body, {"Tus-Resumable": "1.0.0", **(headers or {})})


def test_no_acknowledged_byte_is_lost_over_twenty_kills(tmp_path, photos):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    # Not a port the kernel gives to clients: one that knocks while the server is down could be
    # given it, and be connected to itself.
    server = harness.Server(tmp_path / "data", port=dice.randrange(20_000, 30_000)).start()
    batch = server.new_batch()
    uploaders = []

    def begin():
        # Bytes behind a photo's end change its name and nothing else.
        data = dice.choice(photos).read_bytes() + dice.randbytes(dice.randrange(1, 1000))
        uploader = Uploader(server, batch, f"{len(uploaders)}.jpg", data, dice.random())
        uploaders.append(uploader)
        uploader.start()

    for _ in range(20):
        while sum(uploader.is_alive() for uploader in uploaders) < 3:
            begin()
        time.sleep(dice.random() * 0.4)
        server.kill()
        server.start()
    for uploader in uploaders:
        uploader.join()
    assert [uploader.failure for uploader in uploaders if uploader.failure] == []

    # A photo whose job was under way at five of the kills is quarantined, by design: ask again.
    sent = {sha256(uploader.data) for uploader in uploaders}
    with harness.until("the end of all that was sent", timeout=240, pause=0.2) as waiting:
        while waiting():
            # An uploader killed between its creation and the answer has begun another; the first
            # stays open, without a digest.
            images = {name: i for name, i in batch.images().items() if "sha256" in i}
            for name in [name for name, image in images.items() if image["state"] == "failed"]:
                assert images[name]["problem"]["retryable"]
                server.json("POST", f"{batch.path}/images/{name}/retry", headers=batch.headers)
            if len(images) >= len(sent) and all(i["state"] == "ready" for i in images.values()):
                break
    images = list(images.values())
    assert {image["sha256"] for image in images} == sent
    assert {len(image["renditions"]) for image in images} == {3}
    events = batch.events()
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    ready = [event["image"] for event in events if event["type"] == "image.ready"]
    assert len(ready) == len(set(ready)) == len(images)
    server.stop()
