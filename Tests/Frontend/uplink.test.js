import { test } from "node:test";
import assert from "node:assert/strict";
import { FIRST_BYTES, LEAST_BYTES, MOST_BYTES, Uplink } from "../../Public/js/uploads/uplink.js";
import { Chunks } from "../../Public/js/uploads/chunks.js";

const MIB = 1024 * 1024;
const SIZE = 3_000_000;

/** A browser's memory, and the clock of who looks into it. */
function memory() {
    const kept = new Map();
    return {
        getItem: (key) => kept.get(key) ?? null,
        setItem: (key, value) => kept.set(key, value),
    };
}

test("the first bytes go alone, then all the rest, but no request is larger than 64 MiB", () => {
    const uplink = new Uplink(undefined);
    assert.equal(uplink.nextLength(0, SIZE), FIRST_BYTES);
    assert.equal(uplink.nextLength(FIRST_BYTES, SIZE), SIZE - FIRST_BYTES);
    assert.equal(uplink.nextLength(0, 300_000), 300_000);
    assert.equal(uplink.nextLength(FIRST_BYTES, 200 * MIB), MOST_BYTES);
});

test("what the server announces is kept to", () => {
    const uplink = new Uplink(undefined);
    uplink.announce(MIB);
    assert.equal(uplink.nextLength(FIRST_BYTES, SIZE), MIB);
    uplink.announce(100_000);
    assert.equal(uplink.nextLength(0, SIZE), 100_000);
});

test("after a refusal a half is tried, and what passes is kept to", () => {
    const uplink = new Uplink(undefined);
    uplink.passed(FIRST_BYTES);
    uplink.refused(2_000_000);
    assert.equal(uplink.nextLength(FIRST_BYTES, SIZE), 1_000_000);
    uplink.passed(1_000_000);
    assert.equal(uplink.nextLength(FIRST_BYTES, SIZE), 1_000_000);
    uplink.refused(1_000_000);
    assert.equal(uplink.nextLength(FIRST_BYTES, SIZE), 500_000);
});

test("what passes and what does not is remembered for a day", () => {
    const browser = memory();
    const noon = 1_000_000_000;
    const uplink = new Uplink(browser, () => noon);
    uplink.disguise();
    uplink.passed(FIRST_BYTES);
    uplink.refused(800_000);
    const day = 24 * 3_600_000;
    const later = new Uplink(browser, () => noon + day - 1);
    assert.deepEqual([later.nextLength(FIRST_BYTES, SIZE), later.isDisguised], [400_000, true]);
    const muchLater = new Uplink(browser, () => noon + day);
    assert.equal(muchLater.nextLength(FIRST_BYTES, SIZE), SIZE - FIRST_BYTES);
    assert.equal(muchLater.isDisguised, false);
});

test("a memory that fails or holds something else costs nothing but finding out again", () => {
    const broken = {
        getItem: () => "no JSON",
        setItem: () => {
            throw new Error("full");
        },
    };
    const uplink = new Uplink(broken);
    uplink.passed(100);
    uplink.refused(1_000_000);
    assert.equal(uplink.nextLength(FIRST_BYTES, SIZE), 500_000);
});

test("a method that passes disguised stays so, one that does not is not what was refused", () => {
    const uplink = new Uplink(undefined);
    uplink.disguise();
    uplink.undisguise();
    assert.equal(uplink.isDisguised, false);
    uplink.disguise();
    uplink.passed(100);
    uplink.undisguise();
    assert.equal(uplink.isDisguised, true);
});

test("patience is 20 s at least, thrice what the bytes took lately, and doubles", () => {
    const uplink = new Uplink(undefined);
    assert.equal(uplink.patience(SIZE, 0), 20_000);
    assert.equal(uplink.patience(SIZE, 2), 80_000);
    uplink.measure(50_000, 1_000);
    assert.equal(uplink.patience(SIZE, 0), 180_000);
    assert.equal(uplink.patience(100, 0), 20_000);
    assert.equal(uplink.patience(SIZE, 30), 15 * 60_000);
});

/**
 * Sends a file over a way with a limit, as the page does, and counts.
 * @param {Uplink} uplink @param {(length: number, attempt: number) => "passes" | "413" | "cut" | "late"} way
 */
function send(uplink, size, way) {
    const pieces = new Chunks(size, uplink, () => 0);
    let offset = 0;
    let left = 0;
    for (let attempt = 0; offset < size; attempt += 1) {
        assert.ok(attempt < 2_000, "it never arrives");
        const length = pieces.begin(offset);
        assert.ok(length > 0 && offset + length <= size);
        const fate = way(length, attempt);
        pieces.progress(length);
        left += length;
        if (fate === "413") {
            assert.ok(!pieces.isLeast, "nothing passes");
            pieces.refuse();
        } else if (fate !== "passes") {
            pieces.fail(fate === "late");
        } else {
            offset += length;
        }
        pieces.settle(offset);
    }
    return left / size;
}

for (const limit of [LEAST_BYTES, 100 * 1024, MIB, 10 * MIB, 100_000_000]) {
    for (const how of ["413", "cut"]) {
        test(`12 photos pass a limit of ${limit} bytes that ends in ${how}, each sent twice at most`, () => {
            const uplink = new Uplink(undefined);
            for (let photo = 0; photo < 12; photo += 1) {
                const times = send(uplink, SIZE, (length) => (length > limit ? how : "passes"));
                assert.ok(times <= 2, `${times} times the file`);
                if (photo > 8) assert.equal(times, 1, "the limit is known by now");
            }
        });
    }
}

test("a small file over a small limit is sent twice at most, too", () => {
    for (const size of [9_000, 60_000, 150_000, 500_000]) {
        const times = send(new Uplink(undefined), size, (length) =>
            length > LEAST_BYTES ? "413" : "passes",
        );
        assert.ok(times <= 2, `${size}: ${times} times the file`);
    }
});

test("a way that loses what it took costs the file once more and then little", () => {
    for (const fate of ["cut", "late"]) {
        const lost = new Set([1, 2, 4]);
        const times = send(new Uplink(undefined), SIZE, (_length, attempt) =>
            lost.has(attempt) ? fate : "passes",
        );
        assert.ok(times <= 2.2, `${times} times the file`);
    }
});

test("a limit that is lifted is noticed by what passes", () => {
    const uplink = new Uplink(undefined);
    uplink.passed(500_000);
    uplink.refused(600_000);
    uplink.passed(600_000);
    assert.equal(uplink.nextLength(FIRST_BYTES, SIZE), SIZE - FIRST_BYTES);
});

test("one that is paused, or arrived in part, teaches no limit", () => {
    const uplink = new Uplink(undefined);
    const pieces = new Chunks(SIZE, uplink, () => 0);
    pieces.begin(0);
    pieces.progress(FIRST_BYTES);
    pieces.settle(100_000);
    assert.equal(pieces.wasted, FIRST_BYTES - 100_000);
    assert.equal(pieces.begin(100_000), SIZE - pieces.wasted);
    pieces.progress(1_000_000);
    pieces.fail(false);
    pieces.settle(900_000);
    assert.equal(pieces.begin(900_000), SIZE - 900_000);
    assert.equal(uplink.nextLength(FIRST_BYTES, SIZE), SIZE - FIRST_BYTES);
});

test("what takes too long is given twice the time, until something arrives", () => {
    const uplink = new Uplink(undefined);
    const pieces = new Chunks(SIZE, uplink, () => 0);
    for (const patience of [20_000, 40_000, 80_000]) {
        pieces.begin(0);
        pieces.progress(1);
        assert.equal(pieces.patience, patience);
        pieces.fail(true);
        pieces.settle(0);
    }
    const length = pieces.begin(0);
    pieces.progress(length);
    pieces.settle(length);
    pieces.begin(length);
    assert.equal(pieces.patience, 20_000);
});
