import { test } from "node:test";
import assert from "node:assert/strict";
import { embeddedThumbnail, uprightMatrix } from "../../Public/js/pictures/exif-thumbnail.js";

const SMALL = [0xff, 0xd8, 1, 2, 3, 0xff, 0xd9];

/** A camera's file up to its Exif: a JFIF segment, then directories of the photo and its thumbnail. */
function photo({ little = true, orientation = 6, compression = 6, small = SMALL, next = 26 } = {}) {
    const tiff = new DataView(new ArrayBuffer(26 + 2 + 36 + 4 + small.length));
    const short = (at, value) => tiff.setUint16(at, value, little);
    const long = (at, value) => tiff.setUint32(at, value, little);
    const entry = (at, tag, type, value) => {
        short(at, tag);
        short(at + 2, type);
        long(at + 4, 1);
        (type === 3 ? short : long)(at + 8, value);
    };
    tiff.setUint16(0, little ? 0x4949 : 0x4d4d);
    short(2, 42);
    long(4, 8);
    short(8, 1);
    entry(10, 0x0112, 3, orientation);
    long(22, next);
    short(26, 3);
    entry(28, 0x0103, 3, compression);
    entry(40, 0x0201, 4, 68);
    entry(52, 0x0202, 4, small.length);
    new Uint8Array(tiff.buffer).set(small, 68);
    const body = [...Buffer.from("Exif\0\0"), ...new Uint8Array(tiff.buffer)];
    const length = body.length + 2;
    const jfif = [0xff, 0xe0, 0, 6, 1, 2, 3, 4];
    return Uint8Array.from([0xff, 0xd8, ...jfif, 0xff, 0xe1, length >> 8, length & 255, ...body]);
}

for (const little of [true, false]) {
    test(`finds the camera's small picture, ${little ? "little" : "big"}-endian`, () => {
        const found = embeddedThumbnail(photo({ little }));
        assert.deepEqual([...found.jpeg], SMALL);
        assert.equal(found.orientation, 6);
    });
}

test("a photo without one has none", () => {
    assert.equal(embeddedThumbnail(photo({ next: 0 })), null);
    assert.equal(embeddedThumbnail(photo({ compression: 1 })), null);
    assert.equal(embeddedThumbnail(photo({ small: [1, 2, 3] })), null);
    assert.equal(embeddedThumbnail(Uint8Array.from([0xff, 0xd8, 0xff, 0xda, 0, 2])), null);
    assert.equal(embeddedThumbnail(new TextEncoder().encode("GIF89a, no JPEG at all")), null);
    assert.equal(embeddedThumbnail(new Uint8Array()), null);
});

test("an orientation nobody knows counts as none", () => {
    assert.equal(embeddedThumbnail(photo({ orientation: 9 })).orientation, 1);
});

test("wherever it is cut and whatever is changed in it, it ends", () => {
    const whole = photo();
    for (let length = 0; length < whole.length; length += 1)
        assert.equal(embeddedThumbnail(whole.slice(0, length)), null);
    for (let at = 2; at < whole.length; at += 1) {
        for (const value of [0, 0x7f, 0xff]) {
            const changed = whole.slice();
            changed[at] = value;
            embeddedThumbnail(changed);
        }
    }
});

test("each orientation brings the corner to its place", () => {
    const [width, height] = [4, 3];
    // Where the stored first row and first column are seen (TIFF 6.0, Orientation).
    const corners = [
        [0, 0],
        [4, 0],
        [4, 3],
        [0, 3],
        [0, 0],
        [3, 0],
        [3, 4],
        [0, 4],
    ];
    for (const [index, corner] of corners.entries()) {
        const [, , , , x, y] = uprightMatrix(index + 1, width, height);
        assert.deepEqual([x, y], corner);
    }
});
