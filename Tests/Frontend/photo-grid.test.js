import { test } from "node:test";
import assert from "node:assert/strict";
import { PhotoOrder } from "../../Public/js/model/photo-order.js";
import { areaOf, gridOf, nearWindow, placeAt, topOf } from "../../Public/js/ui/grid-layout.js";

const entry = (key, state) => ({ key, image: { id: key, state } });
const keys = (roll) => roll.shown.map(({ key }) => key);
const measures = { columnMin: 248, columnGap: 24, rowGap: 24, caption: 168 };

test("as many columns as fit, one at least, and rows of one height", () => {
    assert.deepEqual(gridOf({ width: 1_184, ...measures }), { columns: 4, row: 354, pitch: 378 });
    assert.equal(gridOf({ width: 100, ...measures }).columns, 1);
});

test("only the rows near the window are kept, wherever it is", () => {
    const grid = gridOf({ width: 1_184, ...measures });
    const at = (top) => nearWindow(grid, 2_000, { top, height: 900 });
    assert.deepEqual(at(-200), { first: 0, end: 16 });
    for (let top = -500; top < 200_000; top += 333) {
        const { first, end } = at(top);
        assert.ok(end - first <= 32, `${end - first} prints at ${top}`);
        assert.ok(first >= 0 && end <= 2_000 && first <= end);
    }
    assert.equal(nearWindow(grid, 0, { top: 0, height: 900 }).end, 0);
});

test("prints lie row by row", () => {
    const grid = gridOf({ width: 1_184, ...measures });
    assert.deepEqual([areaOf(grid, 0), areaOf(grid, 5)], ["1 / 1", "2 / 2"]);
});

test("another window is opened on the same print", () => {
    const wide = gridOf({ width: 1_184, ...measures });
    const narrow = gridOf({ width: 600, ...measures });
    const place = placeAt(wide, 105.25 * wide.pitch);
    assert.deepEqual(place, { index: 420, into: 0.25 });
    assert.equal(topOf(wide, place), 105.25 * wide.pitch);
    assert.equal(topOf(narrow, place), 210.25 * narrow.pitch);
});

test("under a filter a photo comes and goes as its state changes, in its place", () => {
    const roll = new PhotoOrder();
    const all = [entry("a", "ready"), entry("b", "processing"), entry("c", "ready")];
    for (const one of all) roll.enter(one);
    roll.filter = "ready";
    assert.deepEqual(keys(roll), ["a", "c"]);
    all[1].image.state = "ready";
    roll.enter(all[1]);
    assert.deepEqual([keys(roll), roll.indexOf("c")], [["a", "b", "c"], 2]);
    roll.leave("a");
    assert.deepEqual([keys(roll), roll.indexOf("a")], [["b", "c"], undefined]);
});
