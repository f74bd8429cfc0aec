import { test } from "node:test";
import assert from "node:assert/strict";
import { fold, mergePatch, touchedImages } from "../../Public/js/model/batch-document.js";

/** RFC 7396, appendix A: original, patch, result. */
const appendix = [
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
        ["a", "b"],
        ["c", "d"],
        ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

for (const [original, patch, result] of appendix) {
    test(`RFC 7396: ${JSON.stringify(original)} with ${JSON.stringify(patch)}`, () => {
        assert.deepEqual(mergePatch(structuredClone(original), patch), result);
    });
}

test("a patch changes the document in place and touches nothing else", () => {
    const other = { state: "ready" };
    const document = { images: { i_1: { state: "uploading" }, i_2: other } };
    assert.equal(mergePatch(document, { images: { i_1: { state: "waiting" } } }), document);
    assert.equal(document.images.i_2, other);
    assert.equal(document.images.i_1.state, "waiting");
});

test("a member called __proto__ stays a member", () => {
    const patched = mergePatch({}, JSON.parse('{"__proto__": {"owned": true}}'));
    assert.equal({}.owned, undefined);
    assert.equal(patched.owned, undefined);
    assert.ok(Object.hasOwn(patched, "__proto__"));
});

test("folding all events from nothing gives the document, twice or not", () => {
    const events = [
        { seq: 1, type: "batch.created", patch: { id: "b_1", state: "open" } },
        {
            seq: 2,
            type: "image.created",
            image: "i_1",
            patch: { images: { i_1: { state: "uploading" } } },
        },
        {
            seq: 3,
            type: "image.failed",
            image: "i_1",
            patch: { images: { i_1: { state: "failed", problem: { code: "timed-out" } } } },
        },
        {
            seq: 4,
            type: "image.retried",
            image: "i_1",
            patch: { images: { i_1: { state: "waiting", problem: null } } },
        },
    ];
    const once = fold({}, events);
    assert.deepEqual(once, { id: "b_1", state: "open", images: { i_1: { state: "waiting" } } });
    assert.deepEqual(fold(structuredClone(once), events.slice(2)), once);
});

test("an event names the images it touches", () => {
    assert.deepEqual(touchedImages({ patch: { state: "open", images: { i_1: {}, i_2: null } } }), [
        "i_1",
        "i_2",
    ]);
    assert.deepEqual(touchedImages({ patch: { state: "settled" } }), []);
});
