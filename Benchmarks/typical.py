"""A typical image service's work, in one process: for each rendition it opens the photo anew, by
libvips through pyvips, at default settings.

    typical.py thumbnail PHOTO…    thumbnail_buffer, which shrinks while it decodes
    typical.py resize PHOTO…       a full decode and a resize
"""

import json
import pathlib
import sys
import time

import pyvips

SIZES = [320, 1280, 2048]


def thumbnail(data, size):
    return pyvips.Image.thumbnail_buffer(data, size, height=size)


def resize(data, size):
    image = pyvips.Image.new_from_buffer(data, "").autorot()
    return image.resize(size / max(image.width, image.height))


def main():
    make = {"thumbnail": thumbnail, "resize": resize}[sys.argv[1]]
    size = 0
    began = time.process_time()
    for photo in sys.argv[2:]:
        data = pathlib.Path(photo).read_bytes()
        for side in SIZES:
            size += len(make(data, side).webpsave_buffer())
    print(json.dumps({"photos": len(sys.argv) - 2, "cpu": time.process_time() - began,
                      "bytes": size, "libvips": ".".join(str(pyvips.version(i)) for i in range(3))}))


main()
