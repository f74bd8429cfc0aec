// @ts-check
/**
 * What `auto` tries, the best first, and why it stands where it stands. A rung that fails leads
 * one down; a rung below the top is left upwards from time to time, each failed climb making the
 * next one rarer.
 */

/** @typedef {import("./feed-machine.js").Transport} Transport */

/** @type {Transport[]} */
const RUNGS = ["websocket", "sse", "adaptive"];
const CLIMB_FIRST_MS = 30_000;
const CLIMB_CAP_MS = 300_000;

export class Ladder {
    /**
     * Why it is not on top: a key for the badge, or null.
     * @type {string | null}
     */
    reason = null;
    climbMs = CLIMB_FIRST_MS;
    #rung = 0;

    get transport() {
        return RUNGS[this.#rung];
    }

    get top() {
        return RUNGS[0];
    }

    get isOnTop() {
        return this.#rung === 0;
    }

    /** Back to the best, as if nothing had been tried. */
    restart() {
        this.#rung = 0;
        this.reason = null;
    }

    /**
     * The current rung failed.
     * @param {string} how
     * @returns {boolean} whether there was one below; else it begins again from the top
     */
    descend(how) {
        if (this.#rung === RUNGS.length - 1) {
            this.#rung = 0;
            return false;
        }
        this.reason = `${this.transport}-${how}`;
        this.#rung += 1;
        return true;
    }

    /**
     * This one answers.
     * @param {Transport} transport
     */
    settle(transport) {
        this.#rung = Math.max(0, RUNGS.indexOf(transport));
        if (!this.isOnTop) return;
        this.reason = null;
        this.climbMs = CLIMB_FIRST_MS;
    }

    climbFailed() {
        this.climbMs = Math.min(CLIMB_CAP_MS, this.climbMs * 2);
    }
}
