"""What a card shows while its photo is developed: never more than is true, and soon."""

import io
import struct

from PIL import Image


def test_progress_never_runs_back_and_is_never_whole_before_ready_with_slow_avif(darkroom, photos):
    darkroom.choose_recipe("avif")
    # So that more of it is seen; how much depends on the machine, and test_progress.py on nothing.
    with darkroom.server.slow_workers(share=0.25):
        darkroom.drop(photos[:3])
        darkroom.wait_settled(3)
    images = darkroom.get("window.revela.document.images")
    assert {image["state"] for image in images.values()} == {"ready"}
    for image, seen in darkroom.get("window.seen").items():
        assert seen["processing"] == sorted(seen["processing"]), (image, seen)
        assert max(seen["processing"]) < 1, (image, seen)
        assert seen["states"].index("ready") == len(seen["states"]) - 1
    assert darkroom.console == []


def exif_with_thumbnail(small, orientation):
    """An APP1 segment as a camera writes it (Exif 2.32, 4.6): the photo's directory says how it
    lies, the second one where its small picture is."""
    def entry(tag, kind, value):
        return struct.pack("<HHII", tag, kind, 1, value)

    first = struct.pack("<H", 1) + entry(0x0112, 3, orientation) + struct.pack("<I", 26)
    second = (struct.pack("<H", 3) + entry(0x0103, 3, 6) + entry(0x0201, 4, 68)
              + entry(0x0202, 4, len(small)) + struct.pack("<I", 0))
    body = b"Exif\0\0" + b"II*\0" + struct.pack("<I", 8) + first + second + small
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def test_the_camera_s_own_small_picture_is_shown_at_once_upright(darkroom, tmp_path):
    small = io.BytesIO()
    picture = Image.new("RGB", (160, 120), (200, 30, 30))
    picture.paste((30, 30, 200), (0, 0, 80, 120))
    picture.save(small, "JPEG", quality=90)
    # Nothing follows that a browser could draw: what is seen is the small picture.
    file = tmp_path / "phone.jpg"
    file.write_bytes(b"\xff\xd8" + exif_with_thumbnail(small.getvalue(), 6) + b"\xff\xda" + bytes(9000))
    with darkroom.server.slow_workers():
        darkroom.drop([file])
        darkroom.wait("() => document.querySelector('photo-card .preview:not([hidden])')?.naturalWidth === 120")
        top, bottom = darkroom.get("""() => {
            const canvas = new OffscreenCanvas(120, 160).getContext("2d");
            canvas.drawImage(document.querySelector("photo-card .preview"), 0, 0);
            const at = (y) => [...canvas.getImageData(60, y, 1, 1).data];
            return [at(20), at(140)]; }""")
    # Orientation 6: what was stored at the left is seen at the top.
    assert top[2] > 150 > 100 > top[0] and bottom[0] > 150 > 100 > bottom[2], (top, bottom)
    # It stays in this browser: to the server the file is what it is.
    darkroom.wait_settled(1)
    assert "placeholder" not in next(iter(darkroom.batch().images().values()))


def test_a_small_bitmap_is_drawn_as_it_was_with_what_one_sees_through_it(darkroom):
    pixels = [200, 30, 30, 255, 30, 30, 200, 255, 0, 255, 0, 255, 250, 250, 250, 0]
    drawn = darkroom.get("""async () => {
        const { bitmapURL } = await import("/js/pictures/bitmap.js");
        const image = new Image();
        image.src = bitmapURL({ width: 2, height: 2, pixels: Uint8ClampedArray.from(%s) });
        await image.decode();
        const canvas = new OffscreenCanvas(2, 2).getContext("2d");
        canvas.drawImage(image, 0, 0);
        return [...canvas.getImageData(0, 0, 2, 2).data]; }""" % pixels)
    assert drawn[:12] == pixels[:12] and drawn[15] == 0
