import { test } from "node:test";
import assert from "node:assert/strict";
import { Task } from "../../Public/js/uploads/upload-task.js";

test("each file that is sent has a key of its own: 128 random bits", () => {
    const keys = Array.from({ length: 1_000 }, () => new Task({}, "a.jpg").key);
    assert.equal(new Set(keys).size, keys.length);
    for (const key of keys) assert.match(key, /^[0-9a-f]{32}$/);
});

test("an upload that was left goes on under another signal, and a problem is over with it", () => {
    const task = new Task({ size: 10 }, "a.jpg");
    const { signal } = task.controller;
    for (const state of ["paused", "stopped"]) {
        task.problem = { code: "unavailable" };
        task.leave(state);
        assert.deepEqual([task.state, task.problem, signal.aborted], [state, null, true]);
        task.goOn();
        assert.deepEqual([task.state, task.controller.signal.aborted], ["queued", false]);
    }
});

test("an upload of an earlier visit is the same one, and asks before it sends", () => {
    const task = new Task({ size: 10 }, "a.jpg");
    task.beThatOf({ key: "k", at: 1, index: 2 });
    task.continueAt({ url: "/u", image: "i_1", batch: "b_1" });
    assert.deepEqual([task.key, task.at, task.index, task.remembered], ["k", 1, 2, true]);
    task.reached(6);
    task.beginAnew();
    assert.deepEqual([task.url, task.image, task.sent, task.held], [null, null, 0, 0]);
    task.created({ url: "/v", image: "i_2" });
    assert.deepEqual([task.url, task.image, task.remembered], ["/v", "i_2", false]);
});
