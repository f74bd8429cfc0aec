import { test } from "node:test";
import assert from "node:assert/strict";
import { BatchCounts } from "../../Public/js/model/batch-counts.js";
import { Pace } from "../../Public/js/model/batch-progress.js";

const SIZE = 1_000_000;

/** A batch in the test's hands: how far each photo is, and for how long. */
class Batch {
    #counts = new BatchCounts();
    #pace = new Pace();
    now = 0;

    /** @param {string} key @param {number} sent of its bytes, 0…1 @param {number} processed 0…1 */
    put(key, sent, processed, task = { state: sent < 1 ? "sending" : "done", sent: sent * SIZE }) {
        const state = sent < 1 ? "uploading" : processed < 1 ? "processing" : "ready";
        const live = sent < 1 ? { received: sent * SIZE } : { step: processed * 10, steps: 10 };
        this.#counts.enter({ key, image: { size: SIZE, state }, live, task });
    }

    /** @param {number} seconds later */
    told(seconds) {
        this.now += seconds;
        return this.#pace.follow(this.#counts.sums, this.now);
    }
}

const near = (seconds, wanted, share = 0.15) =>
    assert.ok(Math.abs(seconds - wanted) <= wanted * share + 1, `${seconds}, not ${wanted}`);

test("a slow line says how long it takes, however quick the processing is", () => {
    const batch = new Batch();
    for (let second = 0; second < 40; second += 1) {
        const sent = second / 10;
        for (let at = 0; at < 4; at += 1) {
            const part = Math.max(0, Math.min(1, sent - at));
            batch.put(`${at}`, part, part === 1 ? 1 : 0);
        }
        const { secondsLeft } = batch.told(1);
        if (second > 4) near(secondsLeft, 40 - second);
    }
});

test("a busy server says how long it takes, however quick the line is", () => {
    const batch = new Batch();
    for (let second = 0; second < 80; second += 1) {
        for (let at = 0; at < 8; at += 1) {
            batch.put(`${at}`, 1, Math.max(0, Math.min(1, second / 10 - at)));
        }
        const { secondsLeft } = batch.told(1);
        if (second > 5) near(secondsLeft, 80 - second);
    }
});

test("while all is paused nobody says how long it takes, and the pause is no slowness", () => {
    const batch = new Batch();
    for (let second = 1; second <= 10; second += 1) {
        batch.put("a", second / 40, 0);
        batch.told(1);
    }
    batch.put("a", 10 / 40, 0, { state: "paused", sent: SIZE / 4 });
    for (let second = 0; second < 600; second += 1) {
        assert.equal(batch.told(1).secondsLeft, null);
    }
    batch.put("a", 11 / 40, 0);
    batch.told(1);
    batch.put("a", 12 / 40, 1);
    near(batch.told(1).secondsLeft, 28);
});

test("a photo that waits for a person is not waited for", () => {
    const batch = new Batch();
    batch.put("left", 0.1, 0, { state: "paused", sent: SIZE / 10 });
    for (let second = 1; second <= 10; second += 1) {
        batch.put("a", second / 20, 0);
        near(batch.told(1).secondsLeft ?? 20 - second, 20 - second);
    }
});

test("less than a second is a second, never none", () => {
    const batch = new Batch();
    for (const part of [0.2, 0.5, 0.8, 0.999]) {
        batch.put("a", 1, part);
        const { secondsLeft } = batch.told(1);
        assert.ok(secondsLeft === null || secondsLeft >= 1, `${secondsLeft}`);
    }
});

test("nobody says how long it takes while nothing moves, or hardly anything", () => {
    const stalled = new Batch();
    const told = [];
    for (let second = 0; second <= 300; second += 1) {
        stalled.put("a", Math.min(second, 20) / 100, 0);
        told.push(stalled.told(1).secondsLeft);
    }
    assert.ok(told.slice(40).every((left) => left === null));
    const crawling = new Batch();
    for (let second = 0; second <= 300; second += 1) {
        crawling.put("a", 1e-6 * second, 0);
        assert.equal(crawling.told(1).secondsLeft, null);
    }
});

test("the batch's progress never runs backwards while the same photos are in it", () => {
    const batch = new Batch();
    batch.put("a", 0.8, 0);
    const before = batch.told(1).done;
    batch.put("a", 0.3, 0);
    assert.equal(batch.told(1).done, before);
});

test("the speed is that of what is sent: none of it before it is known, paused, or all is sent", () => {
    const batch = new Batch();
    const speeds = [];
    for (let second = 1; second <= 20; second += 1) {
        const sent = Math.min(1, second / 10);
        batch.put("a", sent, sent === 1 ? 0.1 : 0);
        speeds.push(batch.told(1).bytesPerSecond);
    }
    assert.equal(speeds[0], null);
    for (const speed of speeds.slice(4, 9)) near(speed, SIZE / 10);
    assert.deepEqual(new Set(speeds.slice(9)), new Set([null]));
    batch.put("b", 0.5, 0, { state: "paused", sent: SIZE / 2 });
    batch.put("a", 1, 1);
    assert.equal(batch.told(1).bytesPerSecond, null);
});
