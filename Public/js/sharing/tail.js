// @ts-check
/** The latest events of a connection, without a gap, for readers that join it later. */

import { epochOf, sequenceOf } from "../feed/ledger.js";

/** @typedef {import("../feed-machine.js").Message} Message */

const MOST = 2_000;

export class Tail {
    /** @type {Message[]} */ #events = [];

    /** @param {string | null} start the cursor that the connection was opened with */
    constructor(start) {
        this.epoch = epochOf(start);
        this.base = sequenceOf(start);
    }

    /** @param {Message} message a change */
    push(message) {
        this.#events.push(message);
        if (this.#events.length <= MOST) return;
        this.base = this.#events.splice(0, MOST / 2).at(-1)?.event.seq ?? this.base;
    }

    /** @param {string | null} cursor @returns {boolean} whether nothing is missing after it */
    reaches(cursor) {
        const seen = sequenceOf(cursor);
        if (seen === null || this.base === null) return false;
        return epochOf(cursor) === this.epoch && seen >= this.base;
    }

    /** @param {number | null} seen */
    after(seen) {
        return this.#events.filter(({ event }) => seen === null || event.seq > seen);
    }
}
