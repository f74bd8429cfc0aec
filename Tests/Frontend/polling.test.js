import { afterEach, test } from "node:test";
import assert from "node:assert/strict";
import { fixed, long, messagesOf } from "../../Public/js/transports/polling.js";
import { HeldClock, settle } from "./held-clock.js";

const realFetch = globalThis.fetch;
afterEach(() => {
    globalThis.fetch = realFetch;
});

/** Reads a transport against scripted answers, noting when each request left. */
function poll(transport, answers, { intervalMs = 5_000 } = {}) {
    const clock = new HeldClock();
    const asked = [];
    const messages = [];
    globalThis.fetch = async (url, { headers }) => {
        asked.push({ at: clock.now(), url, tag: headers["If-None-Match"] });
        const { status = 200, tag, ...body } = answers.shift() ?? { status: 304 };
        const nothing = status === 304 || status === 204;
        return new Response(nothing ? null : JSON.stringify(body), {
            status,
            headers: tag ? { ETag: tag } : {},
        });
    };
    const controller = new AbortController();
    const opening = {
        url: "/e",
        after: "e.1",
        signal: controller.signal,
        clock,
        settings: () => ({ intervalMs }),
        offer() {},
        note() {},
    };
    const done = (async () => {
        for await (const message of transport(opening)) messages.push(message);
    })();
    return { clock, asked, messages, done, stop: () => controller.abort() };
}

test("fixed polling asks at exactly the chosen interval, whatever the answer", async () => {
    const answers = [{ cursor: "e.2", events: [{ seq: 2 }], live: {}, tag: '"a"' }];
    const { clock, asked, stop } = poll(fixed, answers);
    await clock.advance(15_000);
    stop();
    assert.deepEqual(
        asked.map(({ at }) => at),
        [0, 5_000, 10_000, 15_000],
    );
    assert.deepEqual(
        asked.map(({ url }) => url),
        ["/e?after=e.1", ...Array(3).fill("/e?after=e.2")],
    );
    assert.deepEqual(
        asked.map(({ tag }) => tag),
        [undefined, '"a"', '"a"', '"a"'],
    );
});

test("the server's floor slows polling down and never speeds it up", async () => {
    const slow = poll(fixed, [{ cursor: "e.1", events: [], pollAfterMs: 9_000 }]);
    await slow.clock.advance(9_000);
    slow.stop();
    assert.deepEqual(
        slow.asked.map(({ at }) => at),
        [0, 9_000],
    );
    const quick = poll(fixed, [{ cursor: "e.1", events: [], pollAfterMs: 10 }]);
    await quick.clock.advance(5_000);
    quick.stop();
    assert.deepEqual(
        quick.asked.map(({ at }) => at),
        [0, 5_000],
    );
});

test("more is asked for at once", async () => {
    const answers = [{ cursor: "e.2", events: [{ seq: 2 }], more: true }];
    const { asked, stop } = poll(fixed, answers);
    await settle();
    stop();
    assert.deepEqual(
        asked.map(({ at }) => at),
        [0, 0],
    );
});

test("a long poll shows first that it gets through, then says how long it waits, and asks again at once", async () => {
    const nothing = { cursor: "e.1", events: [], live: {} };
    const { asked, clock, stop } = poll(long, [nothing, { cursor: "e.2", events: [{ seq: 2 }] }]);
    await clock.advance(0);
    stop();
    assert.deepEqual(
        asked.map(({ at, url }) => [at, url]),
        [
            [0, "/e?after=e.1"],
            [0, "/e?after=e.1&wait=25"],
            [0, "/e?after=e.2&wait=25"],
        ],
    );
});

/** What a transport throws at this answer. */
async function refused(answer) {
    globalThis.fetch = async () => answer;
    const opening = {
        url: "/e",
        after: null,
        signal: new AbortController().signal,
        clock: new HeldClock(),
        settings: () => ({ intervalMs: 1 }),
        offer() {},
        note() {},
    };
    try {
        for await (const message of fixed(opening)) assert.fail(JSON.stringify(message));
    } catch ({ retryAfterMs, gone }) {
        return { retryAfterMs, gone };
    }
}

test("a refusal ends the transport with its Retry-After", async () => {
    const answer = new Response("", { status: 503, headers: { "Retry-After": "3" } });
    assert.deepEqual(await refused(answer), { retryAfterMs: 3_000, gone: false });
});

test("a batch is gone when the server says so, and not when a proxy finds nothing", async () => {
    for (const [status, code] of [
        [404, "no-such-batch"],
        [410, "batch-deleted"],
    ]) {
        const type = { "Content-Type": "application/problem+json" };
        const answer = new Response(JSON.stringify({ code }), { status, headers: type });
        assert.equal((await refused(answer)).gone, true, code);
    }
    assert.equal((await refused(new Response("<h1>Not found", { status: 404 }))).gone, false);
});

test("one answer becomes the messages of the other transports", () => {
    const body = { cursor: "e.3", events: [{ seq: 2 }, { seq: 3 }], live: { i_1: {} } };
    assert.deepEqual(
        [...messagesOf(body)],
        [
            { type: "change", event: { seq: 2 }, cursor: undefined },
            { type: "change", event: { seq: 3 }, cursor: "e.3" },
            { type: "live", live: { i_1: {} } },
        ],
    );
    const reset = { reset: { document: { id: "b" }, cursor: "f.9" }, events: [] };
    assert.deepEqual(
        [...messagesOf(reset)],
        [{ type: "reset", document: { id: "b" }, cursor: "f.9" }],
    );
});
