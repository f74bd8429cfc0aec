// @ts-check
/**
 * Selecting photos of the grid: by the mark on each card, with Shift from one to another, by keys, all
 * of them. Once one is selected, a click on a picture selects, too.
 */

import { Selection } from "../model/selection.js";

/** @typedef {import("../model/photos.js").Entry} Entry */
/** @typedef {import("./photo-grid.js").PhotoGrid} PhotoGrid */

/** Who writes means the letters. */
const FIELDS = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

export class GridSelection {
    #selection = new Selection();

    /** @param {PhotoGrid} grid */
    constructor(grid) {
        this.grid = grid;
        // Before the card takes the click for a look at the photo.
        grid.addEventListener("click", (event) => this.#click(event), { capture: true });
        grid.addEventListener("keydown", (event) => this.#move(event));
        document.addEventListener("keydown", (event) => this.#key(event));
    }

    /** @param {Entry} entry */
    has(entry) {
        return this.#selection.has(entry);
    }

    get isEmpty() {
        return this.#selection.size === 0;
    }

    /** @returns {Entry[]} in the order in which they are shown */
    get entries() {
        return this.grid.shown.filter((entry) => this.#selection.has(entry));
    }

    all() {
        this.#selection.all(this.grid.shown);
        this.#changed();
    }

    clear() {
        if (this.isEmpty) return;
        this.#selection.clear();
        this.#changed();
    }

    /** Photos have come, changed or gone. */
    settle() {
        if (this.isEmpty) return;
        this.#selection.keepOnly((key) => this.grid.isShown(key));
        this.#tell();
    }

    /** @param {MouseEvent} event */
    #click(event) {
        const target = /** @type {Element} */ (event.target);
        const entry = this.grid.entryAt(target);
        const isMark = target.matches(".pick");
        const isMeant = event.shiftKey || event.ctrlKey || event.metaKey || !this.isEmpty;
        if (!entry || !(isMark || (isMeant && target.closest(".look")))) return;
        event.stopPropagation();
        if (event.shiftKey) this.#selection.extend(entry, this.grid.shown);
        else this.#selection.toggle(entry);
        this.#changed();
    }

    /** @param {KeyboardEvent} event the arrows lead from card to card; with Shift they select */
    #move(event) {
        const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
        const target = /** @type {Element} */ (event.target);
        if (ctrlKey || metaKey || altKey || target.matches(".problem")) return;
        const entry = this.grid.entryAt(target);
        const to = entry ? this.#destination(key, this.grid.shown.indexOf(entry)) : undefined;
        if (!entry || to === undefined) return;
        event.preventDefault();
        if (shiftKey && !this.has(entry)) this.#selection.toggle(entry);
        const next = this.grid.shown[to];
        if (shiftKey) this.#selection.extend(next, this.grid.shown);
        this.grid.focusAt(to, target.matches(".look") ? ".look" : ".pick");
        if (shiftKey) this.#changed();
    }

    /** @param {string} key @param {number} from @returns {number | undefined} */
    #destination(key, from) {
        const { columns, shown } = this.grid;
        const to = {
            ArrowLeft: from - 1,
            ArrowRight: from + 1,
            ArrowUp: from - columns,
            ArrowDown: Math.min(from + columns, Math.max(from, shown.length - 1)),
            Home: 0,
            End: shown.length - 1,
        }[key];
        return to !== undefined && to >= 0 && to < shown.length ? to : undefined;
    }

    /** @param {KeyboardEvent} event */
    #key(event) {
        const target = /** @type {Element} */ (event.target);
        if (event.defaultPrevented || event.altKey || target.closest(FIELDS)) return;
        if (document.querySelector("dialog[open]")) return;
        const isCommand = event.ctrlKey || event.metaKey;
        if (isCommand && !event.shiftKey && event.key.toLowerCase() === "a") {
            if (this.grid.shown.length === 0) return;
            event.preventDefault();
            this.all();
        }
        if (isCommand || this.isEmpty) return;
        if (event.key === "Escape") this.clear();
        if (event.key === "Delete") this.#tell("remove");
    }

    #changed() {
        this.grid.redraw();
        this.#tell();
    }

    /** @param {string} [act] asked for by a key */
    #tell(act) {
        const { last } = this.#selection;
        const detail = { entries: this.entries, shown: this.grid.shown.length, act, last };
        this.grid.dispatchEvent(new CustomEvent("selection", { detail }));
    }
}
