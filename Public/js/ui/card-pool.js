// @ts-check
/** The cards that are in the grid: no more of them than are needed, and in the order of their photos. */

import { PhotoCard } from "./photo-card.js";

export class CardPool {
    /** @type {Map<string, PhotoCard>} by the key of the photo that each shows */ #used = new Map();
    /** @type {PhotoCard[]} that were taken away, to show other photos */ #spare = [];

    /** @param {HTMLElement} grid */
    constructor(grid) {
        this.grid = grid;
    }

    /** @returns {[string, PhotoCard][]} */
    get all() {
        return [...this.#used];
    }

    /** @param {string} key @returns {PhotoCard | undefined} */
    of(key) {
        return this.#used.get(key);
    }

    /**
     * @param {string} key @param {number} index among the photos that are shown
     * @returns {{card: PhotoCard, isNew: boolean}} in its place; `isNew`: it did not show this photo before
     */
    place(key, index) {
        const known = this.#used.get(key);
        const card = known ?? this.#spare.pop() ?? new PhotoCard();
        this.#used.set(key, card);
        if (!known || card.index !== index) {
            card.index = index;
            this.#putInOrder(card);
            card.place(index + 1);
        }
        return { card, isNew: !known };
    }

    /** @param {string} key */
    takeAway(key) {
        const card = this.#used.get(key);
        if (!card) return;
        this.#used.delete(key);
        card.remove();
        card.clear();
        this.#spare.push(card);
    }

    /**
     * The order of the document is the order of the photos, for the keyboard and for readers.
     * @param {PhotoCard} card
     */
    #putInOrder(card) {
        let next = this.grid.lastElementChild;
        let before = null;
        while (next instanceof PhotoCard && (next === card || next.index > card.index)) {
            if (next !== card) before = next;
            next = next.previousElementSibling;
        }
        if (card.isConnected && card.nextElementSibling === before) return;
        const focused = card.contains(document.activeElement) ? document.activeElement : null;
        this.grid.insertBefore(card, before);
        if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
    }
}
