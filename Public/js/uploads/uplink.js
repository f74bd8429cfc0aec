// @ts-check
/**
 * What this page learns of the way to its server: how large a request passes what lies between, how
 * fast bytes arrive, and whether PATCH does. A proxy announces none of it, so it is found out, and
 * remembered in this browser for a day. Browsers keep that apart by origin.
 */

import { STALL_MS } from "../base/deadline.js";

const KEY = "revela.uplink";
const DAY_MS = 24 * 3_600_000;

/** The first bytes go alone: they are enough for the server to refuse a file that is no photo. */
export const FIRST_BYTES = 256 * 1024;
/** No request is smaller, whatever was refused, but for the end of a file. */
export const LEAST_BYTES = 8 * 1024;
/** No request is larger: less than what the large services in front of servers let pass, 100 MB. */
export const MOST_BYTES = 64 * 1024 * 1024;

/** An answer may take so many times as long as its bytes did lately. */
const SLACK = 3;
const LONGEST_MS = 15 * 60_000;

/** @typedef {Pick<Storage, "getItem" | "setItem">} Memory */

export class Uplink {
    /** Bytes of one request that the server says may pass. */
    #announced = MOST_BYTES;
    /** The smallest request that was refused for its size. */
    #refused = Infinity;
    /** The largest that passed. */
    #passed = 0;
    /** Bytes a millisecond that arrived lately; 0 while nothing is known. */
    #rate = 0;
    /** Whether PATCH is sent as a POST that says so. */
    isDisguised = false;
    /** The disguise has passed. */
    #isProven = false;

    /**
     * @param {Memory | undefined} memory
     * @param {() => number} [now] milliseconds since 1970
     */
    constructor(memory, now = Date.now) {
        this.memory = memory;
        this.now = now;
        this.#recall();
    }

    /**
     * How many bytes the next request carries: a first piece, then all that is left, as far as that
     * is known to pass. Of a guess that may fail no more than the file is risked: in all, little more
     * than twice the file ever leaves.
     * @param {number} offset @param {number} size of the file
     * @param {number} [wasted] bytes of it that left and did not arrive
     */
    nextLength(offset, size, wasted = 0) {
        const left = size - offset;
        const isFirst = offset === 0 && left > 2 * FIRST_BYTES;
        const wished = Math.min(isFirst ? FIRST_BYTES : left, this.#announced);
        const passes = Math.max(Math.floor(this.#refused / 2), this.#passed, LEAST_BYTES);
        const guess = Math.min(wished, passes);
        const sure = Math.max(LEAST_BYTES, Math.min(this.#passed, FIRST_BYTES));
        return Math.min(guess, Math.max(size - wasted, sure));
    }

    /** @param {number} bytes of one request, as the server announces it */
    announce(bytes) {
        this.#announced = Math.max(LEAST_BYTES, Math.min(bytes, MOST_BYTES));
    }

    /** @param {number} length of a request that was answered by the server itself */
    passed(length) {
        if (length >= this.#refused) this.#refused = Infinity;
        this.#passed = Math.max(this.#passed, length);
        if (this.isDisguised) this.#isProven = true;
        this.#remember();
    }

    /** @param {number} length of a request that something between refused for its size */
    refused(length) {
        this.#refused = Math.min(this.#refused, length);
        if (length <= this.#passed) this.#passed = 0;
        this.#remember();
    }

    /** @param {number} length of one that was cut and brought nothing, where smaller ones passed */
    doubted(length) {
        if (length > this.#passed) this.refused(length);
    }

    /** PATCH does not pass: it is tried as a POST. */
    disguise() {
        this.isDisguised = true;
    }

    /** Nothing passes, disguised or not: the method is not what is refused. */
    undisguise() {
        this.isDisguised = this.#isProven;
    }

    /**
     * @param {number} bytes that arrived
     * @param {number} ms in this time
     */
    measure(bytes, ms) {
        const rate = bytes / Math.max(1, ms);
        this.#rate = this.#rate === 0 ? rate : (this.#rate + rate) / 2;
    }

    /**
     * How long to wait for a sign of life. Bytes that left are not lost because no answer came: what
     * lies between may take them at once and pass them on at the pace of a slow line.
     * @param {number} bytes that left and are not answered
     * @param {number} late how often that took too long: it doubles
     * @returns {number} milliseconds
     */
    patience(bytes, late) {
        const expected = this.#rate === 0 ? 0 : (SLACK * bytes) / this.#rate;
        return Math.min(LONGEST_MS, Math.max(STALL_MS, expected) * 2 ** late);
    }

    #recall() {
        try {
            const { at, refused, passed, isDisguised } = JSON.parse(
                this.memory?.getItem(KEY) ?? "{}",
            );
            if (!(this.now() - at < DAY_MS)) return;
            this.#refused = refused ?? Infinity;
            this.#passed = passed;
            this.isDisguised = this.#isProven = isDisguised;
        } catch {
            // What is not remembered is found out again.
        }
    }

    #remember() {
        const known = {
            at: this.now(),
            passed: this.#passed,
            isDisguised: this.#isProven,
            ...(this.#refused < Infinity && { refused: this.#refused }),
        };
        try {
            this.memory?.setItem(KEY, JSON.stringify(known));
        } catch {
            // A full or forbidden storage costs only finding it out again.
        }
    }
}
