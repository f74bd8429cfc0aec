"""A data folder that an earlier version left: nothing in it is lost, and what was under way goes on."""

import json
import pathlib
import shutil

import pytest

import harness
import tus
from harness import assert_whole, folded

FOLDERS = sorted((pathlib.Path(__file__).parent.parent / "data").glob("schema-*"))


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def old(request, tmp_path):
    """The current server on a copy of the folder, the folder's batches, and its upload under way."""
    shutil.copytree(request.param / "data", tmp_path / "data")
    server = harness.Server(tmp_path / "data").start()
    told = json.loads((request.param / "expected.json").read_text())
    batches = {name: harness.Batch(server, told[name]["id"], told[name]["token"])
               for name in ("settled", "failed", "open")}
    yield Old(server, told, batches, (request.param / "second.jpg").read_bytes())
    assert server.stop()[1] == 0


class Old:
    def __init__(self, server, told, batches, rest):
        self.server, self.told, self.batches, self.rest = server, told, batches, rest


def test_its_batches_are_told_as_they_were(old):
    for name, batch in old.batches.items():
        assert batch.document() == folded(batch.events()) == old.told[name]["document"]


def test_its_pictures_are_served(old):
    for batch in old.batches.values():
        for name, image in batch.images().items():
            if image["state"] == "ready":
                assert len(original(batch, name)) == image["size"]
            for rendition in image.get("renditions", {}).values():
                status, _, data = old.server.request("GET", rendition["url"])
                assert (status, len(data)) == (200, rendition["bytes"])


def test_its_upload_under_way_goes_on_where_it_was(old):
    path, offset = old.told["upload"]["location"], old.told["upload"]["offset"]
    answer = tus.ask(old.server.port, "HEAD", path, tus.VERSION).expect(200, 204)
    assert answer.offset == offset
    tus.ask(old.server.port, "PATCH", path, {
        **tus.VERSION, **tus.BYTES, "Upload-Offset": str(offset)}, old.rest[offset:]).expect(204)
    images = old.batches["open"].settle()
    assert [image["state"] for image in images.values()] == ["ready", "ready"]
    assert_whole(old.batches["open"])


def test_its_failed_photo_can_be_tried_again(old):
    batch = old.batches["failed"]
    [name] = batch.images()
    status, _ = old.server.json("POST", f"{batch.path}/images/{name}/retry", headers=batch.headers)
    assert status == 202
    assert batch.settle()[name]["state"] == "ready"
    assert_whole(batch)


def test_a_copy_of_its_photo_needs_no_processing(old):
    batch = old.batches["settled"]
    first = next(name for name, image in batch.images().items() if image["state"] == "ready")
    _, again = batch.send(original(batch, first), "again.jpg")
    assert "sameAs" in batch.settle()[again["id"]]


def original(batch, image):
    path = f"{batch.path}/images/{image}/original"
    status, _, data = batch.server.request("GET", path, headers=batch.headers)
    assert status == 200
    return data
