// @ts-check
/**
 * A network that went away without a word lets a request hang for minutes. So nothing here waits
 * for ever: whatever has not moved for a while is given up, and tried again by who asked.
 */

export const STALL_MS = 20_000;

/** Calls `bark` once nothing fed it for so long. */
export class Watchdog {
    #timer = 0;

    /** @param {number} ms @param {() => void} bark */
    constructor(ms, bark) {
        this.ms = ms;
        this.bark = bark;
        this.feed();
    }

    /** @param {number} [ms] from now on */
    feed(ms = this.ms) {
        clearTimeout(this.#timer);
        this.#timer = /** @type {any} */ (setTimeout(this.bark, ms));
    }

    stop() {
        clearTimeout(this.#timer);
    }
}

/**
 * `fetch` of an answer that is read whole. It fails when for `ms` nothing of it came. The server sends
 * nobody elsewhere, so a redirect is not followed: it is answered with its type, `opaqueredirect`, and
 * status 0.
 * @param {string} url
 * @param {RequestInit} [options] its `signal` aborts as ever
 * @param {number} [ms]
 */
export async function fetchInTime(url, options = {}, ms = STALL_MS) {
    const controller = new AbortController();
    const abort = () => controller.abort();
    const given = options.signal;
    const watchdog = new Watchdog(ms, abort);
    if (given?.aborted) abort();
    given?.addEventListener("abort", abort);
    try {
        const { signal } = controller;
        const answer = await fetch(url, { ...options, signal, redirect: "manual" });
        if (answer.type === "opaqueredirect") return answer;
        const { status, statusText, headers, body } = answer;
        const whole = body && (await readWhole(body, watchdog));
        return new Response(whole, { status, statusText, headers });
    } finally {
        watchdog.stop();
        given?.removeEventListener("abort", abort);
    }
}

/** @param {ReadableStream<any>} body @param {Watchdog} watchdog */
async function readWhole(body, watchdog) {
    const reader = body.getReader();
    const pieces = [];
    for (;;) {
        const { done, value } = await reader.read();
        // Some browsers give an empty body where there can be none, and take no such one back.
        if (done) return pieces.length > 0 ? new Blob(pieces) : null;
        watchdog.feed();
        pieces.push(value);
    }
}
