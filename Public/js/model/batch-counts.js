// @ts-check
/**
 * The whole batch as numbers, kept up by what changed and never by counting all again: with 2,000
 * photos an event costs as much as with two.
 */

import { progressOf, sizeOf, standingOf } from "./photo-state.js";

/** @typedef {{total: number, ready: number, failed: number, cancelled: number, expired: number, active: number,
 *             paused: number, interrupted: number, held: number, sending: number, uploaded: number, retryable: number, bytes: number,
 *             received: number, done: number, sentBytes: number, processedBytes: number,
 *             bytesToSend: number, bytesToProcess: number}} Sums `uploaded`: and not
 *   processed yet; `bytes` of all files; `received`, `done`: as parts of them, 0…1; `bytesToSend`, `bytesToProcess`: of the active photos alone */

const OVER = new Set(["ready", "failed", "cancelled", "expired"]);
const SENDING = new Set(["queued", "creating", "comparing", "sending", "waiting"]);

/** @returns {Sums} */
const nothing = () => ({
    total: 0,
    ready: 0,
    failed: 0,
    cancelled: 0,
    expired: 0,
    active: 0,
    paused: 0,
    interrupted: 0,
    held: 0,
    sending: 0,
    uploaded: 0,
    retryable: 0,
    bytes: 0,
    received: 0,
    done: 0,
    sentBytes: 0,
    processedBytes: 0,
    bytesToSend: 0,
    bytesToProcess: 0,
});

const NAMES = /** @type {(keyof Sums)[]} */ (Object.keys(nothing()));

/** @param {import("./photo-state.js").Photo} photo @returns {Sums} what one photo adds */
function shareOf(photo) {
    const { received, processing, done } = progressOf(photo);
    const standing = standingOf(photo);
    const size = Math.max(1, sizeOf(photo));
    const over = OVER.has(standing);
    const sentBytes = Math.round(size * received);
    const processedBytes = Math.round(size * processing);
    const left = (/** @type {number} */ bytes) => (standing === "active" ? size - bytes : 0);
    return {
        ...nothing(),
        total: 1,
        [standing]: 1,
        sending: Number(!over && SENDING.has(photo.task?.state ?? "")),
        uploaded: Number(standing === "active" && received === 1),
        retryable: Number(photo.image?.state === "failed" || photo.task?.state === "blocked"),
        bytes: size,
        // Whole bytes: sums of them never drift, however often a photo changes.
        received: over ? size : sentBytes,
        done: over ? size : Math.round(size * done),
        sentBytes,
        processedBytes,
        bytesToSend: left(sentBytes),
        bytesToProcess: left(processedBytes),
    };
}

export class BatchCounts {
    /** @type {Map<string, Sums>} */ #shares = new Map();
    #sums = nothing();

    /** @param {{key: string} & import("./photo-state.js").Photo} photo a new or a changed one */
    enter(photo) {
        this.#add(this.#shares.get(photo.key), -1);
        const share = shareOf(photo);
        this.#shares.set(photo.key, share);
        this.#add(share, 1);
    }

    /** @param {string} key */
    leave(key) {
        this.#add(this.#shares.get(key), -1);
        this.#shares.delete(key);
    }

    /** @returns {Sums} */
    get sums() {
        const { bytes } = this.#sums;
        const part = (/** @type {number} */ sum) => (bytes === 0 ? 0 : sum / bytes);
        const { received, done } = this.#sums;
        return { ...this.#sums, received: part(received), done: part(done) };
    }

    /** @param {Sums | undefined} share @param {1 | -1} sign */
    #add(share, sign) {
        if (!share) return;
        for (const name of NAMES) this.#sums[name] += sign * share[name];
    }
}
