// @ts-check
/**
 * One file in the pieces that pass. Each request is noted as it begins and settled once the server
 * has told its offset: what left and did not arrive is counted, and one of which nothing arrived is
 * tried in halves.
 */

import { LEAST_BYTES } from "./uplink.js";

/** @typedef {{offset: number, length: number, left: number, began: number, ended: number,
 *             failure: "none" | "cut" | "late"}} Sent
 *   `left`: bytes that left this browser; `began`, `ended`: milliseconds */

export class Chunks {
    /** Bytes that left and did not arrive. */
    wasted = 0;
    #most = Infinity;
    /** How often, one after the other, an answer took too long. */
    #late = 0;
    /** The length of a request that was cut and brought nothing: it may have been too large. */
    #doubted = Infinity;
    /** @type {Sent | null} */ #sent = null;
    /** Whether the request goes by POST in place of PATCH. */
    isDisguised = false;

    /**
     * @param {number} size of the file
     * @param {import("./uplink.js").Uplink} uplink
     * @param {() => number} [now]
     */
    constructor(size, uplink, now = () => performance.now()) {
        this.size = size;
        this.uplink = uplink;
        this.now = now;
    }

    /** Before a request, of bytes or none: how it goes stays so, whatever others learn meanwhile. */
    prepare() {
        this.isDisguised = this.uplink.isDisguised;
        return this;
    }

    /** @param {number} offset @returns {number} bytes of the request that begins here */
    begin(offset) {
        this.prepare();
        const length = Math.min(this.uplink.nextLength(offset, this.size, this.wasted), this.#most);
        const began = this.now();
        this.#sent = { offset, length, left: 0, began, ended: began, failure: "none" };
        return length;
    }

    /** @param {number} left bytes of this request that left so far */
    progress(left) {
        if (this.#sent) this.#sent.left = left;
    }

    /** @returns {number} milliseconds that this request may go on without a sign */
    get patience() {
        return this.uplink.patience(this.#sent?.left ?? 0, this.#late);
    }

    /**
     * This request got no answer.
     * @param {boolean} isLate its time was over
     */
    fail(isLate) {
        if (!this.#sent) return;
        this.#sent.failure = isLate ? "late" : "cut";
        this.#sent.ended = this.now();
    }

    /** Something between refused this request for its size. */
    refuse() {
        if (!this.#sent) return;
        this.uplink.refused(this.#sent.length);
        this.wasted += this.#sent.left;
        this.#sent = null;
    }

    /** Whether this request is as small as any. */
    get isLeast() {
        return (this.#sent?.length ?? 0) <= LEAST_BYTES;
    }

    /** @param {number} offset where the server says that the file stands */
    settle(offset) {
        const sent = this.#sent;
        this.#sent = null;
        if (!sent) return;
        const { length, left, began, failure } = sent;
        const arrived = Math.max(0, offset - sent.offset);
        this.wasted += Math.max(0, left - arrived);
        const isWhole = arrived >= length;
        const ended = failure === "none" ? this.now() : sent.ended;
        // One that a person paused says nothing of the way.
        if (isWhole || (arrived > 0 && failure !== "none")) {
            this.uplink.measure(arrived, ended - began);
        }
        if (isWhole) return this.#pass(length);
        if (failure === "late") this.#late += 1;
        if (arrived > 0 || left === 0) return;
        this.#most = Math.max(LEAST_BYTES, Math.floor(length / 2));
        if (failure === "cut") this.#doubted = length;
    }

    /** @param {number} length */
    #pass(length) {
        this.uplink.passed(length);
        // Smaller ones pass where that did not: it was too large for whatever lies between.
        if (length < this.#doubted && this.#doubted < Infinity) this.uplink.doubted(this.#doubted);
        this.#doubted = Infinity;
        this.#late = 0;
        this.#most *= 2;
    }
}
