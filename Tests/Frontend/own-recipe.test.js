import { test } from "node:test";
import assert from "node:assert/strict";
import { newRendition, normalizeRecipe, troublesOf } from "../../Public/js/model/own-recipe.js";

const BOUNDS = {
    renditions: 3,
    side: 16_383,
    nameCharacters: 32,
    costMs: 12_000,
    costMsPerMegapixel: { "image/webp": 60, "image/avif": 900 },
    metadataFormats: ["image/webp", "image/avif", "image/jpeg"],
};

/** @param {object[]} prints */
const troubles = (...prints) => {
    const recipe = normalizeRecipe({ renditions: prints });
    assert.ok(recipe);
    return troublesOf(recipe, BOUNDS).map(({ index, field, key }) => [index, field, key]);
};

test("a print within the bounds is no trouble, whichever side it names", () => {
    assert.deepEqual(troubles({ name: "wide", width: 1_600 }, { name: "tall", height: 900 }), []);
    assert.deepEqual(troubles({ name: "tile", width: 600, height: 600, fit: "smart" }), []);
});

for (const [why, print, field, key] of /** @type {[string, object, string, string][]} */ ([
    ["a name that is no file name", { name: "A b", width: 1 }, "name", "name"],
    ["a name of 33 letters", { name: "a".repeat(33), width: 1 }, "name", "name"],
    ["a width of zero", { name: "a", width: 0 }, "width", "side"],
    ["a height beyond every encoder", { name: "a", height: 16_384 }, "height", "side"],
    ["half a pixel", { name: "a", width: 10.5 }, "width", "side"],
    ["what is no number", { name: "a", width: Number.NaN }, "width", "side"],
    ["no size at all", { name: "a" }, "width", "size-missing"],
    ["a cut with one side", { name: "a", width: 9, fit: "cover" }, "height", "size-both"],
    ["a quality of 101", { name: "a", width: 9, quality: 101 }, "quality", "quality"],
    [
        "camera data in a PNG",
        { name: "a", width: 9, format: "image/png", metadata: "keep" },
        "metadata",
        "metadata",
    ],
    [
        "a colour by its name",
        { name: "a", width: 9, background: "red" },
        "background",
        "background",
    ],
])) {
    test(`explains ${why} at its field`, () => {
        assert.deepEqual(troubles(print), [[0, field, key]]);
    });
}

test("the second of two prints with one name is told so", () => {
    const print = { name: "a", width: 9 };
    assert.deepEqual(troubles(print, print), [[1, "name", "name-twice"]]);
});

test("too many prints, and prints that take too long, are the recipe's trouble", () => {
    const four = ["a", "b", "c", "d"].map((name) => ({ name, width: 9 }));
    assert.deepEqual(troubles(...four), [[null, "renditions", "count"]]);
    const vast = { name: "a", width: 4_000, height: 4_000, format: "image/avif" };
    assert.deepEqual(troubles(vast), [[null, "renditions", "cost"]]);
});

test("a server that does not tell what formats cost checks that by itself", () => {
    const vast = { name: "a", width: 16_000, format: "image/avif", metadata: "keep" };
    const recipe = /** @type {any} */ (normalizeRecipe({ renditions: [vast] }));
    const { costMsPerMegapixel: _, metadataFormats: __, ...bounds } = BOUNDS;
    assert.deepEqual(troublesOf(recipe, bounds), []);
});

test("what is no recipe is none, and reading twice changes nothing", () => {
    for (const raw of [null, 7, {}, { renditions: [] }, { renditions: "x" }]) {
        assert.equal(normalizeRecipe(raw), null);
    }
    const once = normalizeRecipe({ renditions: [{ name: "a", longerSide: 9, quality: "best" }] });
    assert.equal(once?.renditions[0].quality, 80);
    assert.deepEqual([once?.renditions[0].width, once?.renditions[0].height], [9, 9]);
    assert.deepEqual(normalizeRecipe(once), once);
});

test("a fresh print has a name of its own and no trouble", () => {
    const first = newRendition([]);
    const second = newRendition([{ ...first, name: "size-2" }]);
    assert.notEqual(second.name, "size-2");
    assert.deepEqual(troubles(first, second), []);
});
