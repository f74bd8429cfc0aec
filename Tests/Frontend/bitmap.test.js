import { test } from "node:test";
import assert from "node:assert/strict";
import { bitmapURL } from "../../Public/js/pictures/bitmap.js";

test("a bitmap is a head that says its size, and the pixels as they were, from the top", () => {
    const pixels = Uint8ClampedArray.from({ length: 3 * 2 * 4 }, (_, at) => at * 10);
    const [type, data] = bitmapURL({ width: 3, height: 2, pixels }).split(",");
    assert.equal(type, "data:image/bmp;base64");
    const file = Buffer.from(data, "base64");
    assert.equal(file.toString("latin1", 0, 2), "BM");
    assert.deepEqual(
        [file.readInt32LE(2), file.readInt32LE(18), file.readInt32LE(22)],
        [146, 3, -2],
    );
    assert.deepEqual([...file.subarray(file.readInt32LE(10))], [...pixels]);
});
