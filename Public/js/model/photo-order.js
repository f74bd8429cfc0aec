// @ts-check
/**
 * The photos the page shows, in order: all of them, or those of one kind. It is made anew only
 * when one leaves, moves or changes its kind under a filter; a new one is mostly added at the end.
 */

import { standingOf } from "./photo-state.js";

/** @typedef {import("./photos.js").Entry} Entry */
/** @typedef {"all" | "unfinished" | "ready" | "failed" | "dropped"} Kind `failed`: refused, too;
 *   `dropped`: cancelled, or expired since nobody came back */

/** @type {Partial<Record<import("./photo-state.js").Standing, Kind>>} all others are unfinished */
const KINDS = { ready: "ready", failed: "failed", cancelled: "dropped", expired: "dropped" };

/** @param {Entry} entry @returns {Kind} */
const kindOf = (entry) => KINDS[standingOf(entry)] ?? "unfinished";

/** @param {Entry} entry */
const nameOf = (entry) => entry.image?.name ?? entry.name ?? "";

const names = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** @typedef {(one: Entry, other: Entry) => number} Compare */

/**
 * As they were given, or by name: what is told alike stays as it was given.
 * @type {Record<"given" | "name", Compare>}
 */
const SORTS = {
    given: (one, other) => one.position - other.position,
    name: (one, other) =>
        names.compare(nameOf(one), nameOf(other)) || one.position - other.position,
};

/** @typedef {keyof typeof SORTS} Sort */

/** Small letters without accents: who looks for a name need not write it quite so. */
const plain = (/** @type {string} */ text) =>
    text
        .normalize("NFD")
        .replace(/\p{Mn}/gu, "")
        .toLowerCase();

export class PhotoOrder {
    /** @type {Entry[]} */ #shown = [];
    /** @type {Map<string, number>} where each shown one is */ #at = new Map();
    /** @type {Map<string, {entry: Entry, kind: Kind, position: number, name: string}>} */
    #known = new Map();
    /** @type {Kind} */ #filter = "all";
    /** @type {Compare} */ #compare = SORTS.given;
    #sought = "";
    #isStale = false;

    /** @param {Kind} filter */
    set filter(filter) {
        this.#filter = filter;
        this.#isStale = true;
    }

    /** @param {Sort} sort */
    set sort(sort) {
        this.#compare = SORTS[sort];
        this.#isStale = true;
    }

    /** @param {string} part of a name */
    set search(part) {
        this.#sought = plain(part.trim());
        this.#isStale = true;
    }

    /** @returns {Compare} */
    get compare() {
        return this.#compare;
    }

    /** Whether there are photos, and none of them is shown. */
    get hasNoMatch() {
        return this.#known.size > 0 && this.shown.length === 0;
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
        const { position } = entry;
        const now = { entry, kind: kindOf(entry), position, name: nameOf(entry) };
        const before = this.#known.get(entry.key);
        this.#known.set(entry.key, now);
        if (this.#isStale) return;
        if (before) {
            const hasLeft = before.kind !== now.kind && this.#filter !== "all";
            const hasMoved = before.position !== position || before.name !== now.name;
            this.#isStale = hasLeft || hasMoved;
        } else if (this.#takes(now)) this.#add(entry);
    }

    /** @param {string} key */
    leave(key) {
        if (this.#known.delete(key)) this.#isStale = true;
    }

    /** @param {{kind: Kind, name: string}} known */
    #takes({ kind, name }) {
        const isKind = this.#filter === "all" || this.#filter === kind;
        return isKind && (this.#sought === "" || plain(name).includes(this.#sought));
    }

    /** @param {Entry} entry */
    #add(entry) {
        const last = this.#shown.at(-1);
        if (last && this.#compare(last, entry) > 0) this.#isStale = true;
        else this.#push(entry);
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
        const all = [...this.#known.values()].filter((known) => this.#takes(known));
        for (const entry of all.map((known) => known.entry).sort(this.#compare)) this.#push(entry);
    }
}
