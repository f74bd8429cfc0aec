// @ts-check
/**
 * The photos the page shows, in order: all of them, or those of one kind. It is made anew only
 * when one leaves, moves or changes its kind under a filter; a new one is mostly added at the end.
 */

import { standingOf } from "./photo-state.js";

/** @typedef {import("./photos.js").Entry} Entry */
/** @typedef {"all" | "unfinished" | "ready" | "failed"} Kind `failed`: all that will not be ready */

/** @param {Entry} entry @returns {Kind} */
function kindOf(entry) {
    const standing = standingOf(entry);
    if (standing === "ready") return "ready";
    return standing === "failed" || standing === "cancelled" ? "failed" : "unfinished";
}

/**
 * The order in which they were given.
 * @param {Entry} one @param {Entry} other
 */
export const byPosition = (one, other) => one.position - other.position;

export class PhotoOrder {
    /** @type {Entry[]} */ #shown = [];
    /** @type {Map<string, number>} where each shown one is */ #at = new Map();
    /** @type {Map<string, {entry: Entry, kind: Kind, position: number}>} */ #known = new Map();
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
        const { position } = entry;
        this.#known.set(entry.key, { entry, kind, position });
        if (this.#isStale) return;
        const last = this.#shown.at(-1);
        const isLast = !last || last.position <= position;
        if (before) {
            const hasLeft = before.kind !== kind && this.#filter !== "all";
            this.#isStale = hasLeft || before.position !== position;
        } else if (!isLast) this.#isStale = true;
        else if (this.#takes(kind)) this.#push(entry);
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
        const all = [...this.#known.values()].filter(({ kind }) => this.#takes(kind));
        for (const entry of all.map((known) => known.entry).sort(byPosition)) this.#push(entry);
    }
}
