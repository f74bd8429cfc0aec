import { test } from "node:test";
import assert from "node:assert/strict";
import { sleep } from "../../Public/js/base/sleep.js";
import { HeldClock } from "./held-clock.js";

test("a wait lasts as long as it was told, by the clock it was given", async () => {
    const clock = new HeldClock();
    let isOver = false;
    const waited = sleep(1_000, { clock }).then(() => {
        isOver = true;
    });
    await clock.advance(999);
    assert.equal(isOver, false);
    await clock.advance(1);
    await waited;
});

test("a signal ends a wait at once, and one that was given before lets none begin", async () => {
    const clock = new HeldClock();
    const stopped = new AbortController();
    const waited = sleep(1_000, { clock, signal: stopped.signal });
    stopped.abort();
    await waited;
    await sleep(1_000, { clock, signal: stopped.signal });
    assert.equal(clock.pending, 0);
});
