import { test } from "node:test";
import assert from "node:assert/strict";
import { readThumbHash } from "../../Public/js/pictures/thumbhash.js";

/** Puts a ThumbHash together from its fields, all waves at rest. */
function flat({ lightness, yellowBlue = 31.5, redGreen = 31.5, shorter, isLandscape }) {
    const head = lightness | (Math.round(yellowBlue) << 6) | (Math.round(redGreen) << 12);
    const tail = shorter | (isLandscape ? 1 << 15 : 0);
    const bytes = [
        head & 255,
        (head >> 8) & 255,
        head >> 16,
        tail & 255,
        tail >> 8,
        ...Array(30).fill(0x77),
    ];
    return Buffer.from(bytes).toString("base64");
}

test("a grey picture is grey, in its own shape", () => {
    const { width, height, pixels } = readThumbHash(
        flat({ lightness: 32, shorter: 5, isLandscape: true }),
    );
    assert.deepEqual([width, height], [32, 23]);
    assert.equal(pixels.length, 32 * 23 * 4);
    for (const channel of [0, 1, 2])
        assert.ok(Math.abs(pixels[channel] - 130) < 6, `${pixels[channel]}`);
    assert.equal(pixels[3], 255);
});

test("a portrait stands upright", () => {
    const { width, height } = readThumbHash(
        flat({ lightness: 10, shorter: 5, isLandscape: false }),
    );
    assert.deepEqual([width, height], [23, 32]);
});

test("red is red", () => {
    const [red, green, blue] = readThumbHash(
        flat({ lightness: 21, yellowBlue: 47, redGreen: 63, shorter: 7, isLandscape: false }),
    ).pixels;
    assert.ok(red > 240 && green < 16 && blue < 16, `${red} ${green} ${blue}`);
});

test("what is no ThumbHash is nothing", () => {
    assert.equal(readThumbHash("not base64!"), null);
    assert.equal(readThumbHash("AAA="), null);
});
