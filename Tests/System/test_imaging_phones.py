"""Files as phones write them: photos with a film, a second picture or a map of light behind them, and
photos that say which way is up."""

import io
import json
import struct

import numpy as np
import pytest
from PIL import Image, ImageOps

import harness


@pytest.fixture(scope="module")
def darkroom(tmp_path_factory):
    server = harness.Server(tmp_path_factory.mktemp("phones") / "data").start()
    yield server
    server.stop()


def scene(width=400, height=300):
    """A picture that looks like no turned or mirrored one of itself."""
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.stack([x * 255 // width, y * 255 // height, 0 * x + 80], -1).astype(np.uint8)
    pixels[: height // 4, : width // 4] = (250, 240, 20)
    return Image.fromarray(pixels)


def saved(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def segment(marker, body):
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def box(kind, body):
    return struct.pack(">I", len(body) + 8) + kind + body


PHOTO = saved(scene(), "JPEG", quality=92)
FILM = box(b"ftyp", b"mp42\0\0\0\0mp42isom") + box(b"mdat", bytes(range(256)) * 2000) + box(b"moov", bytes(900))
GAIN_MAP = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/' "
                   b"xmlns:hdrgm='http://ns.adobe.com/hdr-gain-map/1.0/' hdrgm:Version='1.0'/>")

PHONES = {
    "a motion photo": lambda: PHOTO + FILM,
    "a motion photo with a maker's trailer": lambda: PHOTO + FILM + b"SEFH" + bytes(40) + b"SEFT",
    "two pictures in one file": lambda: saved(scene(), "MPO", save_all=True, quality=92,
                                              append_images=[Image.new("RGB", (200, 150), "blue")]),
    "a map of light behind the photo": lambda: PHOTO[:2] + GAIN_MAP + PHOTO[2:] + saved(Image.new("L", (100, 75)), "JPEG"),
    "a motion photo in AVIF": lambda: saved(scene(), "AVIF", quality=90) + box(b"mpvd", FILM) + b"SEFH and no box",
}


def developed(server, data, name):
    """The one rendition, and the photo's member of the document."""
    recipe = {"name": "one", "renditions": [{"name": "only", "longerSide": 400, "format": "image/png"}]}
    _, answer = server.json("POST", "/api/batches", json.dumps({"recipe": recipe}),
                            {"Content-Type": "application/json"})
    batch = harness.Batch(server, answer["document"]["id"], answer["ownerToken"])
    status, image = batch.send(data, name)
    assert status == 201, image
    member = batch.settle()[image["id"]]
    assert member["state"] == "ready", member
    return Image.open(io.BytesIO(server.request("GET", member["renditions"]["only"]["url"])[2])), member


def assert_shows(made, wanted):
    assert made.size == wanted.size
    difference = np.abs(np.asarray(made.convert("RGB"), int) - np.asarray(wanted.convert("RGB"), int))
    assert difference.mean() < 3, difference.mean()


@pytest.mark.parametrize("what", PHONES)
def test_develops(darkroom, what):
    made, member = developed(darkroom, PHONES[what](), "IMG_1.jpg")
    assert_shows(made, scene())
    assert "frames" not in member, "it is one picture"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_format_is_turned_upright(darkroom, kind, orientation):
    exif = Image.Exif()
    exif[0x112] = orientation
    source = scene()
    made, member = developed(darkroom, saved(source, kind, exif=exif.tobytes(), **({} if kind == "PNG" else {"quality": 92})), "a")
    source.getexif()[0x112] = orientation
    wanted = ImageOps.exif_transpose(source)
    assert_shows(made, wanted)
    assert (member["width"], member["height"]) == wanted.size
