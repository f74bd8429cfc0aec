// @ts-check
/** How long to wait before trying again: full jitter from zero, never sooner than was asked for. */

const BASE_MS = 500;
const CAP_MS = 30_000;

export class Backoff {
    /** How often it failed in a row. */
    attempt = 0;

    /** @param {() => number} random 0…1 */
    constructor(random) {
        this.random = random;
    }

    reset() {
        this.attempt = 0;
    }

    /** What follows is a repetition, though nothing was waited for. */
    note() {
        this.attempt = Math.max(1, this.attempt);
    }

    /**
     * @param {number} retryAfterMs as the server asked; 0 if it did not
     * @param {number} floorMs the shortest pause of the transport
     * @returns {number} milliseconds
     */
    next(retryAfterMs, floorMs) {
        const jitter = this.random() * Math.min(CAP_MS, BASE_MS * 2 ** this.attempt);
        this.attempt += 1;
        return Math.max(retryAfterMs > 0 ? retryAfterMs + jitter : jitter, floorMs);
    }
}
