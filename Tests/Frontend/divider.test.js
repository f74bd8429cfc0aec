import { test } from "node:test";
import assert from "node:assert/strict";
import { moved } from "../../Public/js/viewer/divider.js";

test("arrows move the line a little, pages more, Home and End to the edges, and nothing beyond them", () => {
    const keys = [
        ["ArrowRight", 0.5, 0.52],
        ["ArrowUp", 0.5, 0.52],
        ["ArrowLeft", 0.5, 0.48],
        ["ArrowDown", 0.5, 0.48],
        ["PageUp", 0.5, 0.6],
        ["PageDown", 0.5, 0.4],
        ["Home", 0.5, 0],
        ["End", 0.5, 1],
        ["ArrowRight", 0.99, 1],
        ["PageDown", 0.05, 0],
    ];
    for (const [key, from, to] of keys)
        assert.ok(
            Math.abs(moved(key, from) - to) < 1e-9,
            `${key} from ${from}: ${moved(key, from)}`,
        );
    for (const other of ["a", "Tab", "Enter", "Escape", "toString"])
        assert.equal(moved(other, 0.5), null, other);
});
