"""Photos that keep a worker busy, and the worker that does what the photo says."""

import os
import struct
import zlib

import pytest

from harness import PROGRAMS

SCRIPTED = PROGRAMS / "ScriptedWorker"
needs_script = pytest.mark.skipif(
    not SCRIPTED.exists(), reason="ScriptedWorker is not among the programs")


def noise_png(width, height):
    """A PNG no encoder likes: it keeps a worker busy for about a second."""
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\0" + os.urandom(3 * width) for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b""))
