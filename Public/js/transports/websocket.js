// @ts-check
/**
 * WebSocket: the same messages, and a way to ask back. The upgrade proves nothing, since some
 * proxies finish it and then drop frames; the feed waits for the first message. JavaScript sees no
 * ping frames, so both sides send heartbeats as messages.
 */

import { FeedError } from "./feed-error.js";
import { Inbox } from "./inbox.js";
import { frameBytes } from "./weight.js";

/** @typedef {import("../feed/feed.js").Opening} Opening */
/** @typedef {import("../feed/feed-machine.js").Message} Message */

const PROTOCOL = "revela.v1";
const REPLY_MS = 10_000;

/** @param {Opening} opening @returns {AsyncGenerator<Message>} */
export async function* changes(opening) {
    const { note } = opening;
    note({ did: "ask" });
    const address = socketURL(opening.url, opening.after);
    const socket = opening.wire?.socket(address, PROTOCOL) ?? new WebSocket(address, PROTOCOL);
    /** @type {Inbox<any>} */
    const inbox = new Inbox();
    const desk = new Desk(socket, opening);
    let pings = /** @type {any} */ (null);
    const ping = (/** @type {number} */ ms) => {
        pings = opening.clock.set(() => {
            desk.request({ ping: Math.round(opening.clock.now()) }).catch(() => socket.close());
            ping(ms);
        }, ms);
    };
    const close = () => socket.close(1000);
    opening.signal.addEventListener("abort", close);
    socket.addEventListener("message", ({ data }) => {
        const message = JSON.parse(data);
        note({ did: "receive", bytes: frameBytes(data) });
        note({ did: "hear", message });
        inbox.push(message);
    });
    socket.addEventListener("close", ({ code }) => inbox.end(code));
    try {
        for await (const message of inbox) {
            if (message.type === "hello") {
                opening.offer((command) => desk.request(command));
                ping(message.heartbeatMs ?? 15_000);
            }
            if (message.type === "reply") desk.settle(message);
            yield message.type === "reply" ? { type: "heartbeat" } : message;
        }
    } finally {
        opening.clock.clear(pings);
        opening.signal.removeEventListener("abort", close);
        desk.close();
        close();
    }
    if (inbox.why !== 1000) throw new FeedError(`the socket closed with ${inbox.why}`);
}

/** @param {string} url @param {string | null} after */
function socketURL(url, after) {
    const address = new URL(url, location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    if (after !== null) address.searchParams.set("after", after);
    return address.href;
}

/** Pairs what was asked with its reply. */
class Desk {
    #lastID = 0;
    /** @type {Map<number, {resolve(reply: any): void, reject(error: Error): void, timer: any}>} */
    #open = new Map();

    /** @param {WebSocket} socket @param {Opening} opening */
    constructor(socket, { clock, note }) {
        this.socket = socket;
        this.clock = clock;
        this.note = note;
    }

    /** @param {object} command @returns {Promise<any>} */
    request(command) {
        // It may be closing, and its `close` not be here yet: `send` would only complain on the console.
        if (this.socket.readyState !== this.socket.OPEN)
            return Promise.reject(new FeedError("the socket closed"));
        this.#lastID += 1;
        const id = this.#lastID;
        return new Promise((resolve, reject) => {
            const timer = this.clock.set(() => {
                this.#open.delete(id);
                reject(new FeedError("no reply"));
            }, REPLY_MS);
            this.#open.set(id, { resolve, reject, timer });
            this.socket.send(JSON.stringify({ id, ...command }));
            this.note({ did: "say" });
        });
    }

    /** @param {any} message */
    settle(message) {
        const asked = this.#open.get(message.reply);
        if (!asked) return;
        this.#open.delete(message.reply);
        this.clock.clear(asked.timer);
        asked.resolve(message);
    }

    close() {
        for (const { reject, timer } of this.#open.values()) {
            this.clock.clear(timer);
            reject(new FeedError("the socket closed"));
        }
        this.#open.clear();
    }
}
