// @ts-check
/**
 * One connection to a batch's events that several readers share. Each has a position of its own
 * and is given what comes after it, so to a reader a line is a connection like any other.
 *
 * The line keeps the latest events. A reader whose position they do not reach makes the line read
 * anew from there: the old connection goes on until the new one has spoken.
 */

import { sequenceOf } from "../feed/ledger.js";
import { Tail } from "./tail.js";

/** @typedef {import("../feed.js").Changes} Changes */
/** @typedef {import("../feed.js").Clock} Clock */
/** @typedef {import("../feed-machine.js").Message} Message */
/** @typedef {import("./reader.js").Reader} Reader */
/** @typedef {{controller: AbortController, tail: Tail, request: import("../feed.js").Request | null}}
 *   Upstream a connection of the line's */

const FIRST_HEARTBEAT_MS = 15_000;
/** Silence after which a newcomer is not told that all is well. A reader gives up after 2.5. */
const STALE_HEARTBEATS = 1.5;

export class Line {
    /** @type {Set<Reader>} */ readers = new Set();
    /** @type {Upstream | null} */ #current = null;
    /** @type {Upstream | null} */ #next = null;
    /** @type {any} */ #live = null;
    #heardAt = 0;
    #heartbeatMs = FIRST_HEARTBEAT_MS;

    /**
     * @param {object} parts
     * @param {string} parts.url
     * @param {Changes} parts.changes the transport
     * @param {{intervalMs: number}} parts.settings
     * @param {() => boolean} parts.isHidden
     * @param {Clock} parts.clock
     * @param {() => void} parts.onHeard
     * @param {() => void} parts.onEmpty
     */
    constructor(parts) {
        this.parts = parts;
    }

    /** @param {Reader} reader */
    join(reader) {
        this.readers.add(reader);
        const current = this.#isStale ? null : this.#current;
        if (current?.tail.reaches(reader.cursor)) return this.#welcome(reader, current);
        reader.isWaiting = true;
        if (!this.#next?.tail.reaches(reader.cursor)) this.readAnew();
    }

    /** @param {Reader} reader @param {Upstream} upstream */
    #welcome(reader, { tail, request }) {
        reader.take({ type: "heartbeat", heartbeatMs: this.#heartbeatMs });
        for (const message of tail.after(reader.seen)) reader.take(message);
        if (this.#live) reader.take({ type: "live", live: this.#live });
        if (request) reader.offer();
    }

    /** @param {Reader} reader */
    leave(reader) {
        if (!this.readers.delete(reader) || this.readers.size > 0) return;
        this.#next?.controller.abort();
        this.#current?.controller.abort();
        this.parts.onEmpty();
    }

    /** A new connection from where the last of the readers stands. */
    readAnew() {
        this.#next?.controller.abort();
        const after = this.#hindmost;
        const upstream = {
            controller: new AbortController(),
            tail: new Tail(after),
            request: null,
        };
        this.#next = upstream;
        void this.#read(upstream, after);
    }

    /** @param {object} command @returns {Promise<any>} */
    ask(command) {
        const request = this.#current?.request;
        return request ? request(command) : Promise.reject(new Error("nobody to ask"));
    }

    get #isStale() {
        return this.parts.clock.now() - this.#heardAt > this.#heartbeatMs * STALE_HEARTBEATS;
    }

    get #hindmost() {
        const [first, ...others] = [...this.readers].map(({ cursor }) => cursor);
        return others.reduce(
            (least, one) => ((sequenceOf(one) ?? -1) < (sequenceOf(least) ?? -1) ? one : least),
            first ?? null,
        );
    }

    /** @param {Upstream} upstream @param {string | null} after */
    async #read(upstream, after) {
        const { url, changes, settings, isHidden, clock } = this.parts;
        const { signal } = upstream.controller;
        const opening = {
            url,
            after,
            signal,
            clock,
            isHidden,
            settings: () => settings,
            // With its first message at the latest: `#promote` passes it on.
            offer: (/** @type {import("../feed.js").Request} */ request) => {
                upstream.request = request;
            },
        };
        let why = null;
        try {
            for await (const message of changes(opening)) {
                if (signal.aborted) return;
                if (upstream === this.#next) this.#promote(upstream);
                this.#hear(message);
            }
        } catch (error) {
            const { retryAfterMs, gone } = /** @type {any} */ (error);
            why = { retryAfterMs, gone };
        }
        if (!signal.aborted) this.#ended(upstream, why);
    }

    /** @param {Upstream} upstream */
    #promote(upstream) {
        this.#current?.controller.abort();
        this.#current = upstream;
        this.#next = null;
        for (const reader of this.readers) {
            reader.isWaiting = false;
            if (upstream.request) reader.offer();
        }
    }

    /** @param {Message} message */
    #hear(message) {
        const current = /** @type {Upstream} */ (this.#current);
        this.#heardAt = this.parts.clock.now();
        if (message.heartbeatMs) this.#heartbeatMs = message.heartbeatMs;
        if (message.type === "change") current.tail.push(message);
        if (message.type === "live") this.#live = message.live;
        if (message.type === "reset") {
            current.tail = new Tail(message.cursor ?? null);
            this.#live = message.live ?? null;
        }
        for (const reader of this.readers) if (!reader.isWaiting) reader.take(message);
        this.parts.onHeard();
    }

    /**
     * What still carries the others goes on; who waited for the new connection is told.
     * @param {Upstream} upstream @param {any} why
     */
    #ended(upstream, why) {
        if (upstream === this.#next) this.#next = null;
        else this.#current = null;
        if (this.#next) return;
        const over = [...this.readers].filter(({ isWaiting }) => isWaiting || !this.#current);
        for (const reader of over) {
            reader.end(why);
            this.leave(reader);
        }
    }
}
