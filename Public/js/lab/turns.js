// @ts-check
/** One queue: so many at a time, in the order they came. */

export class Turns {
    #free;
    /** @type {(() => void)[]} */ #waiting = [];

    /** @param {number} atOnce */
    constructor(atOnce) {
        this.#free = atOnce;
    }

    /**
     * @param {AbortSignal | null} [signal] who gives up waiting leaves the queue
     * @returns {Promise<() => void>} ends the turn; called twice it ends it once
     */
    async take(signal) {
        if (this.#free === 0) await this.#wait(signal);
        else this.#free -= 1;
        let isOver = false;
        return () => {
            if (isOver) return;
            isOver = true;
            const next = this.#waiting.shift();
            if (next) next();
            else this.#free += 1;
        };
    }

    /** @param {AbortSignal | null} [signal] @returns {Promise<void>} */
    #wait(signal) {
        return new Promise((resolve, reject) => {
            const come = () => {
                signal?.removeEventListener("abort", leave);
                resolve();
            };
            const leave = () => {
                this.#waiting = this.#waiting.filter((one) => one !== come);
                reject(new DOMException("it left the queue", "AbortError"));
            };
            if (signal?.aborted) return leave();
            signal?.addEventListener("abort", leave, { once: true });
            this.#waiting.push(come);
        });
    }
}
