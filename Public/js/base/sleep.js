// @ts-check
/** One way of waiting. Tests hold the clock. */

/** @typedef {{set(run: () => void, ms: number): any, clear(id: any): void}} Timers */

/** @type {Timers} */
export const browserTimers = {
    set: (run, ms) => setTimeout(run, ms),
    clear: (id) => clearTimeout(id),
};

/**
 * @param {number} ms
 * @param {{signal?: AbortSignal, clock?: Timers}} [options] `signal` ends the wait at once
 * @returns {Promise<void>} never fails: whoever gave the signal looks at it
 */
export function sleep(ms, options = {}) {
    const { signal, clock = browserTimers } = options;
    return new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const wake = () => {
            clock.clear(timer);
            signal?.removeEventListener("abort", wake);
            resolve();
        };
        const timer = clock.set(wake, ms);
        signal?.addEventListener("abort", wake);
    });
}
