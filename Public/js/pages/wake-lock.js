// @ts-check
/** A screen that goes dark ends uploads on phones: it stays on while some are under way. */

/** @typedef {{release(): Promise<void>, released: boolean}} Lock */

export class WakeLock {
    /** @type {Lock | null} */ #lock = null;
    #isWanted = false;
    #isAsking = false;

    constructor() {
        // A hidden page loses its lock.
        document.addEventListener("visibilitychange", () => this.#settle());
    }

    /** @param {boolean} isWanted */
    want(isWanted) {
        if (isWanted === this.#isWanted) return;
        this.#isWanted = isWanted;
        void this.#settle();
    }

    async #settle() {
        if (this.#isAsking) return;
        this.#isAsking = true;
        try {
            const isHeld = this.#lock !== null && !this.#lock.released;
            if (this.#isWanted && !isHeld && !document.hidden) {
                // There is none on plain http, and none while the battery is low: uploads go on.
                this.#lock = (await screenLock()) ?? null;
            }
            if (!this.#isWanted) {
                await this.#lock?.release();
                this.#lock = null;
            }
        } finally {
            this.#isAsking = false;
        }
        // What was wanted may have changed meanwhile.
        if (!this.#isWanted && this.#lock) void this.#settle();
    }
}

/** @returns {Promise<Lock | null>} null on plain http, and where the browser would rather not */
async function screenLock() {
    const { wakeLock } = /** @type {any} */ (navigator);
    return wakeLock?.request("screen").catch(() => null) ?? null;
}
