// @ts-check
/**
 * One opening of one page, as the shared worker keeps it: where it stands, and how much it was
 * given that it has not yet taken. A page that is frozen, or gone without a word, takes nothing;
 * it is let go, and reads on from its own cursor when it wakes.
 */

import { epochOf, sequenceOf } from "../feed/ledger.js";

/** @typedef {import("../feed-machine.js").Message} Message */

const MOST_UNTAKEN = 500;
const LONGEST_UNTAKEN_MS = 60_000;

export class Reader {
    /** Whether it needs a connection that has not yet spoken. */
    isWaiting = false;
    #untaken = 0;
    #waitingSince = 0;

    /**
     * @param {object} parts
     * @param {string | null} parts.after
     * @param {(told: object) => void} parts.tell
     * @param {() => number} parts.now
     */
    constructor({ after, tell, now }) {
        this.cursor = after;
        this.seen = sequenceOf(after);
        this.tell = tell;
        this.now = now;
    }

    get isStuck() {
        if (this.#untaken === 0) return false;
        const waited = this.now() - this.#waitingSince;
        return this.#untaken > MOST_UNTAKEN || waited > LONGEST_UNTAKEN_MS;
    }

    /** @param {Message} message what it has already is left out */
    take(message) {
        if (message.type === "change") {
            if (this.seen !== null && message.event.seq <= this.seen) return;
            this.seen = message.event.seq;
            this.cursor = message.cursor ?? `${epochOf(this.cursor)}.${this.seen}`;
        }
        if (message.type === "reset") {
            this.cursor = message.cursor ?? null;
            this.seen = sequenceOf(this.cursor);
        }
        if (this.#untaken === 0) this.#waitingSince = this.now();
        this.#untaken += 1;
        this.tell({ message });
    }

    /** The page has taken one. */
    taken() {
        this.#untaken = Math.max(0, this.#untaken - 1);
        this.#waitingSince = this.now();
    }

    offer() {
        this.tell({ offers: true });
    }

    /** @param {any} why */
    end(why) {
        this.tell({ end: true, why });
    }
}
