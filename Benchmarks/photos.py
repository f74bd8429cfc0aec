"""The photographs of the benchmarks: those of the tests (12 megapixels), and larger ones made of
them."""

import functools
import os
import pathlib
import subprocess

import measure

ROOT = pathlib.Path(__file__).resolve().parent.parent


def distinct(jpeg, mark):
    """The same picture in other bytes: a comment after the first marker (JPEG, B.2.4.5)."""
    text = str(mark).encode()
    return jpeg[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + jpeg[2:]


def twelve_megapixels():
    """Files of 4032 × 3024."""
    return sorted((ROOT / ".build-photos").glob("*.jpg"))


@functools.cache
def small_photo():
    """64 × 48, a few kilobytes."""
    file = measure.FOLDER / "small.jpg"
    if not file.exists():
        subprocess.run(["vipsthumbnail", twelve_megapixels()[0], "--size", "64x64", "--output",
                        f"{file}[Q=90,strip]"], check=True)
    return file.read_bytes()


def twenty_four_megapixels():
    """Files of 6000 × 4500 or so, with the noise that a sensor has."""
    folder = measure.FOLDER / "photos"
    folder.mkdir(exist_ok=True)
    files = []
    for source in twelve_megapixels():
        file = folder / source.name
        files.append(file)
        if not file.exists():
            enlarge(source, file)
    return files


def enlarge(source, file):
    import pyvips
    image = pyvips.Image.new_from_file(str(source)).resize(1.41)
    noise = pyvips.Image.gaussnoise(image.width, image.height, sigma=4, mean=0)
    half = file.with_suffix(".half.jpg")
    (image + noise).cast("uchar").write_to_file(str(half), Q=92)
    half.rename(file)


def set_of(count):
    """As many photos, half of 12 and half of 24 megapixels."""
    pairs = [file for pair in zip(twelve_megapixels(), twenty_four_megapixels()) for file in pair]
    return [pairs[i % len(pairs)] for i in range(count)]


def padded(file, size, mark):
    """A small JPEG with its own mark, and zeros after its end up to the size."""
    with open(file, "wb") as out:
        out.write(distinct(small_photo(), mark))
        out.truncate(size)
        # Real blocks, so that reading it costs what reading a photo costs.
        os.posix_fallocate(out.fileno(), 0, size)
    return file
