import { test } from "node:test";
import assert from "node:assert/strict";
import { renditionsOf } from "../../Public/js/model/photo-facts.js";

const webp = (width, height, bytes) => ({ width, height, bytes, mediaType: "image/webp" });
const names = (image) => renditionsOf(image).map(({ name }) => name);

test("versions are told from the smallest, and the same one once", () => {
    const thumb = webp(320, 240, 9_000);
    const whole = webp(900, 675, 40_000);
    const small = { size: 80_000, renditions: { large: whole, thumb, medium: { ...whole } } };
    assert.deepEqual(names(small), ["thumb", "large"]);
    const finer = { ...whole, bytes: 70_000 };
    assert.deepEqual(names({ renditions: { medium: whole, finer } }), ["medium", "finer"]);
    const jpeg = { ...whole, mediaType: "image/jpeg" };
    assert.deepEqual(names({ renditions: { medium: whole, jpeg } }), ["medium", "jpeg"]);
    assert.deepEqual(names({}), []);
});
