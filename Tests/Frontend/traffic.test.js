import { test } from "node:test";
import assert from "node:assert/strict";
import { Traffic } from "../../Public/js/feed/traffic.js";
import { HeldClock } from "./held-clock.js";

/** The server's clock is ahead of the page's by this much. */
const AHEAD_MS = 3_600_000;
const EPOCH = Date.parse("2026-11-30T00:00:00Z");

function wire() {
    const clock = new HeldClock();
    const traffic = new Traffic(clock);
    const serverTime = (ms = clock.now()) => new Date(EPOCH + AHEAD_MS + ms).toISOString();
    const note = (fact, { gen = 1, transport = "polling" } = {}) =>
        traffic.note(gen, transport, fact);
    const hear = (seq, madeAt, by) =>
        note(
            { did: "hear", message: { type: "change", event: { seq, at: serverTime(madeAt) } } },
            by,
        );
    return { clock, traffic, note, hear, serverTime };
}

test("requests, messages and bytes are those of the last minute", async () => {
    const { clock, traffic, note } = wire();
    for (let minute = 0; minute < 3; minute += 1) {
        note({ did: "ask" });
        note({ did: "receive", bytes: 100 });
        note({ did: "finish" });
        note({ did: "hear", message: { type: "nothing" } });
        await clock.advance(40_000);
    }
    const { requests, messages, bytes, open } = traffic.sums();
    assert.deepEqual(
        { requests, messages, bytes, open },
        {
            requests: 1,
            messages: 1,
            bytes: 100,
            open: 0,
        },
    );
});

test("what is open stays, however long ago it was asked for, until its connection ends", async () => {
    const { clock, traffic, note } = wire();
    note({ did: "ask" }, { transport: "sse" });
    await clock.advance(600_000);
    note({ did: "hear", message: { type: "heartbeat" } });
    assert.deepEqual([traffic.sums().open, traffic.sums().requests], [1, 0]);
    note({ did: "end" });
    assert.equal(traffic.sums().open, 0);
});

test("delay: from when an event was made to when it was heard, whatever the two clocks say", async () => {
    const { clock, traffic, note, hear, serverTime } = wire();
    // Made while the page pauses between two questions, and heard with the next answer.
    note({ did: "ask" });
    note({ did: "finish", at: serverTime() });
    await clock.advance(5_000);
    note({ did: "ask" });
    note({ did: "finish", at: serverTime() });
    hear(1, 1_000);
    hear(2, 2_000);
    hear(3, 4_500);
    assert.equal(traffic.sums().delayMs, 3_000);
});

test("delay: half of a round trip is taken for the way here", async () => {
    const { clock, traffic, note, hear, serverTime } = wire();
    const stream = { gen: 1, transport: "sse" };
    note({ did: "ask" }, stream);
    await clock.advance(40);
    const hello = { type: "hello", at: serverTime() };
    await clock.advance(40);
    note({ did: "hear", message: hello }, stream);
    await clock.advance(1_000);
    const made = clock.now();
    await clock.advance(40);
    hear(1, made, stream);
    assert.equal(traffic.sums().delayMs, 40);
});

test("delay: none is told before the server has told its time", () => {
    const { traffic, hear } = wire();
    hear(1, 0);
    assert.equal(traffic.sums().delayMs, null);
});

test("delay: what a new connection repeats of the old one was heard before", async () => {
    const { clock, traffic, note, hear, serverTime } = wire();
    note({ did: "ask" });
    note({ did: "finish", at: serverTime() });
    hear(1, 0);
    await clock.advance(30_000);
    hear(1, 0);
    assert.equal(traffic.sums().delayMs, 0);
});

test("delay: that of one transport is not the next one's, nor what waited for its opening", async () => {
    const { clock, traffic, note, hear, serverTime } = wire();
    note({ did: "ask" });
    note({ did: "finish", at: serverTime() });
    await clock.advance(4_000);
    note({ did: "ask" });
    note({ did: "finish", at: serverTime() });
    hear(1, 0);
    assert.equal(traffic.sums().delayMs, 4_000);
    await clock.advance(2_000);
    const stream = { gen: 2, transport: "sse" };
    note({ did: "ask" }, stream);
    hear(2, 5_000, stream);
    assert.equal(traffic.sums().delayMs, null);
    await clock.advance(1_000);
    hear(3, 6_990, stream);
    assert.equal(traffic.sums().delayMs, 10);
});

test("a pause lasts until the next question, and ends with its connection", async () => {
    const { clock, traffic, note } = wire();
    note({ did: "pause", ms: 5_000 });
    assert.deepEqual(traffic.pause, { gen: 1, from: 0, to: 5_000 });
    note({ did: "ask" });
    assert.equal(traffic.pause, null);
    note({ did: "pause", ms: 5_000 });
    note({ did: "ask" }, { gen: 2, transport: "sse" });
    note({ did: "pause", ms: 5_000 });
    note({ did: "end" }, { gen: 2 });
    assert.equal(traffic.pause?.gen, 1);
    note({ did: "end" });
    assert.equal(traffic.pause, null);
    await clock.advance(0);
});

test("each message is told at once, and a frame that was sent is none", () => {
    const told = [];
    const traffic = new Traffic(new HeldClock(), ({ kind }) => told.push(kind));
    const hear = (type) => traffic.note(1, "websocket", { did: "hear", message: { type } });
    for (const type of ["hello", "reset", "live", "heartbeat", "reply"]) hear(type);
    traffic.note(1, "websocket", { did: "say" });
    assert.deepEqual(told, ["none", "news", "live", "none", "none", "said"]);
    assert.equal(traffic.sums().messages, 5);
});
