import { test } from "node:test";
import assert from "node:assert/strict";
import { PhotoOrder } from "../../Public/js/model/photo-order.js";
import { areaOf, gridOf, nearWindow, placeAt, topOf } from "../../Public/js/ui/grid-layout.js";

const entry = (key, state, position = 0) => ({ key, position, image: { id: key, state } });
const keys = (order) => order.shown.map(({ key }) => key);
const measures = { columnMin: 248, columnGap: 24, rowGap: 24, captionOf: () => 168 };

test("as many columns as fit, one at least, and rows of one height", () => {
    assert.deepEqual(gridOf({ width: 1_184, ...measures }), {
        ...{ columns: 4, column: 278 },
        ...{ row: 354, pitch: 378 },
    });
    assert.equal(gridOf({ width: 100, ...measures }).columns, 1);
});

test("only the rows near the window are kept, wherever it is", () => {
    const grid = gridOf({ width: 1_184, ...measures });
    const at = (top) => nearWindow(grid, 2_000, { top, height: 900 });
    assert.deepEqual(at(-200), { first: 0, end: 16 });
    for (let top = -500; top < 200_000; top += 333) {
        const { first, end } = at(top);
        assert.ok(end - first <= 32, `${end - first} cards at ${top}`);
        assert.ok(first >= 0 && end <= 2_000 && first <= end);
    }
    assert.equal(nearWindow(grid, 0, { top: 0, height: 900 }).end, 0);
});

test("cards lie row by row", () => {
    const grid = gridOf({ width: 1_184, ...measures });
    assert.deepEqual([areaOf(grid, 0), areaOf(grid, 5)], ["1 / 1", "2 / 2"]);
});

test("another window is opened on the same card", () => {
    const wide = gridOf({ width: 1_184, ...measures });
    const narrow = gridOf({ width: 600, ...measures });
    const place = placeAt(wide, 105.25 * wide.pitch);
    assert.deepEqual(place, { index: 420, into: 0.25 });
    assert.equal(topOf(wide, place), 105.25 * wide.pitch);
    assert.equal(topOf(narrow, place), 210.25 * narrow.pitch);
});

test("under a filter a photo comes and goes as its state changes, in its place", () => {
    const order = new PhotoOrder();
    const all = [entry("a", "ready"), entry("b", "processing"), entry("c", "ready")];
    for (const one of all) order.enter(one);
    order.filter = "ready";
    assert.deepEqual(keys(order), ["a", "c"]);
    all[1].image.state = "ready";
    order.enter(all[1]);
    assert.deepEqual([keys(order), order.indexOf("c")], [["a", "b", "c"], 2]);
    order.leave("a");
    assert.deepEqual([keys(order), order.indexOf("a")], [["b", "c"], undefined]);
});

test("each filter shows what its label says, all of them together show every photo once, and one that shows nothing says so", () => {
    const states = ["ready", "rejected", "failed", "cancelled", "expired", "uploading", "waiting"];
    const order = new PhotoOrder();
    for (const state of states) order.enter(entry(state, state));
    const shown = {};
    for (const filter of ["ready", "failed", "dropped", "unfinished"]) {
        order.filter = filter;
        shown[filter] = keys(order);
        assert.equal(order.hasNoMatch, false);
    }
    assert.deepEqual(shown, {
        ready: ["ready"],
        failed: ["rejected", "failed"],
        dropped: ["cancelled", "expired"],
        unfinished: ["uploading", "waiting"],
    });
    order.filter = "dropped";
    order.leave("cancelled");
    order.leave("expired");
    assert.deepEqual([keys(order), order.hasNoMatch], [[], true]);
});

test("photos stand in the order in which they were given, whenever each was told of", () => {
    const order = new PhotoOrder();
    for (const [key, position] of Object.entries({ c: 2, a: 0, refused: 0.5, b: 1, d: 3 })) {
        order.enter(entry(key, "ready", position));
    }
    assert.deepEqual(keys(order), ["a", "refused", "b", "c", "d"]);
    order.enter(entry("a", "ready", 4));
    assert.deepEqual(keys(order), ["refused", "b", "c", "d", "a"]);
    order.filter = "ready";
    assert.deepEqual(keys(order), ["refused", "b", "c", "d", "a"]);
});

test("photos can be sorted by name, as people count, and found by a part of it", () => {
    const order = new PhotoOrder();
    const named = (key, name, position) => ({ ...entry(key, "ready", position), name });
    const all = ["IMG_10.jpg", "img_9.jpg", "São João.jpg", "a.jpg", "a.jpg"];
    for (const [at, name] of all.entries()) order.enter(named(`${at}`, name, at));
    order.sort = "name";
    assert.deepEqual(keys(order), ["3", "4", "1", "0", "2"]);
    order.enter(named("5", "b.jpg", 5));
    assert.deepEqual(keys(order), ["3", "4", "5", "1", "0", "2"]);
    order.search = " sao joao";
    assert.deepEqual(keys(order), ["2"]);
    order.search = "IMG";
    assert.deepEqual(keys(order), ["1", "0"]);
    order.search = "nothing of the kind";
    assert.deepEqual([keys(order), order.hasNoMatch], [[], true]);
    order.search = "";
    order.sort = "given";
    assert.deepEqual(keys(order), ["0", "1", "2", "3", "4", "5"]);
    assert.equal(new PhotoOrder().hasNoMatch, false);
});
