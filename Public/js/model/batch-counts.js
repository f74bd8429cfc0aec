// @ts-check
/**
 * The whole batch as numbers, kept up by what changed and never by counting all again: with 2,000
 * photos an event costs as much as with two.
 */

import { isFinal, sizeOf, viewOf } from "./photo-state.js";

/** @typedef {{total: number, ready: number, working: number, refused: number,
 *             sending: number, paused: number, retryable: number, bytes: number,
 *             received: number, done: number}} Sums */

/** A byte costs about as long to send as to develop, until the pace says otherwise. */
const UPLOAD_SHARE = 0.5;
const SENDING = new Set(["queued", "creating", "sending", "waiting"]);

/** @returns {Sums} */
const nothing = () => ({
    total: 0,
    ready: 0,
    working: 0,
    refused: 0,
    sending: 0,
    paused: 0,
    retryable: 0,
    bytes: 0,
    received: 0,
    done: 0,
});

/** @param {import("./photo-state.js").Photo} photo @returns {Sums} what one photo adds */
function shareOf(photo) {
    const { state, received, processing } = viewOf(photo, false);
    const size = Math.max(1, sizeOf(photo));
    const over = isFinal(state);
    const done = UPLOAD_SHARE * received + (1 - UPLOAD_SHARE) * processing;
    return {
        total: 1,
        ready: Number(state === "ready"),
        working: Number(!over),
        refused: Number(over && state !== "ready"),
        sending: Number(!over && SENDING.has(photo.task?.state ?? "")),
        paused: Number(!over && photo.task?.state === "paused"),
        retryable: Number(photo.image?.state === "failed" || photo.task?.state === "blocked"),
        bytes: size,
        // Whole bytes: sums of them never drift, however often a photo changes.
        received: Math.round(size * (over ? 1 : received)),
        done: Math.round(size * (over ? 1 : done)),
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

    /** @returns {Sums} with `received` and `done` as parts of the whole, 0…1 */
    get sums() {
        const { bytes } = this.#sums;
        const part = (/** @type {number} */ sum) => (bytes === 0 ? 0 : sum / bytes);
        const { received, done } = this.#sums;
        return { ...this.#sums, received: part(received), done: part(done) };
    }

    /** @param {Sums | undefined} share @param {1 | -1} sign */
    #add(share, sign) {
        for (const [name, value] of Object.entries(share ?? {})) {
            /** @type {any} */ (this.#sums)[name] += sign * value;
        }
    }
}
