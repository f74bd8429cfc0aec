// @ts-check
/**
 * How far the whole batch is: never running backwards while the same photos are in it, and an
 * estimate of the time left that follows the pace without jumping.
 */

/** @typedef {import("./batch-counts.js").Sums} Sums */
/** @typedef {Sums & {secondsLeft: number | null}} Summary */

const SMOOTHING_SECONDS = 6;
const SILENT_SECONDS = 2;
/** Without any progress for so long, nobody can say how much longer it takes. */
const STALL_SECONDS = 15;
/** Longer estimates say nothing but that it is slow. */
const LONGEST_SECONDS = 24 * 3_600;

export class Pace {
    #total = 0;
    #best = 0;
    #rate = 0;
    #startedAt = 0;
    #at = 0;
    #done = 0;
    /** When there was progress last. */
    #movedAt = 0;

    /**
     * @param {Sums} summary
     * @param {number} now seconds
     * @returns {Summary}
     */
    follow(summary, now) {
        if (summary.total !== this.#total) this.#restart(summary, now);
        if (summary.done > this.#best) this.#movedAt = now;
        this.#best = Math.max(this.#best, summary.done);
        const elapsed = now - this.#at;
        if (elapsed >= 0.5) this.#measure(elapsed, now);
        return { ...summary, done: this.#best, secondsLeft: this.#secondsLeft(now) };
    }

    /** @param {number} now */
    #secondsLeft(now) {
        const isSilent = now - this.#startedAt <= SILENT_SECONDS;
        if (isSilent || this.#rate <= 0 || now - this.#movedAt > STALL_SECONDS) return null;
        const seconds = (1 - this.#best) / this.#rate;
        return seconds < LONGEST_SECONDS ? seconds : null;
    }

    /** @param {Sums} summary @param {number} now */
    #restart({ total, done }, now) {
        this.#total = total;
        this.#best = done;
        this.#done = done;
        this.#movedAt = now;
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
