// @ts-check
/** How old what the page knows may be: what was told is true until something else could be told. */

/** @typedef {import("./connection.js").Connection} Connection */

/** Between two polls nothing can be told; the others keep something open for it. */
const HAS_PAUSES = new Set(["polling", "adaptive"]);
/** What a heartbeat may be late by on its way. */
const LATE_MS = 1_000;

export class Freshness {
    #knownAt = 0;

    /** @param {number} now all that happened until now has been told */
    note(now) {
        this.#knownAt = now;
    }

    /**
     * @param {Connection | null} current @param {string} state of the feed @param {number} now
     * @returns {number} milliseconds
     */
    age(current, state, now) {
        if (current && state === "live" && !HAS_PAUSES.has(current.transport)) {
            if (now - current.heardAt <= current.heartbeatMs + LATE_MS) return 0;
        }
        return now - this.#knownAt;
    }
}
