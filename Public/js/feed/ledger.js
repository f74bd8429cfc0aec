// @ts-check
/**
 * The proof that nothing was lost: every event that reaches the page is entered by its number.
 *
 * A number that is skipped is not applied: the feed asks again from the last good cursor, and only
 * what never comes is counted as lost. A connection that takes over from another one legitimately
 * sends again what the other delivered meanwhile; that overlap is not a repetition.
 */

/**
 * The sequence number inside a cursor (`epoch.seq`), or null where there is none to be read.
 * @param {string | null | undefined} cursor
 * @returns {number | null}
 */
export function sequenceOf(cursor) {
    const digits = /\.(\d+)$/.exec(cursor ?? "");
    return digits ? Number(digits[1]) : null;
}

/**
 * The log that a cursor belongs to; another one after the server's store was replaced.
 * @param {string | null} cursor
 * @returns {string | null}
 */
export const epochOf = (cursor) => cursor?.slice(0, Math.max(0, cursor.lastIndexOf("."))) ?? null;

/** What one connection has sent so far; `seen` starts at the cursor it was opened with. */
/** @typedef {{seen: number | null}} Reader */

export class Ledger {
    /**
     * The last event applied.
     * @type {number | null}
     */
    last = null;
    /** The highest number ever seen, applied or not. */
    highest = 0;
    events = 0;
    repeated = 0;
    reordered = 0;
    #forgone = 0;

    /** @param {number | null} last */
    constructor(last = null) {
        this.last = last;
        this.highest = last ?? 0;
    }

    /** Events known to exist that have not come: given up, or still awaited. */
    get lost() {
        return this.#forgone + this.#awaited;
    }

    get #awaited() {
        return this.last === null ? 0 : Math.max(0, this.highest - 1 - this.last);
    }

    /**
     * A whole document arrived: all up to `seq` is inside it.
     * @param {number | null} seq
     */
    restart(seq) {
        this.#forgone += this.#awaited;
        this.last = seq;
        this.highest = seq ?? 0;
    }

    /**
     * Enters an event. Only `next` may be applied.
     * @param {number} seq
     * @param {Reader} reader
     * @returns {"next" | "overlap" | "repeated" | "gap"}
     */
    enter(seq, reader) {
        if (this.last !== null && seq <= this.last) return this.#enterKnown(seq, reader);
        const late = seq < this.highest;
        this.highest = Math.max(this.highest, seq);
        if (this.last !== null && seq > this.last + 1) return "gap";
        reader.seen = seq;
        this.last = seq;
        this.events += 1;
        if (late) this.reordered += 1;
        return "next";
    }

    /** @param {number} seq @param {Reader} reader @returns {"overlap" | "repeated"} */
    #enterKnown(seq, reader) {
        if (reader.seen !== null && seq > reader.seen) {
            reader.seen = seq;
            return "overlap";
        }
        this.repeated += 1;
        return "repeated";
    }
}
