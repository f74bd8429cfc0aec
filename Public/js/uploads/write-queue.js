// @ts-check
/**
 * Writes to this browser's database, in the order in which they were given. Those that wait at the same time go in one
 * transaction, for that costs more than most writes do; each caller is told what became of its own. It decides when and with
 * whom a write goes; the transaction is its owner's.
 */

import { browserTimers } from "../base/sleep.js";

/** Long enough for company, and too short for anybody to notice. */
const WAIT_MS = 100;

/** @typedef {import("../base/sleep.js").Timers} Timers */
/**
 * @template Stores
 * @typedef {(stores: Stores) => unknown} Act asks for all that it writes; one that has to read first is asynchronous, and waits
 *   for nothing but requests of its transaction. Where that fails it is called again
 */
/**
 * @template Stores
 * @typedef {{act: Act<Stores>, resolve: (value: any) => void, reject: (reason: unknown) => void}} Write
 */

/** @template Stores */
export class WriteQueue {
    /** @type {Write<Stores>[]} */ #waiting = [];
    /** @type {Promise<void> | null} until the transaction under way has ended */ #running = null;
    /** Whether what waits goes as soon as that has. */
    #isUrgent = false;
    /** @type {any} */ #timer = null;

    /**
     * @param {(acts: Act<Stores>[]) => Promise<unknown[]>} transact does them one after another in one transaction; their
     *   values once it is committed, and otherwise nothing is written
     * @param {Timers} [clock]
     */
    constructor(transact, clock = browserTimers) {
        this.transact = transact;
        this.clock = clock;
    }

    /**
     * As soon as those before it are written.
     * @template Value
     * @param {(stores: Stores) => Value} act
     * @returns {Promise<Awaited<Value>>} what it returned, once it is committed
     */
    write(act) {
        const written = this.#add(act);
        this.#hurry();
        return written;
    }

    /**
     * With the next that is in a hurry, or a little later.
     * @template Value
     * @param {(stores: Stores) => Value} act
     * @returns {Promise<Awaited<Value>>} what it returned, once it is committed
     */
    writeSoon(act) {
        const written = this.#add(act);
        this.#timer ??= this.clock.set(() => this.#hurry(), WAIT_MS);
        return written;
    }

    /** Until all that was given so far is written, or failed. */
    async settle() {
        while (this.#waiting.length > 0 || this.#running) {
            this.#hurry();
            await this.#running;
        }
    }

    /** The page is being left: what waits is handed to the database, which keeps the order. */
    leave() {
        if (this.#waiting.length > 0) void this.#carry(this.#take());
    }

    /** @param {Act<Stores>} act @returns {Promise<any>} */
    #add(act) {
        return new Promise((resolve, reject) => this.#waiting.push({ act, resolve, reject }));
    }

    #hurry() {
        this.#isUrgent = true;
        this.#next();
    }

    #next() {
        if (this.#running || !this.#isUrgent || this.#waiting.length === 0) return;
        this.#running = this.#carry(this.#take()).then(() => {
            this.#running = null;
            this.#next();
        });
    }

    /** @returns {Write<Stores>[]} all that wait */
    #take() {
        this.clock.clear(this.#timer);
        this.#timer = null;
        this.#isUrgent = false;
        return this.#waiting.splice(0);
    }

    /** @param {Write<Stores>[]} writes */
    async #carry(writes) {
        try {
            const values = await this.transact(writes.map(({ act }) => act));
            for (const [at, { resolve }] of writes.entries()) resolve(values[at]);
        } catch (error) {
            if (writes.length === 1) return writes[0].reject(error);
            // One that cannot be written takes none of the others along.
            for (const write of writes) await this.#carry([write]);
        }
    }
}
