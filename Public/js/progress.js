// @ts-check
/**
 * How far the whole batch is: never running backwards while the same photos are in it, and an
 * estimate of the time left that follows the pace without jumping.
 */

/** @typedef {import("./tally.js").Sums} Sums */
/** @typedef {Sums & {secondsLeft: number | null}} Summary */

const SMOOTHING_SECONDS = 6;
const SILENT_SECONDS = 2;

export class Pace {
    #total = 0;
    #best = 0;
    #rate = 0;
    #startedAt = 0;
    #at = 0;
    #done = 0;

    /**
     * @param {Sums} summary
     * @param {number} now seconds
     * @returns {Summary}
     */
    follow(summary, now) {
        if (summary.total !== this.#total) this.#restart(summary, now);
        this.#best = Math.max(this.#best, summary.done);
        const elapsed = now - this.#at;
        if (elapsed >= 0.5) this.#measure(elapsed, now);
        const settled = now - this.#startedAt > SILENT_SECONDS && this.#rate > 0;
        const secondsLeft = settled ? (1 - this.#best) / this.#rate : null;
        return { ...summary, done: this.#best, secondsLeft };
    }

    /** @param {Sums} summary @param {number} now */
    #restart({ total, done }, now) {
        this.#total = total;
        this.#best = done;
        this.#done = done;
        this.#at = now;
        if (this.#rate === 0) this.#startedAt = now;
    }

    /** @param {number} elapsed @param {number} now */
    #measure(elapsed, now) {
        const rate = (this.#best - this.#done) / elapsed;
        const weight = this.#rate === 0 ? 1 : 1 - Math.exp(-elapsed / SMOOTHING_SECONDS);
        this.#rate += (rate - this.#rate) * weight;
        this.#done = this.#best;
        this.#at = now;
    }
}
