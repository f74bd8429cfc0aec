import { afterEach, mock, test } from "node:test";
import assert from "node:assert/strict";
import { fetchInTime, Watchdog } from "../../Public/js/deadline.js";

const realFetch = globalThis.fetch;

afterEach(() => {
    mock.timers.reset();
    globalThis.fetch = realFetch;
});

/** A request that nobody answers; it knows whether it was given up. */
function silence() {
    globalThis.fetch = (_url, { signal }) =>
        new Promise((_resolve, reject) => {
            signal.addEventListener("abort", () => reject(signal.reason));
            if (signal.aborted) reject(signal.reason);
        });
}

test("a request that is not answered is given up", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    silence();
    const request = fetchInTime("/", {}, 1_000);
    mock.timers.tick(1_000);
    await assert.rejects(request, { name: "AbortError" });
});

test("a request that is answered in time keeps its answer", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    let signal;
    globalThis.fetch = async (_url, options) => {
        signal = options.signal;
        return "answer";
    };
    assert.equal(await fetchInTime("/", {}, 1_000), "answer");
    mock.timers.tick(5_000);
    assert.equal(signal.aborted, false, "the body of a slow answer was cut off");
});

test("whoever asked may give up sooner, and even before", async () => {
    silence();
    const controller = new AbortController();
    const request = fetchInTime("/", { signal: controller.signal });
    controller.abort();
    await assert.rejects(request, { name: "AbortError" });
    await assert.rejects(fetchInTime("/", { signal: controller.signal }), { name: "AbortError" });
});

test("a watchdog barks once nothing fed it for so long", () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    let barks = 0;
    const dog = new Watchdog(100, () => {
        barks += 1;
    });
    mock.timers.tick(99);
    dog.feed();
    mock.timers.tick(99);
    assert.equal(barks, 0);
    mock.timers.tick(1);
    assert.equal(barks, 1);
    dog.feed();
    dog.stop();
    mock.timers.tick(500);
    assert.equal(barks, 1);
});
