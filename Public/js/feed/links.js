// @ts-check
/**
 * The connection that carries the events, and the one that is to take its place: make before
 * break. Each opening has a generation, and what a closed one still says is dropped.
 */

import { Connection } from "./connection.js";
import { sequenceOf } from "./ledger.js";

/** @typedef {import("./feed-machine.js").Action} Action */
/** @typedef {import("./feed-machine.js").Transport} Transport */

export class Links {
    /** @type {Connection | null} */ current = null;
    /** @type {Connection | null} */ candidate = null;
    #gen = 0;

    /**
     * @param {object} opening
     * @param {Transport} opening.transport
     * @param {string | null} opening.after
     * @param {number} opening.now
     * @param {boolean} opening.climbing
     * @returns {Action[]} a candidate that was there before is closed
     */
    open({ transport, after, now, climbing }) {
        const given = this.#close(this.candidate);
        this.#gen += 1;
        const gen = this.#gen;
        const seen = sequenceOf(after);
        this.candidate = new Connection({ gen, transport, seen, now, climbing });
        return [...given, { do: "open", gen, transport, after }];
    }

    /**
     * The candidate has spoken: now it carries the events.
     * @param {number} now @returns {Action[]}
     */
    promote(now) {
        const given = this.#close(this.current);
        this.current = this.candidate;
        this.candidate = null;
        if (this.current) this.current.promotedAt = now;
        return given;
    }

    /** @returns {Action[]} */
    dropCurrent() {
        const given = this.#close(this.current);
        this.current = null;
        return given;
    }

    /** It failed by itself: there is nothing to close. */
    dropCandidate() {
        const { candidate } = this;
        this.candidate = null;
        return candidate;
    }

    /** @returns {Action[]} */
    dropAll() {
        const given = [...this.dropCurrent(), ...this.#close(this.candidate)];
        this.candidate = null;
        return given;
    }

    /** @param {Connection | null} connection @returns {Action[]} */
    #close(connection) {
        return connection ? [{ do: "close", gen: connection.gen }] : [];
    }
}
