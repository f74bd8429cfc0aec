// @ts-check
/**
 * All photos of the batch. It holds cards only for the photos near the window, however many there are;
 * each that changed is drawn once a frame, however many events arrive.
 */

import { PhotoCard } from "./photo-card.js";
import { sleep } from "../base/sleep.js";
import { onceAFrame } from "../base/once.js";
import { viewOf } from "../model/photo-state.js";
import { PhotoOrder } from "../model/photo-order.js";
import { areaOf, measured, nearWindow, placeAt, topOf } from "./grid-layout.js";

/** @typedef {import("../model/photos.js").Entry} Entry */

/** A module that did not load is asked for anew, by the next photo that changes, after so long. */
const RETRY_MS = 2_000;

export class PhotoGrid extends HTMLElement {
    canChange = true;
    /** How old what the server told may be, in milliseconds. */
    newsAgeMs = () => 0;
    /** @type {import("./grid-selection.js").GridSelection | null} once there are photos to select */
    selection = null;
    #isSelectionAsked = false;
    #order = new PhotoOrder();
    /** @type {Map<string, PhotoCard>} */ #cards = new Map();
    /** @type {PhotoCard[]} that were taken away, to show other photos */ #spare = [];
    /** @type {Set<string>} */ #stale = new Set();
    #schedule = onceAFrame(() => this.#render());
    /** @type {import("./grid-layout.js").Grid | null} */ #grid = null;
    /** @type {import("./grid-layout.js").Grid | null} by which the cards lie now */ #laid = null;
    /** @type {import("./grid-layout.js").Place | null} null above the first row */ #place = null;
    #lines = "";

    connectedCallback() {
        const measureAgain = () => {
            this.#grid = null;
            this.#schedule();
        };
        new ResizeObserver(measureAgain).observe(this);
        const options = { attributeFilter: ["data-density"] };
        new MutationObserver(measureAgain).observe(document.documentElement, options);
        addEventListener("scroll", () => this.#schedule(), { passive: true });
        addEventListener("resize", measureAgain);
    }

    /** @param {Entry} entry a new one, or one that changed */
    draw(entry) {
        if (!this.#isSelectionAsked) void this.#loadSelection();
        this.#order.enter(entry);
        this.#stale.add(entry.key);
        this.#schedule();
    }

    /** What cannot be used before there is a photo comes with the first. */
    async #loadSelection() {
        this.#isSelectionAsked = true;
        try {
            const { GridSelection } = await import("./grid-selection.js");
            this.selection = new GridSelection(this);
        } catch (detail) {
            this.dispatchEvent(new CustomEvent("trouble", { detail }));
            await sleep(RETRY_MS);
            this.#isSelectionAsked = false;
        }
    }

    /** @param {Iterable<Entry>} entries */
    drawAll(entries) {
        for (const entry of entries) this.draw(entry);
    }

    /** What is seen is drawn again: it has grown older, or is news again. */
    redraw() {
        this.#staleAll();
        this.#schedule();
    }

    #staleAll() {
        for (const key of this.#cards.keys()) this.#stale.add(key);
    }

    /** @param {Entry} entry */
    drop(entry) {
        const index = this.#order.indexOf(entry.key) ?? 0;
        this.#order.leave(entry.key);
        this.#schedule();
        const card = this.#cards.get(entry.key);
        const hadFocus = card?.contains(document.activeElement);
        this.#takeAway(entry.key);
        if (hadFocus) this.#focusNear(index);
    }

    /** @param {import("../model/photo-order.js").Kind} filter */
    set filter(filter) {
        this.#order.filter = filter;
        this.#schedule();
    }

    /** @param {import("../model/photo-order.js").Sort} sort */
    set sort(sort) {
        this.#order.sort = sort;
        this.toggleAttribute("data-sorted", sort !== "given");
        this.#schedule();
    }

    /** @param {string} part of the names of those to show */
    set search(part) {
        this.#order.search = part;
        this.#schedule();
    }

    get compare() {
        return this.#order.compare;
    }

    /** @returns {readonly Entry[]} in their order */
    get shown() {
        return this.#order.shown;
    }

    /** @param {string} key @returns {boolean} */
    isShown(key) {
        return this.#order.indexOf(key) !== undefined;
    }

    get columns() {
        return this.#measure().columns;
    }

    /** @param {Element} element in a card @returns {Entry | null} */
    entryAt(element) {
        const card = element.closest("photo-card");
        return card instanceof PhotoCard ? card.entry : null;
    }

    /**
     * Gives the focus to a card, which comes into view.
     * @param {number} index @param {string} part of it; its mark, where it has none such
     */
    focusAt(index, part) {
        const card = this.#cardOf(this.#order.shown[index], index);
        const wanted = card.querySelector(`${part}:not([hidden])`) ?? card.querySelector(".pick");
        /** @type {HTMLElement | null} */ (wanted)?.focus();
    }

    /** Where the window is on the page, whatever their sizes. */
    get place() {
        return this.#place;
    }

    set place(place) {
        this.#place = place;
        this.#laid = null;
        this.#schedule();
    }

    /** @param {Entry} entry gets the focus, and so comes into view */
    reveal(entry) {
        if (this.#cards.get(entry.key)?.contains(document.activeElement)) return;
        const index = this.#order.indexOf(entry.key);
        if (index !== undefined) this.#focusNear(index);
    }

    /** @param {number} index */
    #focusNear(index) {
        const { shown } = this.#order;
        const heir = shown[Math.min(index, shown.length - 1)];
        if (!heir) return this.focus();
        const card = this.#cardOf(heir, shown.indexOf(heir));
        card.focusFirst();
    }

    #render() {
        const { shown } = this.#order;
        const grid = this.#measure();
        this.#ruleLines(grid, Math.ceil(shown.length / grid.columns));
        if (grid !== this.#laid && this.#place) this.#goTo(topOf(grid, this.#place));
        // Wider cards want larger pictures.
        if (grid.column !== this.#laid?.column) this.#staleAll();
        this.#laid = grid;
        const view = this.#view();
        this.#place = view.top > 0 ? placeAt(grid, view.top) : null;
        const near = nearWindow(grid, shown.length, view);
        this.#clearOutside(near);
        for (let index = near.first; index < near.end; index += 1) {
            this.#cardOf(shown[index], index);
        }
        this.#stale.clear();
        this.toggleAttribute("data-no-match", this.#order.hasNoMatch);
        this.#settleSelection();
    }

    #settleSelection() {
        this.selection?.settle();
        const isSelecting = this.#isSelecting;
        if (isSelecting === this.hasAttribute("data-selecting")) return;
        this.toggleAttribute("data-selecting", isSelecting);
        this.redraw();
    }

    get #isSelecting() {
        return this.selection?.isEmpty === false;
    }

    /** @param {import("./grid-layout.js").Grid} grid @param {number} rows */
    #ruleLines({ columns, row }, rows) {
        const lines = `${rows > 0 ? `repeat(${rows}, ${row}px)` : "none"} / repeat(${columns}, minmax(0, 1fr))`;
        if (lines === this.#lines) return;
        this.#lines = lines;
        this.style.gridTemplate = lines;
    }

    /** @param {{first: number, end: number}} near */
    #clearOutside({ first, end }) {
        for (const [key, card] of this.#cards) {
            const index = this.#order.indexOf(key);
            const isNear = index !== undefined && index >= first && index < end;
            // What has the focus keeps it, wherever one scrolls.
            const stays = index !== undefined && card.contains(document.activeElement);
            if (!isNear && !stays) this.#takeAway(key);
            else if (!isNear && stays) this.#cardOf(this.#order.shown[index], index);
        }
    }

    /** @param {string} key */
    #takeAway(key) {
        const card = this.#cards.get(key);
        if (!card) return;
        this.#cards.delete(key);
        card.remove();
        card.clear();
        this.#spare.push(card);
    }

    /** @param {Entry} entry @param {number} index @returns {PhotoCard} in its place, up to date */
    #cardOf(entry, index) {
        const known = this.#cards.get(entry.key);
        const card = known ?? this.#spare.pop() ?? new PhotoCard();
        this.#cards.set(entry.key, card);
        if (!known || card.index !== index) {
            card.index = index;
            this.#putInOrder(card);
            card.place(index + 1);
        }
        const area = areaOf(this.#measure(), index);
        if (card.style.gridArea !== area) card.style.gridArea = area;
        const size = String(this.#order.shown.length);
        if (card.getAttribute("aria-setsize") !== size) card.setAttribute("aria-setsize", size);
        if (!known || this.#stale.has(entry.key)) this.#show(card, entry);
        return card;
    }

    /** @param {PhotoCard} card @param {Entry} entry */
    #show(card, entry) {
        const view = viewOf(entry, this.canChange, this.newsAgeMs());
        card.show(entry, view, {
            width: this.#measure().column,
            isSelected: this.selection?.has(entry) ?? false,
            isSelecting: this.#isSelecting,
        });
    }

    /**
     * The order of the document is the order of the photos, for the keyboard and for readers.
     * @param {PhotoCard} card
     */
    #putInOrder(card) {
        let next = this.lastElementChild;
        let before = null;
        while (next instanceof PhotoCard && (next === card || next.index > card.index)) {
            if (next !== card) before = next;
            next = next.previousElementSibling;
        }
        if (card.isConnected && card.nextElementSibling === before) return;
        const focused = card.contains(document.activeElement) ? document.activeElement : null;
        this.insertBefore(card, before);
        if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
    }

    #measure() {
        this.#grid ??= measured(this);
        return this.#grid;
    }

    #view() {
        const { top } = this.getBoundingClientRect();
        return { top: -top, height: innerHeight };
    }

    /** @param {number} top */
    #goTo(top) {
        scrollBy(0, top - this.#view().top);
    }
}

customElements.define("photo-grid", PhotoGrid);
