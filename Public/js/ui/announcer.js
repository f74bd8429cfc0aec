// @ts-check
/**
 * What a screen reader hears: the start, each quarter, each failure and the end, never every tick.
 */

import { t } from "../base/i18n.js";

const QUARTERS = [0.25, 0.5, 0.75];
const GATHER_MS = 700;

export class Announcer {
    #quarter = 0;
    #wasWorking = false;
    /** @type {string[]} */ #waiting = [];

    /** @param {HTMLElement} region */
    constructor(region) {
        this.region = region;
    }

    /** @param {import("../model/batch-progress.js").Summary} summary */
    follow({ total, ready, active, paused, failed, done }) {
        const working = active + paused;
        if (working > 0 && !this.#wasWorking) {
            this.#quarter = QUARTERS.filter((quarter) => done >= quarter).length;
            this.say(t("say.started", { count: total }));
        }
        if (working === 0 && this.#wasWorking) this.say(ending(ready, failed));
        this.#wasWorking = working > 0;
        const passed = QUARTERS.filter((quarter) => done >= quarter).length;
        if (working > 0 && passed > this.#quarter)
            this.say(t("say.progress", { percent: passed * 25 }));
        this.#quarter = working > 0 ? Math.max(this.#quarter, passed) : 0;
    }

    /**
     * Sentences that come together are said together.
     * @param {string} sentence
     */
    say(sentence) {
        this.#waiting.push(sentence);
        if (this.#waiting.length > 1) return;
        setTimeout(() => {
            this.region.textContent = this.#waiting.slice(-4).join(" ");
            this.#waiting = [];
        }, GATHER_MS);
    }
}

/** @param {number} ready @param {number} failed */
const ending = (ready, failed) =>
    t("say.settled", {
        ready: t("batch.ready", { count: ready }),
        failed: t("batch.failed", { count: failed }),
    });
