import { test } from "node:test";
import assert from "node:assert/strict";
import {
    backoff,
    decide,
    FIRST_BYTES,
    metadata,
    nextLength,
    refusal,
} from "../../Public/js/upload-decisions.js";

const file = { size: 1_000, remembered: false };

test("the first bytes go alone, then all the rest", () => {
    assert.equal(nextLength(0, 5_000_000), FIRST_BYTES);
    assert.equal(nextLength(FIRST_BYTES, 5_000_000), 5_000_000 - FIRST_BYTES);
    assert.equal(nextLength(0, 300_000), 300_000);
});

test("POST: a created upload is sent, and an empty one is done", () => {
    assert.deepEqual(decide("create", { status: 201 }, file), { next: "send" });
    assert.deepEqual(decide("create", { status: 201 }, { size: 0, remembered: false }), {
        next: "done",
    });
});

test("POST: the same one still under way is waited for", () => {
    const outcome = { status: 409, problem: { code: "request-under-way" } };
    assert.deepEqual(decide("create", outcome, file), { next: "create", wait: true });
    assert.deepEqual(decide("create", { status: 409, problem: { code: "batch-full" } }, file), {
        next: "stop",
    });
});

test("POST: a photo of a size the server has is offered before it is sent", () => {
    const created = { status: 201, wantsDigest: true };
    assert.deepEqual(decide("create", created, file), { next: "offer" });
    assert.equal(decide("offer", { status: 204, offset: 1_000 }, file).next, "done");
    assert.equal(decide("offer", { status: 204, offset: 0 }, file).next, "send");
    assert.deepEqual(decide("offer", { network: true }, file), { next: "ask", wait: true });
    assert.deepEqual(decide("offer", { status: 409 }, file), { next: "ask" });
    assert.equal(decide("offer", { status: 410 }, file).next, "stop");
});

test("PATCH: the server's offset decides whether there is more", () => {
    assert.equal(decide("send", { status: 204, offset: 400 }, file).next, "send");
    assert.equal(decide("send", { status: 204, offset: 1_000 }, file).next, "done");
});

test("PATCH: a wrong offset is asked for at once", () => {
    assert.deepEqual(decide("send", { status: 409 }, file), { next: "ask" });
});

for (const outcome of [
    { network: true },
    { status: 500 },
    { status: 503 },
    { status: 423 },
    { status: 429 },
]) {
    test(`PATCH: after ${JSON.stringify(outcome)} it waits, asks for the offset and goes on`, () => {
        assert.deepEqual(decide("send", outcome, file), { next: "ask", wait: true });
    });
}

for (const status of [400, 403, 404, 410, 413, 415, 422]) {
    test(`PATCH: ${status} is an end, the feed says why`, () => {
        assert.deepEqual(decide("send", { status }, file), { next: "stop" });
    });
}

test("HEAD: a complete upload is done, whatever the last PATCH said", () => {
    assert.equal(decide("ask", { status: 200, offset: 1_000 }, file).next, "done");
});

test("HEAD: an upload of an earlier visit that is gone starts anew", () => {
    const remembered = { size: 1_000, remembered: true };
    assert.deepEqual(decide("ask", { status: 404 }, remembered), { next: "create", restart: true });
    assert.equal(decide("ask", { status: 404 }, file).next, "stop");
});

test("an answer without an offset proves nothing", () => {
    assert.deepEqual(decide("ask", { status: 200, offset: null }, file), {
        next: "ask",
        wait: true,
    });
});

test("backoff is full jitter from zero, capped, and after the server's own wait", () => {
    assert.equal(backoff(0, 0), 0);
    assert.equal(backoff(0, 1), 500);
    assert.equal(backoff(3, 0.5), 2_000);
    assert.equal(backoff(50, 1), 30_000);
    assert.equal(backoff(0, 0.5, 4_000), 4_250);
});

test("what will be refused is known before a byte is sent", () => {
    const limits = { fileBytes: 1_000, imagesPerBatch: 2 };
    const photo = { name: "a.jpg", type: "image/jpeg", size: 10 };
    assert.equal(refusal(photo, limits, 0), null);
    assert.equal(refusal(photo, undefined, 0), null);
    assert.deepEqual(refusal({ ...photo, size: 0 }, limits, 0), { code: "empty-file" });
    assert.deepEqual(refusal({ ...photo, type: "text/plain" }, limits, 0), {
        code: "not-an-image",
    });
    assert.deepEqual(refusal({ ...photo, size: 1_001 }, limits, 0), {
        code: "file-too-large",
        limit: 1_000,
        actual: 1_001,
    });
    assert.deepEqual(refusal(photo, limits, 2), { code: "batch-full", limit: 2, actual: 3 });
    assert.equal(refusal({ ...photo, type: "" }, limits, 0), null);
});

test("names travel as UTF-8 in base64", () => {
    assert.equal(
        metadata({ filename: "São João 🌅.jpg", filetype: "" }),
        `filename ${Buffer.from("São João 🌅.jpg").toString("base64")}`,
    );
});
