"""Files made to hurt: each gets its reason or is developed, in bounded time and memory, and the
photo beside it never notices."""

import gzip
import io
import pathlib
import struct
import zipfile
import zlib

import pytest
from PIL import Image

import harness

MEMORY = 1_000_000_000


@pytest.fixture(scope="module")
def darkroom(tmp_path_factory):
    server = harness.Server(tmp_path_factory.mktemp("bombs") / "data").start()
    yield server
    server.stop()


def peak_memory(server):
    """The most any living worker has ever held, in bytes."""
    peaks = [0]
    for pid in server.workers():
        try:
            for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    peaks.append(int(line.split()[1]) * 1024)
        except (FileNotFoundError, ProcessLookupError):
            pass  # It has ended meanwhile.
    return max(peaks)


def develop(server, data, name="photo.jpg"):
    """Sends a file with an honest one beside it; returns its member once both have an end."""
    batch = server.new_batch()
    status, good = batch.send(GOOD, "good.png", "image/png")
    assert status == 201
    status, answer = batch.send(data, name)
    if status != 201:
        member = {"state": "rejected", "problem": answer}
    else:
        member = batch.settle()[answer["id"]]
    peak = peak_memory(server)
    code = member.get("problem", {}).get("code", "")
    print(f"{member['state']} {code}: {peak / 1e6:.0f} MB")
    # Its time is bounded where it has any other end: a worker is stopped after 20 s of CPU, and the
    # photo is `failed` then.
    assert member["state"] != "failed", member
    assert peak < MEMORY
    batch.settle()
    assert batch.images()[good["id"]]["state"] == "ready"
    return batch, member


def saved(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


GOOD = saved(Image.effect_noise((320, 240), 80), "PNG")


# Building blocks

def png(width, height, *chunks, depth=8, colour=0, interlace=0, data=b"\0"):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunk(*one) for one in chunks)
            + chunk(b"IDAT", data) + chunk(b"IEND", b""))


def deflated(pattern, times, extra=b""):
    """Many repetitions, squeezed without ever holding them."""
    squeeze = zlib.compressobj(9)
    out = b"".join(squeeze.compress(pattern) for _ in range(times))
    return out + squeeze.compress(extra) + squeeze.flush()


def zeros(width, height):
    """The pixels of a grey PNG in one colour."""
    return deflated(bytes(width + 1) * 100, height // 100, bytes(width + 1) * (height % 100))


def jpeg(size=(320, 240), **options):
    return saved(Image.effect_noise(size, 60).convert("RGB"), "JPEG", quality=85, **options)


def with_size(data, width, height):
    """A JPEG that says that it is larger."""
    for marker in (b"\xff\xc2", b"\xff\xc0"):
        at = data.find(marker)
        if at > 0:
            return data[: at + 5] + struct.pack(">HH", height, width) + data[at + 9 :]
    raise ValueError("no frame")


def gif(frames, side=2000):
    frame = b"\x2c" + struct.pack("<4H", 0, 0, 2, 2) + b"\0\2\3\x44\x02\x05\0"
    return (b"GIF89a" + struct.pack("<2H", side, side) + b"\x80\0\0" + bytes(3) + b"\xff" * 3
            + frame * frames + b";")


def film(kind):
    frames = [Image.new("RGB", (64, 48), (40 * i, 90, 200)) for i in range(4)]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=80)


def segment(marker, body):
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def archive():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as files:
        files.writestr("payload.txt", "hidden payload")
    return buffer.getvalue()


SCRIPT = b"<script>alert('hidden payload')</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">' + SCRIPT + b"</svg>"
MATLAB = b"MATLAB 5.0 MAT-file, Platform: GLNXA64".ljust(124) + b"\0\x01IM" + bytes(400)

REFUSED = {
    "a PNG of 60,000 pixels square": ("side-too-long", lambda: png(60_000, 60_000, depth=1, data=zeros(7_500, 60_000))),
    "a PNG of 16,000 pixels square": ("too-many-pixels", lambda: png(16_000, 16_000, data=zeros(16_000, 16_000))),
    "an interlaced PNG over its own budget": ("too-many-pixels", lambda: png(6_000, 6_000, interlace=1)),
    "a PNG that says two thousand million": ("side-too-long", lambda: png(2**31 - 1, 2**31 - 1)),
    "a progressive JPEG of 20,000 pixels square": ("too-many-pixels", lambda: with_size(jpeg(progressive=True), 20_000, 20_000)),
    "a GIF of 20,000 frames": ("too-many-frames", lambda: gif(20_000)),
    "a GIF of 200 frames that has 800 million pixels": ("too-many-pixels", lambda: gif(200)),
    "a WebP of 12,000 pixels square": ("too-many-pixels", lambda: webp_saying(12_000)),
    # It ends in order, and most of its pixels are missing.
    "a JPEG that says more than it has": ("damaged", lambda: with_size(jpeg(), 9_000, 9_000)),
    "an AVIF sequence": ("moving-image", lambda: film("AVIF")),
    "a HEIC sequence": ("moving-image", lambda: b"\0\0\0\x18ftyphevc\0\0\0\0hevcmsf1" + bytes(64)),
    "HTML before a JPEG": ("not-an-image", lambda: b"<html>" + SCRIPT + jpeg()),
    "a gzip bomb": ("not-an-image", lambda: gzip.compress(bytes(50_000_000))),
    "an SVG in gzip": ("not-an-image", lambda: gzip.compress(SVG)),
    "an SVG with a script": ("unsupported-format", lambda: SVG),
    "a MATLAB header named .png": ("not-an-image", lambda: MATLAB),
    "a MATLAB header behind a PNG signature": ("damaged", lambda: b"\x89PNG\r\n\x1a\n" + MATLAB),
    "a TIFF": ("tiff-image", lambda: saved(Image.new("RGB", (64, 48)), "TIFF")),
    "a JPEG 2000": ("unsupported-format", lambda: saved(Image.new("RGB", (64, 48)), "JPEG2000")),
    "a BMP": ("unsupported-format", lambda: saved(Image.new("RGB", (64, 48)), "BMP")),
}


def webp_saying(side):
    """An extended WebP whose canvas is larger than its picture."""
    plain = saved(Image.new("RGB", (64, 48), "red"), "WEBP")
    canvas = struct.pack("<I", side - 1)[:3]
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + canvas * 2 + plain[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize("what", REFUSED)
def test_refuses(darkroom, what):
    code, make = REFUSED[what]
    name = "innocent.png" if ".png" in what else "holiday.jpg"
    _, member = develop(darkroom, make(), name)
    assert (member["state"], member["problem"]["code"]) == ("rejected", code)
    if code in ("side-too-long", "too-many-pixels", "too-many-frames"):
        assert member["problem"]["actual"] > member["problem"]["limit"]


def text_bombs():
    """As zTXt and as iTXt, before and among what else a file may say."""
    bomb = deflated(bytes(1_000_000), 200)
    return [(b"zTXt", b"Comment\0\0" + bomb)] * 13 + [(b"tIME", bytes(7))] + [
        (b"iTXt", b"Comment\0\1\0en\0\0" + bomb)] * 13


DEVELOPED = {
    "a zTXt chunk of 200 MB": lambda: png(64, 64, (b"zTXt", b"Comment\0\0" + deflated(bytes(1_000_000), 200)), data=zlib.compress(bytes(65 * 64))),
    # Each of them 5 GB once it is unpacked: more than a worker's time.
    "compressed text chunks of 5 GB": lambda: png(64, 64, *text_bombs(), data=zlib.compress(bytes(65 * 64))),
    "the largest progressive JPEG": lambda: saved(Image.linear_gradient("L").resize((5_000, 5_000)).convert("RGB"), "JPEG", progressive=True, quality=80),
    "the largest PNG": lambda: png(7_000, 7_000, data=zeros(7_000, 7_000)),
    "the largest WebP": lambda: saved(Image.new("RGB", (7_000, 7_000), "teal"), "WEBP", method=0, quality=50),
    "a large lossless WebP": lambda: saved(Image.new("RGB", (6_000, 6_000), "teal"), "WEBP", method=0, lossless=True),
    "a GIF of 200 frames": lambda: gif(200, side=600),
    "a 1 × 16,000 line": lambda: png(1, 16_000, data=zeros(1, 16_000)),
    "a ZIP behind a JPEG": lambda: jpeg() + archive(),
    "a script in a JPEG comment": lambda: b"\xff\xd8" + segment(0xFE, SCRIPT) + jpeg()[2:],
    "a script in an application segment": lambda: b"\xff\xd8" + segment(0xEF, SCRIPT) + jpeg()[2:],
    "a JPEG with 500 segments before its frame": lambda: b"\xff\xd8" + segment(0xFE, bytes(1000)) * 500 + jpeg()[2:],
}


@pytest.mark.parametrize("what", DEVELOPED)
def test_develops(darkroom, what):
    batch, member = develop(darkroom, DEVELOPED[what]())
    assert member["state"] == "ready", member
    for rendition in member["renditions"].values():
        status, headers, body = darkroom.request("GET", rendition["url"])
        assert status == 200 and headers["Content-Type"] == "image/webp"
        assert b"hidden payload" not in body and b"payload.txt" not in body
        assert Image.open(io.BytesIO(body)).size == (rendition["width"], rendition["height"])


def test_a_file_cut_at_each_tenth_is_damaged(darkroom):
    whole = jpeg((800, 600), progressive=True)
    batch = darkroom.new_batch()
    for tenth in range(1, 10):
        batch.send(whole[: len(whole) * tenth // 10], f"{tenth}.jpg")
    images = batch.settle().values()
    assert {image["problem"]["code"] for image in images} == {"damaged"} and len(images) == 9
