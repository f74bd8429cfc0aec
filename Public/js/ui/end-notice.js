// @ts-check
/** Tells the keeper of a batch, from a day before on, that it ends. */

import { find } from "../base/dom.js";
import { t, words } from "../base/i18n.js";
import { sleep } from "../base/sleep.js";
import { DAY_MS, endsSoon, latestEnd } from "../model/batch-end.js";

/** Browsers count no longer than this; a machine that slept finds out in time. */
const LOOK_AGAIN_MS = 3_600_000;

export class EndNotice {
    #waiting = new AbortController();

    /**
     * @param {HTMLElement} element
     * @param {{clock?: import("../base/sleep.js").Timers, now?: () => number}} [options]
     */
    constructor(element, options = {}) {
        this.element = element;
        this.clock = options.clock;
        this.now = options.now ?? Date.now;
    }

    /**
     * @param {import("../model/batch-end.js").Times | null} batch null where the reader is not its keeper
     * @param {number} [keepDays] see `latestEnd`
     */
    show(batch, keepDays) {
        this.#waiting.abort();
        const isSoon = batch !== null && endsSoon(batch, this.now());
        const { element } = this;
        element.hidden = !isSoon;
        if (!batch?.expiresAt) return;
        if (!isSoon) {
            void this.#again(batch, keepDays);
            return;
        }
        const when = words.moment(batch.expiresAt);
        find(element, "span", HTMLElement).textContent = t("keep.soon", { when });
        const latest = latestEnd(batch, keepDays) ?? Number.POSITIVE_INFINITY;
        find(element, "button", HTMLElement).hidden = latest <= Date.parse(batch.expiresAt);
    }

    /** @param {import("../model/batch-end.js").Times} batch @param {number} [keepDays] */
    async #again(batch, keepDays) {
        this.#waiting = new AbortController();
        const { signal } = this.#waiting;
        const left = Date.parse(batch.expiresAt ?? "") - DAY_MS - this.now();
        await sleep(Math.min(left, LOOK_AGAIN_MS), { signal, clock: this.clock });
        if (!signal.aborted) this.show(batch, keepDays);
    }
}
