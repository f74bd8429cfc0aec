import { afterEach, mock, test } from "node:test";
import assert from "node:assert/strict";
import { fetchInTime, Watchdog } from "../../Public/js/base/deadline.js";

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

/** An answer whose body comes as the test says. */
function slowAnswer() {
    let body;
    globalThis.fetch = async (_url, { signal }) => {
        const stream = new ReadableStream({
            start(controller) {
                body = controller;
                signal.addEventListener("abort", () => controller.error(signal.reason));
            },
        });
        return new Response(stream, { status: 201, headers: { Location: "/here" } });
    };
    const soon = () => new Promise((resolve) => setImmediate(resolve));
    const say = async (text) => {
        await soon();
        body.enqueue(new TextEncoder().encode(text));
        await soon();
    };
    return { say, end: () => body.close() };
}

test("a slow answer is read to its end, however long that takes", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    const { say, end } = slowAnswer();
    const request = fetchInTime("/", {}, 1_000);
    for (const piece of ["sl", "ow", "ly"]) {
        await say(piece);
        mock.timers.tick(900);
    }
    end();
    const answer = await request;
    assert.deepEqual([answer.status, answer.headers.get("Location")], [201, "/here"]);
    assert.equal(await answer.text(), "slowly");
    mock.timers.tick(5_000);
});

test("an answer that stops in its middle is given up", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    const { say } = slowAnswer();
    const request = fetchInTime("/", {}, 1_000);
    await say("hal");
    mock.timers.tick(1_000);
    await assert.rejects(request, { name: "AbortError" });
});

test("an answer without a body stays so", async () => {
    globalThis.fetch = async () => new Response(null, { status: 204 });
    assert.equal((await fetchInTime("/")).status, 204);
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
