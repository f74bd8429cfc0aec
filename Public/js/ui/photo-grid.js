// @ts-check
/**
 * All photos of the batch. It holds cards only for the photos near the window, however many there are;
 * each that changed is drawn once a frame, however many events arrive.
 */

import { CardPool } from "./card-pool.js";
import { PhotoCard } from "./photo-card.js";
import { sleep } from "../base/sleep.js";
import { onceAFrame } from "../base/once.js";
import { viewOf } from "../model/photo-state.js";
import { PhotoOrder } from "../model/photo-order.js";
import { areaOf, nearWindow, placeAt, topOf } from "./grid-layout.js";
import { GridMeasure } from "./grid-measure.js";

/** @typedef {import("../model/photos.js").Entry} Entry */

/** A module that did not load is asked for anew, by the next photo that changes, after so long. */
const RETRY_MS = 2_000;
const TICK_MS = 1_000;

export class PhotoGrid extends HTMLElement {
    /** How old what the server told may be, in milliseconds. */
    newsAgeMs = () => 0;
    /** @type {import("./grid-selection.js").GridSelection | null} once there are photos to select */
    selection = null;
    #isSelectionAsked = false;
    #order = new PhotoOrder();
    #cards = new CardPool(this);
    /** @type {Set<string>} */ #stale = new Set();
    #schedule = onceAFrame(() => this.#render());
    #measure = new GridMeasure(this, () => this.#schedule());
    #canChange = true;
    /** @type {import("./grid-layout.js").Grid | null} by which the cards lie now */ #laid = null;
    /** @type {import("./grid-layout.js").Place | null} null above the first row */ #place = null;
    #lines = "";
    /** On paper there is no window: all photos are there. */
    #isPrinted = false;
    #tick = 0;

    connectedCallback() {
        addEventListener("scroll", () => this.#schedule(), { passive: true });
        addEventListener("beforeprint", () => this.#print(true));
        addEventListener("afterprint", () => this.#print(false));
    }

    /** @param {boolean} canChange whether the reader owns the batch */
    set canChange(canChange) {
        this.#canChange = canChange;
        this.#measure.canChange = canChange;
    }

    /** @param {Entry} entry a new one, or one that changed */
    draw(entry) {
        if (!this.#isSelectionAsked) void this.#loadSelection();
        this.#measure.versions = entry.wanted ?? 0;
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
        for (const [key] of this.#cards.all) this.#stale.add(key);
    }

    /** @param {Entry} entry */
    drop(entry) {
        const index = this.#order.indexOf(entry.key) ?? 0;
        this.#order.leave(entry.key);
        this.#schedule();
        const hadFocus = this.#cards.of(entry.key)?.contains(document.activeElement);
        this.#cards.takeAway(entry.key);
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
        return this.#measure.now.columns;
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

    /** @param {string} key of a photo whose mark is to be seen, where its card is there */
    keepInView(key) {
        this.#cards.of(key)?.querySelector(".pick")?.scrollIntoView({ block: "nearest" });
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
        if (this.#cards.of(entry.key)?.contains(document.activeElement)) return;
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

    /** @param {boolean} isOn at once: what is not there by then is not printed */
    #print(isOn) {
        this.#isPrinted = isOn;
        if (isOn) this.#staleAll();
        // The window is where it was, whatever the paper has made of the page.
        else this.#laid = null;
        this.#render();
    }

    #render() {
        const { shown } = this.#order;
        const grid = this.#measure.now;
        this.#ruleLines(grid, Math.ceil(shown.length / grid.columns));
        const near = this.#isPrinted
            ? { first: 0, end: shown.length }
            : this.#nearWindow(grid, shown.length);
        this.#clearOutside(near);
        for (let index = near.first; index < near.end; index += 1) {
            this.#cardOf(shown[index], index);
        }
        this.#stale.clear();
        this.toggleAttribute("data-no-match", this.#order.hasNoMatch);
        this.#settleSelection();
        this.#drawWhatIsSent();
    }

    /** @param {import("./grid-layout.js").Grid} grid @param {number} count */
    #nearWindow(grid, count) {
        if (grid !== this.#laid && this.#place) this.#goTo(topOf(grid, this.#place));
        // Wider cards want larger pictures.
        if (grid.column !== this.#laid?.column) this.#staleAll();
        this.#laid = grid;
        const view = this.#view();
        this.#place = view.top > 0 ? placeAt(grid, view.top) : null;
        return nearWindow(grid, count, view);
    }

    /** Once a second, too: that no byte has left is news of its speed. */
    #drawWhatIsSent() {
        const sent = this.#cards.all.filter(([, { entry }]) => entry?.pace);
        if (this.#tick !== 0 || sent.length === 0) return;
        this.#tick = window.setTimeout(() => {
            this.#tick = 0;
            for (const [key] of sent) this.#stale.add(key);
            this.#schedule();
        }, TICK_MS);
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
        for (const [key, card] of this.#cards.all) {
            const index = this.#order.indexOf(key);
            const isNear = index !== undefined && index >= first && index < end;
            // What has the focus keeps it, wherever one scrolls.
            const stays = index !== undefined && card.contains(document.activeElement);
            if (!isNear && !stays) this.#cards.takeAway(key);
            else if (!isNear && stays) this.#cardOf(this.#order.shown[index], index);
        }
    }

    /** @param {Entry} entry @param {number} index @returns {PhotoCard} in its place, up to date */
    #cardOf(entry, index) {
        const { card, isNew } = this.#cards.place(entry.key, index);
        card.lie(areaOf(this.#measure.now, index), this.#order.shown.length);
        if (isNew || this.#stale.has(entry.key)) this.#show(card, entry);
        return card;
    }

    /** @param {PhotoCard} card @param {Entry} entry */
    #show(card, entry) {
        const view = viewOf(entry, this.#canChange, this.newsAgeMs());
        card.show(entry, view, {
            width: this.#measure.now.column,
            isSelected: this.selection?.has(entry) ?? false,
            isSelecting: this.#isSelecting,
            isPrinted: this.#isPrinted,
            now: performance.now() / 1_000,
        });
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
