// @ts-check
/** Where the page stands in the log: its cursor, and the ledger that proves it. */

import { epochOf, Ledger, sequenceOf } from "./ledger.js";

/** @typedef {import("./feed-machine.js").Message} Message */
/** @typedef {import("./ledger.js").Reader} Reader */

export class Position {
    resets = 0;
    /** @type {number | null} */ #gapAt = null;

    /** @param {string | null} cursor */
    constructor(cursor) {
        this.cursor = cursor;
        this.ledger = new Ledger(sequenceOf(cursor));
    }

    /** @param {Message} message a change @param {Reader} reader */
    enter(message, reader) {
        const verdict = this.ledger.enter(message.event.seq, reader);
        if (verdict === "gap") this.#missed();
        if (verdict !== "next") return verdict;
        if (message.cursor) this.cursor = message.cursor;
        this.#gapAt = null;
        return verdict;
    }

    /** @param {string | null} cursor of a document */
    isBehind(cursor) {
        if (epochOf(cursor) !== epochOf(this.cursor)) return true;
        return (sequenceOf(cursor) ?? 0) > (this.ledger.last ?? 0);
    }

    /**
     * A whole document came.
     * @param {Message} message @param {Reader} reader
     */
    restart(message, reader) {
        this.cursor = message.cursor ?? null;
        const seq = sequenceOf(this.cursor);
        this.ledger.restart(seq);
        reader.seen = seq;
        this.resets += 1;
    }

    /**
     * A number was skipped: one asks again from the last good cursor, and if that leaves the same
     * hole, for the whole document.
     */
    #missed() {
        if (this.#gapAt === this.ledger.last) this.cursor = null;
        this.#gapAt = this.ledger.last;
    }
}
