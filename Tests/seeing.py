"""How alike two pictures are to an eye: SSIM for structure, CIEDE2000 for colour, in numpy alone."""

import numpy as np


def luma(picture):
    """Rec. 601 luma of a Pillow picture, 0 to 255."""
    return np.asarray(picture.convert("L"), dtype=np.float64)


def _blurred(plane):
    """An 11-tap Gaussian of sigma 1.5, only where it lies wholly inside."""
    taps = np.exp(-((np.arange(11) - 5.0) ** 2) / (2 * 1.5**2))
    taps /= taps.sum()
    rows = sum(tap * plane[i : plane.shape[0] - 10 + i] for i, tap in enumerate(taps))
    return sum(tap * rows[:, i : rows.shape[1] - 10 + i] for i, tap in enumerate(taps))


def ssim(first, second):
    """Mean structural similarity (Wang, Bovik, Sheikh, Simoncelli, 2004) of two pictures' luma."""
    x, y = luma(first), luma(second)
    assert x.shape == y.shape, (x.shape, y.shape)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mx, my = _blurred(x), _blurred(y)
    vx, vy = _blurred(x * x) - mx * mx, _blurred(y * y) - my * my
    cov = _blurred(x * y) - mx * my
    return float(np.mean(((2 * mx * my + c1) * (2 * cov + c2))
                         / ((mx * mx + my * my + c1) * (vx + vy + c2))))


# Colour. D50 throughout, as ICC profiles have it.

D50 = np.array([0.9642, 1.0, 0.8249])
SRGB_TO_XYZ = np.array([[0.4360747, 0.3850649, 0.1430804],
                        [0.2225045, 0.7168786, 0.0606169],
                        [0.0139322, 0.0971045, 0.7141733]])
P3_TO_XYZ = np.array([[0.5151187, 0.2919778, 0.1571035],
                      [0.2411892, 0.6922441, 0.0665668],
                      [-0.0010505, 0.0418791, 0.7840713]])


def linear(values):
    values = np.asarray(values, dtype=np.float64)
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def encoded(values):
    values = np.clip(values, 0, 1)
    return np.where(values <= 0.0031308, values * 12.92, 1.055 * values ** (1 / 2.4) - 0.055)


def lab(rgb):
    """CIELAB of sRGB colours, 0 to 255."""
    xyz = linear(np.asarray(rgb) / 255) @ SRGB_TO_XYZ.T / D50
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]),
                     200 * (f[..., 1] - f[..., 2])], axis=-1)


def ciede2000(first, second):
    """The colour difference of two CIELAB colours (Sharma, Wu, Dalal, 2005)."""
    (l1, a1, b1), (l2, a2, b2) = np.moveaxis(first, -1, 0), np.moveaxis(second, -1, 0)
    c_mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(c_mean**7 / (c_mean**7 + 25.0**7)))
    a1, a2 = (1 + g) * a1, (1 + g) * a2
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    grey = c1 * c2 == 0
    turn = np.where(grey, 0, (h2 - h1 + 180) % 360 - 180)
    dh = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    l, c = (l1 + l2) / 2, (c1 + c2) / 2
    h = np.where(grey, h1 + h2, (h1 + turn / 2) % 360)
    t = (1 - 0.17 * np.cos(np.radians(h - 30)) + 0.24 * np.cos(np.radians(2 * h))
         + 0.32 * np.cos(np.radians(3 * h + 6)) - 0.20 * np.cos(np.radians(4 * h - 63)))
    sl = 1 + 0.015 * (l - 50) ** 2 / np.sqrt(20 + (l - 50) ** 2)
    sc, sh = 1 + 0.045 * c, 1 + 0.015 * c * t
    rotation = (-2 * np.sqrt(c**7 / (c**7 + 25.0**7))
                * np.sin(np.radians(60 * np.exp(-(((h - 275) / 25) ** 2)))))
    dl, dc = (l2 - l1) / sl, (c2 - c1) / sc
    return np.sqrt(dl**2 + dc**2 + (dh / sh) ** 2 + rotation * dc * (dh / sh))
