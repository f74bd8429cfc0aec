import { test } from "node:test";
import assert from "node:assert/strict";
import { changes } from "../../Public/js/transports/websocket.js";
import { HeldClock } from "./held-clock.js";

/** A socket that the other side may close at any moment, before its event comes. */
class FakeSocket extends EventTarget {
    OPEN = 1;
    readyState = 1;
    sent = [];

    send(text) {
        this.sent.push(JSON.parse(text));
    }

    close() {}

    say(message) {
        this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(message) }));
    }
}

test("a command to a socket that is closing fails at once, and nothing is sent on it", async () => {
    globalThis.location = { href: "http://here/" };
    const socket = new FakeSocket();
    const clock = new HeldClock();
    let ask = null;
    const messages = changes({
        url: "/events",
        after: null,
        clock,
        note: () => {},
        offer: (asker) => {
            ask = asker;
        },
        signal: new AbortController().signal,
        wire: { socket: () => socket },
    });
    const first = messages.next();
    socket.say({ type: "hello", heartbeatMs: 1_000 });
    assert.equal((await first).value.type, "hello");
    void messages.next();

    ask({ info: "i_1" }).catch(() => {});
    assert.deepEqual(socket.sent, [{ id: 1, info: "i_1" }]);
    for (const state of [0, 2, 3]) {
        socket.readyState = state;
        await assert.rejects(ask({ info: "i_1" }), /closed/);
    }
    // A ping is a command, too.
    await clock.advance(1_000);
    assert.equal(socket.sent.length, 1);
});
