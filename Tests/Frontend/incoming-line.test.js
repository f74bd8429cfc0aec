/** Whatever goes wrong with what somebody gives, the rest of it and all that is given later comes in. */

import { test } from "node:test";
import assert from "node:assert/strict";
import { inLine } from "../../Public/js/uploads/pick-and-drop.js";
import { oneAfterAnother } from "../../Public/js/uploads/one-after-another.js";

/** What came in, and what was told, where taking `bad` fails. */
function taking(bad, given = {}) {
    const found = [];
    const told = [];
    const onFound = (part) => {
        if (part.includes(bad)) throw new Error(`no ${bad}`);
        found.push(...part);
    };
    const onTrouble = (error) => told.push(error.message);
    return { found, told, take: inLine({ onBegin() {}, onFound, onTrouble, ...given }) };
}

async function* folder(...parts) {
    for (const part of parts) {
        if (part === "unreadable") throw new Error("the folder is gone");
        yield part;
    }
}

test("a part that cannot be taken is told of, and costs none of the others", async () => {
    const { found, told, take } = taking("b");
    await take(folder(["a"], ["b"], ["c"]));
    await take([["d"]]);
    assert.deepEqual([found, told], [["a", "c", "d"], ["no b"]]);
});

test("a folder that breaks off in the middle is told of, and what is dropped later comes in", async () => {
    const { found, told, take } = taking("nothing");
    const first = take(folder(["a"], "unreadable", ["b"]));
    const second = take([["c"]]);
    await Promise.all([first, second]);
    assert.deepEqual([found, told], [["a", "c"], ["the folder is gone"]]);
});

test("files come in even where the page cannot say that it begins", async () => {
    const onBegin = () => {
        throw new Error("no room");
    };
    const { found, told, take } = taking("nothing", { onBegin });
    await take([["a"], ["b"]]);
    assert.deepEqual([found, told], [["a", "b"], ["no room"]]);
});

test("what is given while a folder is read comes after it", async () => {
    const { found, take } = taking("nothing");
    await Promise.all([take(folder(["a"], ["b"], ["c"])), take([["d"]])]);
    assert.deepEqual(found, ["a", "b", "c", "d"]);
});

test("one that fails tells its own caller alone", async () => {
    const next = oneAfterAnother();
    const failing = next(async () => {
        throw new Error("lost");
    });
    const after = next(async () => "there");
    await assert.rejects(failing, /lost/);
    assert.equal(await after, "there");
});
