/** The review before sending: what waits for “Send” counts as nothing that is under way, can be put in
 * another order, and is sent in that order. */

import { test } from "node:test";
import assert from "node:assert/strict";
import { BatchCounts } from "../../Public/js/model/batch-counts.js";
import { Photo } from "../../Public/js/model/photo.js";
import { standingOf, viewOf } from "../../Public/js/model/photo-state.js";
import { HeldUploads } from "../../Public/js/uploads/held-uploads.js";
import { Task } from "../../Public/js/uploads/upload-task.js";

/** Files that wait, by the letters of their names. */
function holding(letters) {
    const sent = [];
    const moved = [];
    let changes = 0;
    const uploader = () => ({
        resume(task) {
            task.state = "queued";
            sent.push(task.name);
        },
    });
    const onMoved = (entry) => moved.push(entry.key);
    const onChange = () => {
        changes += 1;
    };
    const remembered = [];
    const remember = (...tasks) => remembered.push(tasks.map(({ name }) => name).join(""));
    const held = new HeldUploads({ uploader, remember, onMoved, onChange });
    const entries = [...letters].map((name, at) => {
        const task = new Task({ name, size: 10, type: "", lastModified: 1 }, name);
        Object.assign(task, { state: "held", position: 5 + at });
        const entry = new Photo(name, 5 + at, {
            name,
            file: task.file,
            task,
            kept: { held: true },
        });
        held.follow(entry);
        return entry;
    });
    const order = () => held.entries.map(({ name }) => name).join("");
    return { held, entries, sent, moved, remembered, order, changes: () => changes };
}

test("a held photo is not under way, has not failed, and can be moved and removed", () => {
    const [entry] = holding("a").entries;
    const view = viewOf(entry);
    assert.deepEqual([view.state, view.stage, standingOf(entry)], ["held", "stage.held", "held"]);
    assert.deepEqual(view.actions, ["earlier", "later", "remove"]);
    assert.deepEqual([view.sent, view.received, view.done], [0, 0, 0]);
    const counts = new BatchCounts();
    counts.enter(entry);
    const { total, held, active, sending, bytesToSend } = counts.sums;
    assert.deepEqual([total, held, active, sending, bytesToSend], [1, 1, 0, 0, 0]);
});

test("one is put before or after another, and only places that were theirs change hands", () => {
    const { held, entries, moved, remembered, order } = holding("abcde");
    const [a, b, , d, e] = entries;
    assert.deepEqual(held.place(e, b, "before"), { number: 2, count: 5 });
    assert.equal(order(), "aebcd");
    assert.deepEqual([moved.join(""), remembered], ["ebcd", ["ebcd"]]);
    held.place(a, d, "after");
    assert.equal(order(), "ebcda");
    const positions = held.entries.map(({ position, task }) => [position, task.position]);
    assert.deepEqual(
        positions,
        [5, 6, 7, 8, 9].map((at) => [at, at]),
    );
});

test("a step at either end, and a place beside what is not held, moves nothing", () => {
    const { held, entries, order } = holding("abc");
    const [a, b, c] = entries;
    assert.equal(held.step(a, -1), null);
    assert.equal(held.step(c, 1), null);
    assert.deepEqual(held.step(b, 1), { number: 3, count: 3 });
    assert.equal(held.place(a, a, "after"), null);
    assert.equal(held.place(a, { key: "sent", position: 0 }, "before"), null);
    assert.equal(order(), "acb");
});

test("Send gives all of them to the uploader in their order, as given now, and holds none", () => {
    const { held, entries, sent, changes } = holding("abc");
    const [a, , c] = entries;
    held.place(c, a, "before");
    held.send();
    for (const entry of entries) held.follow(entry);
    assert.deepEqual([sent.join(""), held.entries], ["cab", []]);
    assert.ok(entries.every(({ kept }) => kept.held === false));
    assert.ok(c.task.index < a.task.index, "what is sent first was given first");
    assert.equal(changes(), 6);
});

test("one that is removed is held no more", () => {
    const { held, entries, order } = holding("ab");
    held.leave(entries[0]);
    assert.equal(order(), "b");
});
