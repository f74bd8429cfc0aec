// @ts-check
/** The bar over the photos: what all photos together have come to, a few times a second. */

import { archiveURL } from "../base/addresses.js";
import { Pace } from "../model/batch-progress.js";
import { BatchCounts } from "../model/batch-counts.js";

const EVERY_MS = 200;

export class Summary {
    #pace = new Pace();
    #counts = new BatchCounts();
    /** @type {Set<import("../model/photos.js").Entry>} those not counted as they are now */
    #changed = new Set();
    #timer = 0;

    /**
     * @param {object} parts
     * @param {import("./batch-bar.js").BatchBar} parts.bar
     * @param {HTMLElement} parts.main
     * @param {ReturnType<typeof import("../pages/outside.js").tellOutside>} parts.outside
     * @param {import("./announcer.js").Announcer} parts.announcer
     * @param {() => import("../model/session.js").Session} parts.session
     */
    constructor(parts) {
        this.parts = parts;
    }

    /** @param {import("../model/photos.js").Entry} entry */
    enter(entry) {
        this.#changed.add(entry);
        const { dataset } = this.parts.main;
        if (dataset.fill !== "some") dataset.fill = "some";
        this.soon();
    }

    /** @param {import("../model/photos.js").Entry} entry */
    leave(entry) {
        this.#changed.delete(entry);
        this.#counts.leave(entry.key);
        this.soon();
    }

    show() {
        const { bar, main, announcer, outside } = this.parts;
        const { batch, owner: isOwner, canAdd, drop, name, end } = this.parts.session();
        this.#timer = 0;
        // However often a photo changed meanwhile, it is counted once.
        for (const entry of this.#changed) this.#counts.enter(entry);
        this.#changed.clear();
        const summary = this.#pace.follow(this.#counts.sums, performance.now() / 1_000);
        // Nobody can say how long a cut line stays cut.
        const told = navigator.onLine
            ? summary
            : { ...summary, secondsLeft: null, bytesPerSecond: null };
        bar.show(told, {
            archive: batch && archiveURL(batch),
            originals: batch && archiveURL(batch, { of: "originals" }),
            isOwner,
            canAdd,
            isGuests: drop !== undefined,
            canNotify: outside.canNotify(),
            name,
            end,
        });
        announcer.follow(summary);
        outside.follow(summary);
        main.dataset.fill = summary.total > 0 ? "some" : "none";
        if (summary.active > 0) this.soon();
    }

    soon() {
        if (this.#timer === 0) this.#timer = window.setTimeout(() => this.show(), EVERY_MS);
    }
}
