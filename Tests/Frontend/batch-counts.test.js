import { test } from "node:test";
import assert from "node:assert/strict";
import { BatchCounts } from "../../Public/js/model/batch-counts.js";

const photo = (key, state, more = {}) => ({ key, image: { id: key, size: 1_000, state }, ...more });

function countsOf(...photos) {
    const counts = new BatchCounts();
    for (const one of photos) counts.enter(one);
    return counts;
}

test("the batch counts each photo once and is whole only when all are final", () => {
    const working = photo("c", "processing", { live: { step: 2, steps: 4 } });
    const counts = countsOf(photo("a", "ready"), photo("b", "rejected"), working);
    const { total, ready, failed, active, done } = counts.sums;
    assert.deepEqual([total, ready, failed, active], [3, 1, 1, 1]);
    assert.ok(done > 0.66 && done < 1);
    counts.leave("c");
    assert.equal(counts.sums.done, 1);
});

test("however a photo moves, its share is what it is now", () => {
    const counts = countsOf(photo("a", "uploading", { task: { state: "sending", sent: 333 } }));
    for (const received of [1, 333, 777]) {
        counts.enter(photo("a", "uploading", { task: { state: "paused" }, live: { received } }));
    }
    assert.deepEqual([counts.sums.sending, counts.sums.paused, counts.sums.total], [0, 1, 1]);
    assert.equal(counts.sums.received, 0.777);
    counts.enter(photo("a", "ready"));
    assert.deepEqual([counts.sums.paused, counts.sums.ready, counts.sums.done], [0, 1, 1]);
    counts.leave("a");
    assert.deepEqual([counts.sums.total, counts.sums.done], [0, 0]);
});

test("only what failed can be tried again", () => {
    const { retryable } = countsOf(photo("a", "failed"), photo("b", "rejected")).sums;
    assert.equal(retryable, 1);
});
