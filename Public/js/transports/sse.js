// @ts-check
/**
 * Server-Sent Events, read with `fetch` and not with `EventSource`: only so can the page see a
 * refusal and its `Retry-After`, name its cursor on every attempt, and notice a mute stream.
 */

import { FeedError } from "./feed-error.js";
import { headBytes } from "./weight.js";

/** @typedef {import("../feed/feed.js").Opening} Opening */
/** @typedef {import("../feed/feed-machine.js").Message} Message */
/** @typedef {{event: string, data: string, id: string}} StreamEvent */

/** @param {Opening} opening @returns {AsyncGenerator<Message>} */
export async function* changes({ url, after, signal, note, wire }) {
    const query = after === null ? "" : `?after=${encodeURIComponent(after)}`;
    const headers = { Accept: "text/event-stream" };
    const options = { headers, signal, cache: /** @type {const} */ ("no-store") };
    note({ did: "ask" });
    const answer = await (wire ?? globalThis).fetch(url + query, options);
    note({ did: "receive", bytes: headBytes(answer) });
    if (!answer.ok) throw await FeedError.from(answer);
    const type = answer.headers.get("Content-Type") ?? "";
    if (!type.startsWith("text/event-stream") || !answer.body) {
        throw new FeedError(`not an event stream: ${type}`);
    }
    const parser = new EventStreamParser();
    const decoder = new TextDecoder();
    const reader = answer.body.getReader();
    while (true) {
        const { done, value } = await reader.read();
        if (done) return;
        note({ did: "receive", bytes: value.byteLength });
        for (const event of parser.push(decoder.decode(value, { stream: true }))) {
            const message = messageOf(event);
            if (!message) continue;
            note({ did: "hear", message });
            yield message;
        }
    }
}

/** @param {StreamEvent} streamEvent @returns {Message | null} */
export function messageOf({ event, data, id }) {
    const body = JSON.parse(data || "{}");
    switch (event) {
        case "change":
            return { type: "change", event: body, cursor: id || undefined };
        case "reset":
            return { cursor: id || undefined, ...body, type: "reset" };
        case "hello":
        case "live":
        case "heartbeat":
        case "end":
            return { ...body, type: event };
        default:
            return null;
    }
}

/** The line protocol of the HTML standard §9.2.6, fed with text in pieces of any size. */
export class EventStreamParser {
    #rest = "";
    #started = false;
    #data = "";
    #event = "";
    #id = "";

    /** @param {string} text @returns {StreamEvent[]} the events completed by it */
    push(text) {
        this.#rest += text;
        if (!this.#started && this.#rest.length > 0) {
            this.#started = true;
            if (this.#rest.startsWith("\uFEFF")) this.#rest = this.#rest.slice(1);
        }
        const events = [];
        for (const line of this.#lines()) {
            const event = this.#take(line);
            if (event) events.push(event);
        }
        return events;
    }

    /** A carriage return at the very end may be half of a pair: it waits. */
    *#lines() {
        const ending = /\r\n|\n|\r(?!$)/g;
        let start = 0;
        for (let match = ending.exec(this.#rest); match; match = ending.exec(this.#rest)) {
            yield this.#rest.slice(start, match.index);
            start = ending.lastIndex;
        }
        this.#rest = this.#rest.slice(start);
    }

    /** @param {string} line @returns {StreamEvent | null} */
    #take(line) {
        if (line === "") return this.#dispatch();
        const colon = line.indexOf(":");
        const field = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
        if (field === "data") this.#data += `${value}\n`;
        if (field === "event") this.#event = value;
        if (field === "id" && !value.includes("\0")) this.#id = value;
        return null;
    }

    /** @returns {StreamEvent | null} */
    #dispatch() {
        const data = this.#data;
        const event = this.#event || "message";
        this.#data = "";
        this.#event = "";
        return data === "" ? null : { event, data: data.slice(0, -1), id: this.#id };
    }
}
