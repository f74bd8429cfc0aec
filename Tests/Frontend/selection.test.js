/** Selecting many photos, as file managers do: one by one, a range, all, none. */

import { test } from "node:test";
import assert from "node:assert/strict";
import { Selection } from "../../Public/js/model/selection.js";
import { archiveOf, MOST_AT_ONCE } from "../../Public/js/actions/selection-actions.js";

const shown = [..."abcdef"].map((key) => ({ key }));
const [a, b, c, d, e, f] = shown;
const keysOf = (selection) =>
    shown
        .filter((one) => selection.has(one))
        .map(({ key }) => key)
        .join("");

test("a click takes one in, another click takes it out", () => {
    const selection = new Selection();
    selection.toggle(b);
    selection.toggle(d);
    assert.equal(keysOf(selection), "bd");
    selection.toggle(b);
    assert.equal(keysOf(selection), "d");
});

test("with Shift all from the last click come in, in either direction, and the range can shrink", () => {
    const selection = new Selection();
    selection.toggle(c);
    selection.extend(f, shown);
    assert.equal(keysOf(selection), "cdef");
    selection.extend(d, shown);
    assert.equal(keysOf(selection), "cd");
    selection.extend(a, shown);
    assert.equal(keysOf(selection), "abc");
});

test("a range keeps what was selected one by one", () => {
    const selection = new Selection();
    selection.toggle(e);
    selection.toggle(a);
    selection.extend(f, shown);
    selection.extend(b, shown);
    assert.equal(keysOf(selection), "abe");
});

test("a range without a beginning, or from one that is gone or not shown, is the one alone", () => {
    const selection = new Selection();
    selection.extend(c, shown);
    assert.equal(keysOf(selection), "c");
    selection.leave(c);
    selection.extend(e, shown);
    assert.equal(keysOf(selection), "e");
    selection.extend(b, [b, c]);
    assert.equal(keysOf(selection), "be");
});

test("all is all that is shown; what a filter hides is selected no more", () => {
    const selection = new Selection();
    selection.all([a, b, c]);
    assert.deepEqual([keysOf(selection), selection.size], ["abc", 3]);
    selection.keepOnly((key) => key !== "b");
    assert.equal(keysOf(selection), "ac");
    selection.clear();
    assert.equal(selection.size, 0);
});

const ready = (id) => ({ key: id, image: { id, state: "ready" } });

test("what is ready is one archive of its ids; too many for an address are all of the batch", () => {
    const waiting = { key: "w", image: { id: "i_w", state: "waiting" } };
    assert.deepEqual(archiveOf("b_1", [ready("i_1"), waiting, ready("i_2")]), {
        url: "/api/batches/b_1/archive.zip?images=i_1,i_2",
        count: 2,
        isWhole: false,
    });
    const many = Array.from({ length: MOST_AT_ONCE + 1 }, (_, at) => ready(`i_${at}`));
    assert.equal(archiveOf("b_1", many.slice(1))?.isWhole, false);
    assert.deepEqual(archiveOf("b_1", many), {
        url: "/api/batches/b_1/archive.zip",
        count: many.length,
        isWhole: true,
    });
    assert.equal(archiveOf("b_1", [waiting]), null);
    assert.equal(archiveOf(null, [ready("i_1")]), null);
});
