import { test } from "node:test";
import assert from "node:assert/strict";
import { BatchCounts } from "../../Public/js/model/batch-counts.js";

const photo = (key, state, more = {}) => ({ key, image: { id: key, size: 1_000, state }, ...more });

function tallyOf(...photos) {
    const tally = new BatchCounts();
    for (const one of photos) tally.enter(one);
    return tally;
}

test("the batch counts each photo once and is whole only when all are final", () => {
    const working = photo("c", "processing", { live: { step: 2, steps: 4 } });
    const tally = tallyOf(photo("a", "ready"), photo("b", "rejected"), working);
    const { total, ready, refused, working: moving, done } = tally.sums;
    assert.deepEqual([total, ready, refused, moving], [3, 1, 1, 1]);
    assert.ok(done > 0.66 && done < 1);
    tally.leave("c");
    assert.equal(tally.sums.done, 1);
});

test("however a photo moves, its share is what it is now", () => {
    const tally = tallyOf(photo("a", "uploading", { task: { state: "sending", sent: 333 } }));
    for (const received of [1, 333, 777]) {
        tally.enter(photo("a", "uploading", { task: { state: "paused" }, live: { received } }));
    }
    assert.deepEqual([tally.sums.sending, tally.sums.paused, tally.sums.total], [0, 1, 1]);
    assert.equal(tally.sums.received, 0.777);
    tally.enter(photo("a", "ready"));
    assert.deepEqual([tally.sums.paused, tally.sums.ready, tally.sums.done], [0, 1, 1]);
    tally.leave("a");
    assert.deepEqual([tally.sums.total, tally.sums.done], [0, 0]);
});

test("only what failed can be tried again", () => {
    const { retryable } = tallyOf(photo("a", "failed"), photo("b", "rejected")).sums;
    assert.equal(retryable, 1);
});
