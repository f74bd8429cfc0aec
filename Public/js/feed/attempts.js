// @ts-check
/** How often the feed failed in a row, and so how long it waits. */

import { backoff } from "../base/backoff.js";

export class Attempts {
    count = 0;

    /** @param {() => number} random 0…1 */
    constructor(random) {
        this.random = random;
    }

    reset() {
        this.count = 0;
    }

    /** What follows is a repetition, though nothing was waited for. */
    note() {
        this.count = Math.max(1, this.count);
    }

    /**
     * @param {number} retryAfterMs as the server asked; 0 if it did not
     * @param {number} floorMs the shortest pause of the transport
     * @returns {number} milliseconds
     */
    next(retryAfterMs, floorMs) {
        const ms = backoff(this.count, this.random(), retryAfterMs);
        this.count += 1;
        return Math.max(ms, floorMs);
    }
}
