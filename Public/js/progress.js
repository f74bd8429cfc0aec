// @ts-check
/**
 * The whole batch as numbers: never running backwards while the same photos are in it, and an
 * estimate of the time left that follows the pace without jumping.
 */

import { isFinal, viewOf } from "./photo-view.js";

/** @typedef {{total: number, ready: number, working: number, refused: number,
 *             received: number, done: number, secondsLeft: number | null}} Summary */

/** A byte costs about as long to send as to develop, until the pace says otherwise. */
const UPLOAD_SHARE = 0.5;
const SMOOTHING_SECONDS = 6;
const SILENT_SECONDS = 2;

/** @param {Iterable<import("./photo-view.js").Photo>} photos @returns {Omit<Summary, "secondsLeft">} */
export function summarize(photos) {
    const sum = { total: 0, ready: 0, working: 0, refused: 0 };
    let bytes = 0;
    let received = 0;
    let done = 0;
    for (const photo of photos) {
        const view = viewOf(photo, false);
        const size = Math.max(1, photo.image?.size ?? photo.file?.size ?? 1);
        const over = isFinal(view.state);
        sum.total += 1;
        if (view.state === "ready") sum.ready += 1;
        else if (over) sum.refused += 1;
        else sum.working += 1;
        bytes += size;
        received += size * (over ? 1 : view.received);
        done +=
            size * (over ? 1 : UPLOAD_SHARE * view.received + (1 - UPLOAD_SHARE) * view.processing);
    }
    const share = (/** @type {number} */ part) => (bytes === 0 ? 0 : part / bytes);
    return { ...sum, received: share(received), done: share(done) };
}

export class Pace {
    #total = 0;
    #best = 0;
    #rate = 0;
    #startedAt = 0;
    #at = 0;
    #done = 0;

    /**
     * @param {Omit<Summary, "secondsLeft">} summary
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

    /** @param {Omit<Summary, "secondsLeft">} summary @param {number} now */
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
