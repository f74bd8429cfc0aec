import { test } from "node:test";
import assert from "node:assert/strict";
import {
    decide,
    Doubts,
    isTemporary,
    metadata,
    refusal,
} from "../../Public/js/uploads/upload-decisions.js";
import { backoff } from "../../Public/js/base/backoff.js";
import { create } from "../../Public/js/uploads/tus.js";

const file = { size: 1_000, remembered: false };

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

test("POST: a key that stands for another file is given up for a new one", () => {
    const outcome = { status: 422, problem: { code: "key-reused" } };
    assert.deepEqual(decide("create", outcome, file), { next: "create", restart: true });
});

const UPLOAD = `/api/uploads/u_${"0".repeat(26)}`;
const HEAD = {
    Link: `</api/batches/b_1/images/i_${"1".repeat(26)}>; rel="status"`,
    Location: UPLOAD,
    "Tus-Resumable": "1.0.0",
};

/** The outcome of a creation that is answered so, and what was asked. */
async function created(headers, status = 201, answer = undefined) {
    const realFetch = globalThis.fetch;
    const asked = [];
    globalThis.fetch = async (_url, options) => {
        asked.push(options);
        return answer ?? new Response(null, { status, headers });
    };
    try {
        const outcome = await create("b_1", { size: 10, type: "image/jpeg" }, "a.jpg", "00ff");
        return { outcome, asked };
    } finally {
        globalThis.fetch = realFetch;
    }
}

test("POST: goes under its key, and its answer says which upload and image it made", async () => {
    for (const Location of [UPLOAD, `https://any.example${UPLOAD}`]) {
        const { outcome, asked } = await created({ ...HEAD, Location });
        assert.equal(asked[0].headers["Idempotency-Key"], '"00ff"');
        assert.equal(outcome.url, UPLOAD);
        assert.equal(outcome.image, `i_${"1".repeat(26)}`);
    }
});

test("POST: an answer that did not come whole is none", async () => {
    const cut = [
        {},
        { ...HEAD, "Tus-Resumable": "1.0" },
        { Link: HEAD.Link, "Tus-Resumable": "1.0.0" },
        { ...HEAD, Location: UPLOAD.slice(0, -1) },
        { ...HEAD, Location: "/" },
        { ...HEAD, Link: HEAD.Link.slice(0, 40) },
        { ...HEAD, Link: "" },
    ];
    for (const headers of cut) {
        assert.ok((await created(headers)).outcome.network, `${headers.Location}`);
    }
    for (const status of [200, 403, 404, 410, 500]) {
        assert.ok((await created({}, status)).outcome.network);
    }
});

/** What becomes of answers, one after the other, to a creation where nothing else is said. */
const judged = (outcomes, phase = "create", doubts = new Doubts()) =>
    outcomes.map((outcome) => decide(phase, doubts.judge(phase, outcome), file).next);

for (const status of [400, 401, 402, 403, 407, 418, 422, 451]) {
    test(`${status} without a word may be cut from the server's own; the third one is a proxy's`, () => {
        const wordless = { network: true, wordless: status };
        assert.deepEqual(judged([wordless, wordless, wordless]), ["create", "create", "block"]);
        // No answer at all says nothing for or against it.
        const none = { network: true };
        const mixed = [wordless, none, wordless, none, wordless];
        assert.deepEqual(judged(mixed), ["create", "create", "create", "create", "block"]);
        // Another one does.
        const other = { network: true, wordless: status === 401 ? 403 : 401 };
        assert.deepEqual(judged([wordless, wordless, other, wordless, wordless]).at(-1), "create");
    });
}

test("what is asked between two requests says nothing of these", () => {
    const doubts = new Doubts();
    const wordless = { network: true, wordless: 401 };
    for (const next of ["ask", "ask", "block"]) {
        assert.deepEqual(judged([wordless], "send", doubts), [next]);
        assert.deepEqual(judged([{ status: 200, offset: 0 }], "ask", doubts), ["send"]);
    }
});

for (const status of [200, 201, 204, 404, 408, 410, 423, 429, 500, 502, 503]) {
    test(`${status} without a word is waited out, however often it comes`, async () => {
        const { outcome } = await created({}, status);
        assert.deepEqual(new Set(judged(Array(10).fill(outcome))), new Set(["create"]));
    });
}

test("a redirect is not followed: it is another's, wherever it leads", async () => {
    const answer = { type: "opaqueredirect", status: 0, ok: false, headers: new Headers() };
    const { outcome, asked } = await created({}, 0, answer);
    assert.equal(asked[0].redirect, "manual");
    assert.equal(decide("create", outcome, file).next, "block");
    assert.equal(outcome.problem.code, "between-redirect");
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

const stranger = (status) => ({ status, isStrangers: true });

test("a proxy's 413 is an invitation to smaller pieces, as long as there are any", () => {
    assert.deepEqual(decide("send", stranger(413), file), { next: "ask", smaller: true });
    const least = { ...file, isLeast: true };
    assert.deepEqual(decide("send", stranger(413), least), { next: "block" });
    assert.deepEqual(decide("create", stranger(413), file), { next: "block" });
});

for (const status of [400, 403, 405, 501]) {
    test(`a proxy's ${status} to PATCH may mean the method: POST is tried, and then no more`, () => {
        for (const phase of ["send", "offer"]) {
            assert.deepEqual(decide(phase, stranger(status), file), {
                next: "ask",
                disguise: true,
            });
        }
        const next = decide("send", stranger(status), { ...file, isDisguised: true });
        assert.deepEqual(next, status === 501 ? { next: "ask", wait: true } : { next: "block" });
    });
}

for (const status of [200, 302, 401, 402, 407, 418, 451]) {
    test(`a proxy's ${status} holds an upload up, and never ends it`, () => {
        for (const phase of ["create", "offer", "ask", "send"]) {
            assert.deepEqual(decide(phase, stranger(status), file), { next: "block" });
        }
        const remembered = { size: 1_000, remembered: true };
        assert.deepEqual(decide("ask", stranger(status), remembered), { next: "block" });
    });
}

for (const status of [408, 423, 425, 429, 500, 502, 503, 504, 507]) {
    test(`${status} is temporary, whoever says it`, () => {
        assert.ok(isTemporary(status));
        for (const outcome of [{ status }, stranger(status)]) {
            assert.deepEqual(decide("send", outcome, file), { next: "ask", wait: true });
            assert.deepEqual(decide("create", outcome, file), { next: "create", wait: true });
        }
    });
}

test("HEAD: a complete upload is done, whatever the last PATCH said", () => {
    assert.equal(decide("ask", { status: 200, offset: 1_000 }, file).next, "done");
});

test("HEAD: an upload of an earlier visit that is gone starts anew", () => {
    const remembered = { size: 1_000, remembered: true };
    assert.deepEqual(decide("ask", { status: 404 }, remembered), { next: "create", restart: true });
    assert.deepEqual(decide("ask", stranger(403), remembered), { next: "block" });
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
    // Of HEIC, `.hif`, `.mpo` or no ending browsers know no type: the server decides.
    for (const type of ["", "application/octet-stream"]) {
        assert.equal(refusal({ ...photo, type }, limits, 0), null);
    }
});

test("names travel as UTF-8 in base64", () => {
    assert.equal(
        metadata({ filename: "São João 🌅.jpg", filetype: "" }),
        `filename ${Buffer.from("São João 🌅.jpg").toString("base64")}`,
    );
});
