// @ts-check
/**
 * The photos the sheet shows, in order: all of them, or those of one kind. It is made anew only
 * when one leaves or changes its kind under a filter; a new one is merely added at the end.
 */

import { isFinal, stateOf } from "./photo-state.js";

/** @typedef {import("./photos.js").Entry} Entry */
/** @typedef {"all" | "working" | "ready" | "refused"} Kind */

/** @param {Entry} entry @returns {Kind} */
function kindOf(entry) {
    const state = stateOf(entry);
    if (state === "ready") return "ready";
    return isFinal(state) ? "refused" : "working";
}

export class PhotoOrder {
    /** @type {Entry[]} */ #shown = [];
    /** @type {Map<string, number>} where each shown one is */ #at = new Map();
    /** @type {Map<string, {entry: Entry, kind: Kind}>} */ #known = new Map();
    /** @type {Kind} */ #filter = "all";
    #isStale = false;

    /** @param {Kind} filter */
    set filter(filter) {
        this.#filter = filter;
        this.#isStale = true;
    }

    /** @returns {readonly Entry[]} */
    get shown() {
        this.#settle();
        return this.#shown;
    }

    /** @param {string} key @returns {number | undefined} */
    indexOf(key) {
        this.#settle();
        return this.#at.get(key);
    }

    /** @param {Entry} entry a new one, or one that changed */
    enter(entry) {
        const kind = kindOf(entry);
        const before = this.#known.get(entry.key);
        this.#known.set(entry.key, { entry, kind });
        if (this.#isStale) return;
        if (!before && this.#takes(kind)) this.#push(entry);
        if (before && before.kind !== kind && this.#filter !== "all") this.#isStale = true;
    }

    /** @param {string} key */
    leave(key) {
        if (this.#known.delete(key)) this.#isStale = true;
    }

    /** @param {Kind} kind */
    #takes(kind) {
        return this.#filter === "all" || this.#filter === kind;
    }

    /** @param {Entry} entry */
    #push(entry) {
        this.#at.set(entry.key, this.#shown.length);
        this.#shown.push(entry);
    }

    #settle() {
        if (!this.#isStale) return;
        this.#isStale = false;
        this.#shown = [];
        this.#at.clear();
        for (const { entry, kind } of this.#known.values()) {
            if (this.#takes(kind)) this.#push(entry);
        }
    }
}
