import { test } from "node:test";
import assert from "node:assert/strict";
import { Ledger, sequenceOf } from "../../Public/js/feed/ledger.js";

const enterAll = (ledger, reader, ...numbers) => numbers.map((seq) => ledger.enter(seq, reader));

test("a cursor carries its sequence number after the last dot", () => {
    assert.equal(sequenceOf("e1.17"), 17);
    assert.equal(sequenceOf("a.b.3"), 3);
    assert.equal(sequenceOf("nonsense"), null);
    assert.equal(sequenceOf(null), null);
});

test("events in order are all next, and nothing is lost", () => {
    const ledger = new Ledger(1);
    assert.deepEqual(enterAll(ledger, { seen: 1 }, 2, 3, 4), ["next", "next", "next"]);
    assert.deepEqual([ledger.events, ledger.lost, ledger.repeated], [3, 0, 0]);
});

test("an event sent twice by one connection is a repetition", () => {
    const ledger = new Ledger(1);
    assert.deepEqual(enterAll(ledger, { seen: 1 }, 2, 3, 3, 2), [
        "next",
        "next",
        "repeated",
        "repeated",
    ]);
    assert.equal(ledger.repeated, 2);
});

test("what a new connection sends again from its own cursor is overlap", () => {
    const ledger = new Ledger(1);
    enterAll(ledger, { seen: 1 }, 2, 3, 4);
    assert.deepEqual(enterAll(ledger, { seen: 2 }, 3, 4, 5), ["overlap", "overlap", "next"]);
    assert.equal(ledger.repeated, 0);
});

test("a skipped number is not applied, counts as lost while it is missing, and is found again", () => {
    const ledger = new Ledger(1);
    const reader = { seen: 1 };
    assert.deepEqual(enterAll(ledger, reader, 2, 5), ["next", "gap"]);
    assert.equal(ledger.lost, 2);
    assert.deepEqual(enterAll(ledger, { seen: 2 }, 3, 4, 5), ["next", "next", "next"]);
    assert.deepEqual([ledger.lost, ledger.reordered, ledger.repeated], [0, 2, 0]);
});

test("numbers that only a new document could cover are lost for good", () => {
    const ledger = new Ledger(1);
    enterAll(ledger, { seen: 1 }, 2, 5);
    ledger.restart(9);
    assert.equal(ledger.lost, 2);
    assert.equal(ledger.enter(10, { seen: 9 }), "next");
});

test("a document without a cursor takes the first event as it comes", () => {
    const ledger = new Ledger(null);
    assert.equal(ledger.enter(7, { seen: null }), "next");
    assert.equal(ledger.enter(8, { seen: 7 }), "next");
    assert.equal(ledger.lost, 0);
});
