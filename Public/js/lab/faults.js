// @ts-check
/**
 * Faults on purpose, where the server makes any: one after the other, each begun when all lanes are
 * whole, each over when all are whole again.
 */

import { Problem } from "../base/api.js";
import { LAB_FAULTS } from "../base/addresses.js";
import { fetchInTime } from "../base/deadline.js";
import { sleep } from "../base/sleep.js";

/** @typedef {import("./record.js").FaultRecord} FaultRecord */

/** Those that have a name here. */
export const KINDS = ["delay", "cut", "hold", "bad-gateway", "half-open", "slow", "outage"];

const LOOK_EVERY_MS = 100;
/** So long the slowest lane has to be whole again: a dead stream is given up after 2.5 heartbeats. */
const PATIENCE_MS = 60_000;

export class Faults {
    /** @type {FaultRecord[]} by the server's clock, in milliseconds of the run */
    all = [];
    isUnderWay = false;

    /**
     * @param {object} options
     * @param {readonly string[]} options.kinds in their order
     * @param {number} options.seconds each
     * @param {string} options.run its name, with which its lanes' addresses begin
     */
    constructor({ kinds, seconds, run }) {
        this.kinds = kinds;
        this.seconds = seconds;
        this.run = run;
        this.isUnderWay = kinds.length > 0;
    }

    /**
     * @param {object} options
     * @param {number} options.startedAtEpoch
     * @param {(at: number) => boolean} options.isWholeSince whether every lane has heard of something
     *   that was committed at that moment or later, and of all before
     * @param {() => boolean} options.isOver
     */
    async make({ startedAtEpoch, isWholeSince, isOver }) {
        /** @param {() => boolean} isSo @param {number} [patience] */
        const until = async (isSo, patience = PATIENCE_MS) => {
            const end = performance.now() + patience;
            while (!isSo() && !isOver() && performance.now() < end) await sleep(LOOK_EVERY_MS);
        };
        try {
            await until(() => isWholeSince(Number.NEGATIVE_INFINITY));
            for (const kind of this.kinds) {
                if (isOver()) return;
                const { from, until: to } = await this.#begin(kind);
                const fault = {
                    kind,
                    from: Date.parse(from) - startedAtEpoch,
                    to: Date.parse(to) - startedAtEpoch,
                };
                this.all.push(fault);
                await until(() => false, this.seconds * 1_000);
                await until(() => isWholeSince(fault.to));
            }
        } finally {
            this.isUnderWay = false;
        }
    }

    /** @param {string} kind @returns {Promise<{from: string, until: string}>} */
    async #begin(kind) {
        const body = JSON.stringify({ run: this.run, fault: kind, ms: this.seconds * 1_000 });
        const headers = { "Content-Type": "application/json" };
        const answer = await fetchInTime(LAB_FAULTS, { method: "POST", headers, body });
        if (!answer.ok) throw await Problem.from(answer);
        return answer.json();
    }
}
