// @ts-check
/**
 * How far the whole batch is: never running backwards while the same photos are in it, and an
 * estimate of the time left. Sending and processing go on side by side, each at a pace of its own;
 * the slower one says how long it takes. While nothing is under way no time passes here.
 */

import { Rate } from "./photo-pace.js";

/** @typedef {import("./batch-counts.js").Sums} Sums */
/** @typedef {Sums & {secondsLeft: number | null, bytesPerSecond: number | null}} Summary `secondsLeft`: null where
 *   nobody can say; `bytesPerSecond`: of what is sent, null where nothing is */

const SILENT_SECONDS = 2;
/** Between two measurements. */
const STEP_SECONDS = 0.5;
/** Without any progress for so long, nobody can say how much longer it takes. */
const STALL_SECONDS = 15;
/** Longer estimates say nothing but that it is slow. */
const LONGEST_SECONDS = 24 * 3_600;

export class Pace {
    #total = 0;
    #best = 0;
    #sending = new Rate();
    #processing = new Rate();
    #at = 0;
    /** How long something was under way. */
    #activeSeconds = 0;
    /** For how long of that there was no progress. */
    #stillSeconds = 0;

    /**
     * @param {Sums} sums
     * @param {number} now seconds
     * @returns {Summary}
     */
    follow(sums, now) {
        if (sums.total !== this.#total) {
            this.#total = sums.total;
            this.#best = 0;
            this.#begin(sums, now);
        }
        if (sums.done > this.#best) this.#stillSeconds = 0;
        this.#best = Math.max(this.#best, sums.done);
        if (sums.active === 0) this.#begin(sums, now);
        else if (now - this.#at >= STEP_SECONDS) this.#measure(sums, now);
        const secondsLeft = this.#secondsLeft(sums);
        return { ...sums, done: this.#best, secondsLeft, bytesPerSecond: this.#speed(sums) };
    }

    /** @param {Sums} sums */
    #speed({ active, bytesToSend }) {
        const isKnown = active > 0 && bytesToSend > 0 && this.#activeSeconds > SILENT_SECONDS;
        const speed = isKnown ? this.#sending.bytesPerSecond : 0;
        // Less than that says only that it stands still.
        return speed >= 1 ? speed : null;
    }

    /** @param {Sums} sums */
    #secondsLeft({ active, bytesToSend, bytesToProcess }) {
        const isSilent = this.#activeSeconds <= SILENT_SECONDS;
        if (active === 0 || isSilent || this.#stillSeconds > STALL_SECONDS) return null;
        const told = [
            this.#sending.secondsFor(bytesToSend),
            this.#processing.secondsFor(bytesToProcess),
        ];
        const seconds = Math.max(...told.filter(Number.isFinite));
        if (bytesToSend > 0 && !Number.isFinite(told[0])) return null;
        return seconds > 0 && seconds < LONGEST_SECONDS ? Math.max(1, Math.ceil(seconds)) : null;
    }

    /**
     * From here on is measured.
     * @param {Sums} sums @param {number} now
     */
    #begin({ sentBytes, processedBytes }, now) {
        this.#at = now;
        this.#sending.begin(sentBytes);
        this.#processing.begin(processedBytes);
    }

    /** @param {Sums} sums @param {number} now */
    #measure({ sentBytes, processedBytes, bytesToSend, uploaded }, now) {
        const elapsed = now - this.#at;
        this.#at = now;
        this.#activeSeconds += elapsed;
        this.#stillSeconds += elapsed;
        // Where nothing is to be sent, or to be processed, that says nothing of a pace.
        if (bytesToSend > 0) this.#sending.measure(sentBytes, elapsed);
        if (uploaded > 0) this.#processing.measure(processedBytes, elapsed);
        else this.#processing.begin(processedBytes);
    }
}
