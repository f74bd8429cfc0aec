// @ts-check
/**
 * The contact sheet. However many events arrive, each changed card is drawn once a frame, and a
 * great drop is laid out in slices, so that the page answers while it fills.
 */

import { PhotoCard } from "./photo-card.js";
import { viewOf } from "../photo-view.js";

/** @typedef {import("../photos.js").Entry} Entry */

const SLICE_MS = 8;

export class PhotoSheet extends HTMLElement {
    canChange = true;
    /** @type {Map<string, PhotoCard>} */ #cards = new Map();
    /** @type {Map<string, Entry>} */ #stale = new Map();
    #scheduled = false;

    /** @param {Entry} entry */
    draw(entry) {
        this.#stale.set(entry.key, entry);
        if (this.#scheduled) return;
        this.#scheduled = true;
        requestAnimationFrame(() => this.#drawSome());
        if (document.hidden) setTimeout(() => this.#drawSome(), 200);
    }

    /** @param {Iterable<Entry>} entries */
    drawAll(entries) {
        for (const entry of entries) this.draw(entry);
    }

    /** @param {Entry} entry */
    drop(entry) {
        this.#stale.delete(entry.key);
        const card = this.#cards.get(entry.key);
        if (!card) return;
        this.#cards.delete(entry.key);
        const heir = card.nextElementSibling ?? card.previousElementSibling;
        const hadFocus = card.contains(document.activeElement);
        card.remove();
        if (!hadFocus) return;
        if (heir instanceof PhotoCard) heir.focusFirst();
        else this.focus();
    }

    /** @param {string} filter */
    set filter(filter) {
        this.dataset.filter = filter;
    }

    #drawSome() {
        if (!this.#scheduled) return;
        this.#scheduled = false;
        const start = performance.now();
        for (const [key, entry] of this.#stale) {
            this.#stale.delete(key);
            this.#cardOf(entry).show(entry, viewOf(entry, this.canChange));
            if (performance.now() - start > SLICE_MS) break;
        }
        const [left] = this.#stale.values();
        if (left) this.draw(left);
    }

    /** @param {Entry} entry @returns {PhotoCard} */
    #cardOf(entry) {
        const known = this.#cards.get(entry.key);
        if (known) return known;
        const card = /** @type {PhotoCard} */ (document.createElement("photo-card"));
        this.#cards.set(entry.key, card);
        this.append(card);
        return card;
    }
}

customElements.define("photo-sheet", PhotoSheet);
