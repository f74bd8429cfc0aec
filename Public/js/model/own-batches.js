// @ts-check
/** The reader's own batches that hold photos, the newest first, as far as they were asked for. */

import { BATCHES } from "../base/addresses.js";
import { ownBatches } from "../base/api.js";

/** @typedef {import("../base/api.js").OwnBatch} OwnBatch */

export class OwnBatches {
    /** @type {OwnBatch[]} */ known = [];
    /** @type {string | undefined} where the list goes on */ #next;

    /** @param {number} limit of what one answer lists */
    constructor(limit) {
        this.#next = `${BATCHES}?limit=${limit}`;
    }

    /** Whether the server has told of all. */
    get isWhole() {
        return this.#next === undefined;
    }

    /**
     * Asks on until so many more are known, or there are none.
     * @param {number} count
     */
    async more(count) {
        const wanted = this.known.length + count;
        while (this.#next !== undefined && this.known.length < wanted) {
            const { batches, next } = await ownBatches(this.#next);
            this.known = this.known.concat(batches.filter(({ images }) => images > 0));
            this.#next = next;
        }
    }

    /** @param {string} id of one that was deleted */
    leave(id) {
        this.known = this.known.filter((one) => one.id !== id);
    }

    /** @param {string} id @param {string | undefined} name that it has now */
    rename(id, name) {
        this.known = this.known.map((one) => (one.id === id ? { ...one, name } : one));
    }
}
