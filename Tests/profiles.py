"""Two small ICC profiles (ICC.1:2001-04), written here so that what they say is known exactly."""

import itertools
import struct

import numpy as np

from seeing import D50, P3_TO_XYZ, lab


def _fixed(*numbers):
    return b"".join(struct.pack(">i", round(number * 65536)) for number in numbers)


def _profile(device_class, space, pcs, tags):
    """A whole profile out of its tags."""
    tags = {b"desc": _description("Test"), b"cprt": b"text\0\0\0\0None\0", b"wtpt": _xyz(D50), **tags}
    offset = 128 + 4 + 12 * len(tags)
    table, bodies = struct.pack(">I", len(tags)), b""
    for name, body in tags.items():
        table += name + struct.pack(">II", offset + len(bodies), len(body))
        bodies += body + bytes(-len(body) % 4)
    head = struct.pack(">I4sI4s4s4s", offset + len(bodies), b"none", 0x02400000, device_class, space, pcs)
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28) + _fixed(*D50)
    return head + bytes(128 - len(head)) + table + bodies


def _description(text):
    data = text.encode() + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(data)) + data + bytes(8 + 2 + 1 + 67)


def _xyz(values):
    return b"XYZ \0\0\0\0" + _fixed(*values)


def display_p3():
    """Display P3: its own primaries with sRGB's curve."""
    steps = np.linspace(0, 1, 1024)
    curve = np.where(steps <= 0.04045, steps / 12.92, ((steps + 0.055) / 1.055) ** 2.4)
    trc = b"curv\0\0\0\0" + struct.pack(">I", 1024) + np.round(curve * 65535).astype(">u2").tobytes()
    red, green, blue = P3_TO_XYZ.T
    return _profile(b"mntr", b"RGB ", b"XYZ ", {
        b"rXYZ": _xyz(red), b"gXYZ": _xyz(green), b"bXYZ": _xyz(blue),
        b"rTRC": trc, b"gTRC": trc, b"bTRC": trc})


def ink_colour(cmyk):
    """What our printer's inks look like, as sRGB: muted, so that a naive inversion is wrong."""
    c, m, y, k = np.moveaxis(np.asarray(cmyk, dtype=np.float64), -1, 0)
    red = (1 - 0.85 * c) * (1 - 0.15 * m) * (1 - 0.05 * y)
    green = (1 - 0.30 * c) * (1 - 0.80 * m) * (1 - 0.10 * y)
    blue = (1 - 0.10 * c) * (1 - 0.35 * m) * (1 - 0.80 * y)
    return 255 * np.stack([red, green, blue], axis=-1) * (1 - 0.85 * k)[..., None]


def printer(grid=9):
    """A CMYK printer with `ink_colour` on a grid of steps of an eighth."""
    nodes = np.array(list(itertools.product(np.linspace(0, 1, grid), repeat=4)))
    colours = lab(ink_colour(nodes))
    entries = np.round(np.stack([colours[:, 0] * 65280 / 100, (colours[:, 1] + 128) * 256,
                                 (colours[:, 2] + 128) * 256], axis=-1)).astype(">u2")
    ramp = np.array([0, 65535], dtype=">u2").tobytes()
    lut = (b"mft2\0\0\0\0" + struct.pack(">4B", 4, 3, grid, 0) + _fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
           + struct.pack(">2H", 2, 2) + ramp * 4 + entries.tobytes() + ramp * 3)
    return _profile(b"prtr", b"CMYK", b"Lab ", {b"A2B0": lut})
