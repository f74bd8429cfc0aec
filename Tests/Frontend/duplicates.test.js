import { test } from "node:test";
import assert from "node:assert/strict";
import { Duplicates } from "../../Public/js/uploads/duplicates.js";
import { viewOf } from "../../Public/js/model/photo-state.js";
import { settle } from "./held-clock.js";

const task = (content) => ({
    file: { size: content.length, content },
    controller: new AbortController(),
});

/** Duplicates whose every digest is in the test's hands. */
function bench() {
    const asked = [];
    let looks = 0;
    const hash = (file, signal) =>
        new Promise((resolve) => {
            const answer = (digest) => {
                asked.splice(
                    asked.findIndex((one) => one.file === file),
                    1,
                );
                resolve(digest);
            };
            signal.addEventListener("abort", () => answer(null));
            asked.push({ file, answer });
        });
    const echoes = new Duplicates(hash, () => {
        looks += 1;
    });
    const answerAll = async (digestOf = ({ content }) => new TextEncoder().encode(content)) => {
        for (const { file, answer } of [...asked]) answer(digestOf(file));
        await settle();
    };
    return { echoes, asked, answerAll, looks: () => looks };
}

test("files of different lengths are not read", () => {
    const { echoes, asked } = bench();
    assert.equal(echoes.originalOf(task("abc"), [task("ab"), task("abcd")]), null);
    assert.equal(asked.length, 0);
});

test("an equal file waits for the one on its way until that has arrived or left", async () => {
    const { echoes, answerAll, looks } = bench();
    const [first, second] = [task("abc"), task("abc")];
    assert.equal(echoes.originalOf(second, [first]).isEqual, false, "not known yet");
    await answerAll();
    assert.equal(looks(), 2);
    assert.deepEqual(echoes.originalOf(second, [first]), { task: first, isEqual: true });
    assert.equal(echoes.originalOf(second, []), null);
    const third = task("abc");
    echoes.arrived(first);
    assert.equal(echoes.originalOf(third, [second]).isEqual, false);
    await answerAll();
    assert.equal(echoes.originalOf(third, [second]), null, "the server has it");
});

test("another file of the same length, or one that cannot be read, waits for nothing", async () => {
    const { echoes, answerAll } = bench();
    const [first, second, unreadable] = [task("abc"), task("abd"), task("abc")];
    echoes.originalOf(second, [first]);
    await answerAll();
    assert.equal(echoes.originalOf(second, [first]), null);
    echoes.originalOf(unreadable, [first]);
    await answerAll(() => null);
    assert.equal(echoes.originalOf(unreadable, [first]), null);
});

test("two files are hashed at a time, however many are of one length", async () => {
    const { echoes, asked, answerAll } = bench();
    const [first, ...others] = Array.from({ length: 50 }, () => task("abc"));
    for (const other of others) assert.ok(echoes.originalOf(other, [first]));
    assert.equal(asked.length, 2);
    assert.ok(echoes.isBusy);
    await answerAll();
    assert.ok(!echoes.isBusy);
});

test("hashing that was given up proves nothing, and is not begun again by itself", async () => {
    const { echoes, asked, looks } = bench();
    const [first, second] = [task("abc"), task("abc")];
    echoes.originalOf(second, [first]);
    first.controller.abort();
    await settle();
    assert.equal(looks(), 1);
    assert.equal(echoes.originalOf(second, [first]).isEqual, false);
    assert.deepEqual(
        asked.map(({ file }) => file),
        [second.file],
    );
});

test("a card says which photo it waits for", () => {
    const { stage, stageValues } = viewOf({ task: { state: "queued", waitsFor: "a.jpg" } });
    assert.deepEqual([stage, stageValues], ["stage.same-first", { name: "a.jpg" }]);
});
