// @ts-check
/**
 * Two clocks: what the server's is ahead of the page's, asked over the same host before, during and
 * after a run. One question at a time, on the connection that the lanes leave spare.
 */

import { CAPABILITIES } from "../base/addresses.js";
import { fetchInTime } from "../base/deadline.js";
import { sleep } from "../base/sleep.js";
import { offsetOf } from "./arithmetic.js";

const AT_START = 8;
const AGAIN_MS = 4_000;
const PATIENCE_MS = 5_000;
/** So soon after an answer the browser tells its times. */
const TOLD_MS = 20;

/** Milliseconds since 1970 by a clock that nobody sets while the page is open. */
export const pageTime = () => performance.timeOrigin + performance.now();

export class Clocks {
    /** @type {import("./arithmetic.js").Sample[]} */ samples = [];
    stepMs = stepOfClock();
    #timer = 0;
    #asked = 0;

    /** @returns {import("./arithmetic.js").Offset | null} */
    get offset() {
        return offsetOf(this.samples, this.stepMs);
    }

    async start() {
        for (let asked = 0; asked < AT_START; asked += 1) await this.ask();
        this.#timer = window.setInterval(() => void this.ask(), AGAIN_MS);
    }

    stop() {
        clearInterval(this.#timer);
    }

    /** A question that fails says nothing of the clocks: the next one may. */
    async ask() {
        try {
            this.#asked += 1;
            const url = `${CAPABILITIES}?clock=${this.#asked}.${Math.random()}`;
            const sentAt = pageTime();
            const options = { cache: /** @type {const} */ ("no-store") };
            const answer = await fetchInTime(url, options, PATIENCE_MS);
            const heardAt = pageTime();
            const { time } = await answer.json();
            const serverAt = Date.parse(time);
            if (!Number.isFinite(serverAt)) return;
            this.samples.push({ ...((await onTheWire(url)) ?? { sentAt, heardAt }), serverAt });
        } catch {
            // Counted by its absence: the run says from how many answers the offset is known.
        }
    }
}

/**
 * When a question left and its answer began, as the browser's network knows it: what the page was
 * busy with meanwhile is not in it.
 * @param {string} url @returns {Promise<{sentAt: number, heardAt: number} | null>}
 */
async function onTheWire(url) {
    await sleep(TOLD_MS);
    const { href } = new URL(url, location.href);
    const [timing] = /** @type {PerformanceResourceTiming[]} */ (
        performance.getEntriesByName(href, "resource")
    );
    if (!timing?.requestStart || !timing.responseStart) return null;
    const { timeOrigin } = performance;
    return {
        sentAt: timeOrigin + timing.requestStart,
        heardAt: timeOrigin + timing.responseStart,
    };
}

/** The smallest step that the page's clock makes: browsers coarsen it. @returns {number} milliseconds */
function stepOfClock() {
    let smallest = 1;
    let last = performance.now();
    const until = last + 4;
    while (last < until) {
        const now = performance.now();
        if (now > last) smallest = Math.min(smallest, now - last);
        last = now;
    }
    return smallest;
}
