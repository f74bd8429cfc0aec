"""Small photographs, quickly developed: what a test of many files needs."""

import io
import random

from PIL import Image


def take_shots(folder, count):
    """Each of them another, in size too; noise, so that each has some 75 KB."""
    dice = random.Random(7)
    paths = []
    for index in range(count):
        noise = Image.frombytes("L", (400, 300), dice.randbytes(400 * 300)).convert("RGB")
        buffer = io.BytesIO()
        noise.save(buffer, "JPEG", quality=80)
        path = folder / f"IMG_{index:03}.jpg"
        path.write_bytes(buffer.getvalue() + bytes(index))
        paths.append(path)
    return paths
