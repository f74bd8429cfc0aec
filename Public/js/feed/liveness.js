// @ts-check
/**
 * Whether a connection still lives: by anything it says within two and a half heartbeats. A timer
 * that fires late says that the machine slept, not that the link is dead: what is queued is read
 * first.
 */

/** @typedef {import("./connection.js").Connection} Connection */
/** @typedef {import("./feed-machine.js").Action} Action */

const GRACE_MS = 1_000;

/** @type {Action} */
export const grace = { do: "timer", name: "grace", ms: GRACE_MS };

export class Liveness {
    #due = 0;

    /** @param {Connection} connection @param {number} now @returns {Action} */
    watch(connection, now) {
        this.#due = connection.silentAt;
        return { do: "timer", name: "liveness", ms: this.#due - now };
    }

    /**
     * The timer fired.
     * @param {Connection} connection @param {number} now
     * @returns {"well" | "asleep" | "dead"}
     */
    check(connection, now) {
        if (!connection.isSilent(now)) return "well";
        return now - this.#due > GRACE_MS ? "asleep" : "dead";
    }
}
