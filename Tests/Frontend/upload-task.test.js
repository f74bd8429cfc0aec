import { test } from "node:test";
import assert from "node:assert/strict";
import { Task } from "../../Public/js/uploads/upload-task.js";

test("each file that is sent has a key of its own: 128 random bits", () => {
    const keys = Array.from({ length: 1_000 }, () => new Task({}, "a.jpg").key);
    assert.equal(new Set(keys).size, keys.length);
    for (const key of keys) assert.match(key, /^[0-9a-f]{32}$/);
});
