// @ts-check
/**
 * One photo: its picture, sharpening as it truly progresses; two segments that never pretend; its
 * stage, its trouble, its renditions, and what can be done. It only shows what it is given.
 */

import { CardPicture } from "./card-picture.js";
import {
    factsLine,
    processingFigure,
    renditionItems,
    stageLine,
    uploadFigure,
} from "./card-words.js";
import { put, stamp } from "../base/dom.js";
import { t, words } from "../base/i18n.js";
import { sizeOf } from "../model/photo-state.js";
import { splitPath } from "../model/photos.js";
import { explain } from "../base/problems.js";

/** @typedef {import("../model/photos.js").Entry} Entry */
/** @typedef {import("../model/photo-state.js").View} View */

/** Longer than the last step of sharpening takes on the screen. */
const FRESH_MS = 1_500;

export class PhotoCard extends HTMLElement {
    /** @type {Entry | null} */ entry = null;
    /** Where it lies in the grid. */
    index = -1;
    /** As it was set: the style's own answer is written anew each time. */
    #area = "";
    #renditions = "";
    #freshTimer = 0;
    /** @type {CardPicture | null} */ #picture = null;
    /** @type {Map<string, any>} */ #parts = new Map();

    connectedCallback() {
        if (this.firstElementChild) return;
        this.className = "card";
        this.setAttribute("role", "listitem");
        this.append(stamp("photo-card-template"));
        this.#picture = new CardPicture(this);
        this.addEventListener("click", ({ target }) => {
            const button = /** @type {Element} */ (target).closest("button");
            if (button) this.#ask(button.dataset.action ?? "info", button);
        });
    }

    /**
     * @param {Entry} entry @param {View} view
     * @param {{width: number, isSelected: boolean, isSelecting: boolean, isPrinted: boolean, now: number}} grid
     *   the card's width in pixels; whether it is selected, and whether any card is; whether it goes on paper; the
     *   time in seconds
     */
    show(entry, view, { width, isSelected, isSelecting, isPrinted, now }) {
        this.entry = entry;
        this.#keepFresh(view.state);
        this.#set("data-state", view.state);
        this.#set("draggable", String(view.state === "held"));
        this.#set("data-image", entry.task?.image ?? entry.image?.id ?? "");
        this.#set("data-received", String(Math.round(view.received * this.#size)));
        this.#set("data-sent", view.sent.toFixed(3));
        this.#set("data-processing", view.processing.toFixed(3));
        this.toggleAttribute("data-unmeasured", !view.measured);
        this.#showWords(view, now);
        this.#showSegments(view);
        this.#showPicture(view, width, isPrinted);
        this.#showSelected(isSelected, isSelecting);
        this.#showRenditions();
        this.#showActions(view);
    }

    /** @param {number} number where it stands among those that are shown */
    place(number) {
        this.setAttribute("aria-posinset", String(number));
        this.#put(".number", String(number).padStart(2, "0"));
    }

    /** @param {string} area a CSS `grid-area` @param {number} count of all that are shown */
    lie(area, count) {
        if (area !== this.#area) this.style.gridArea = area;
        this.#area = area;
        this.#set("aria-setsize", String(count));
    }

    /** Taken off the page, to show another photo later. */
    clear() {
        this.entry = null;
        this.#endFresh();
        delete this.dataset.state;
        this.#picture?.clear();
    }

    /**
     * A photo that becomes ready goes on sharpening to the end; one that was ready is just there.
     * @param {string} state
     */
    #keepFresh(state) {
        const before = this.dataset.state;
        if (state !== "ready" || !before || before === "ready") return;
        this.dataset.fresh = "";
        this.#freshTimer = window.setTimeout(() => this.#endFresh(), FRESH_MS);
    }

    #endFresh() {
        clearTimeout(this.#freshTimer);
        delete this.dataset.fresh;
    }

    get #name() {
        return this.entry?.image?.name ?? this.entry?.name ?? "";
    }

    get #size() {
        return this.entry ? sizeOf(this.entry) : 0;
    }

    /** @param {string} selector of a part that stays @returns {any} */
    #find(selector) {
        const known = this.#parts.get(selector) ?? this.querySelector(selector);
        this.#parts.set(selector, known);
        return known;
    }

    /** @param {string} selector @param {string} text */
    #put(selector, text) {
        put(this.#find(selector), text);
    }

    /**
     * What is as it was is not written: each write has the browser look for rules that match.
     * @param {string} name @param {string} value @param {Element} [element]
     */
    #set(name, value, element = this) {
        if (element.getAttribute(name) !== value) element.setAttribute(name, value);
    }

    /**
     * As low in the tree as it is used: all that lies below is styled again.
     * @param {string} selector @param {string} property @param {number} part 0…1
     */
    #paint(selector, property, part) {
        const { style } = this.#find(selector);
        const value = part.toFixed(3);
        if (style.getPropertyValue(property) !== value) style.setProperty(property, value);
    }

    /** @param {View} view @param {number} now */
    #showWords(view, now) {
        const { image, pace } = /** @type {Entry} */ (this.entry);
        const stage = stageLine(view);
        this.#put(".stage", stage);
        this.#set("title", stage, this.#find(".stage"));
        const { folder, name } = splitPath(this.#name);
        this.#put(".name .label", name);
        this.#put(".name .folder", folder);
        this.#set("title", this.#name, this.#find(".name"));
        this.#put(".facts", factsLine(this.#size, image, pace?.at(now) ?? null));
        this.toggleAttribute("data-problem", view.problem !== null);
        this.#find(".problem").hidden = !view.problem;
        this.#put(".problem", view.problem ? explain(view.problem) : "");
    }

    /** @param {View} view */
    #showSegments(view) {
        const upload = this.#find(".segment.upload");
        const processing = this.#find(".segment.processing");
        this.#set("aria-label", t("card.upload", { name: this.#name }), upload);
        this.#set("aria-valuenow", String(Math.floor(view.received * 100)), upload);
        this.#set("aria-label", t("card.processing", { name: this.#name }), processing);
        this.#set("aria-valuenow", String(Math.floor(view.processing * 100)), processing);
        this.#paint(".segments", "--sent", view.sent);
        this.#paint(".segments", "--received", view.received);
        this.#paint(".segments", "--processing", view.processing);
        this.#put(".upload .figure", uploadFigure(view));
        this.#put(".processing .figure", processingFigure(view, this.entry?.live?.expectedMs));
    }

    /** @param {View} view @param {number} width @param {boolean} isPrinted */
    #showPicture(view, width, isPrinted) {
        // What is still to be sent is looked at as it is.
        this.#paint(".picture", "--sharpness", view.state === "held" ? 1 : view.done);
        this.#picture?.show(/** @type {Entry} */ (this.entry), width, isPrinted);
        const look = this.#find(".look");
        look.hidden = view.state !== "ready";
    }

    /** @param {boolean} isSelected @param {boolean} isSelecting then a click on the picture selects, too */
    #showSelected(isSelected, isSelecting) {
        this.toggleAttribute("data-selected", isSelected);
        const name = this.#name;
        const pick = this.#find(".pick");
        pick.checked = isSelected;
        this.#set("aria-label", t("card.select", { name }), pick);
        const look = t(isSelecting ? "card.select" : "card.look", { name });
        this.#set("aria-label", look, this.#find(".look"));
    }

    #showRenditions() {
        const { image } = /** @type {Entry} */ (this.entry);
        const known = JSON.stringify([image?.renditions, words.language]);
        if (known === this.#renditions) return;
        this.#renditions = known;
        const list = this.#find(".renditions");
        const items = renditionItems(image);
        list.hidden = items.length === 0;
        list.replaceChildren(...items);
    }

    /** @param {View} view */
    #showActions(view) {
        const focused = document.activeElement;
        for (const button of this.#find(".actions").children) {
            const { action } = button.dataset;
            button.hidden = !view.actions.includes(action);
            if (button.hidden) continue;
            const label = t(`action.${action}`);
            if (button.textContent !== label) button.textContent = label;
            this.#set("aria-label", `${label}: ${this.#name}`, button);
        }
        if (focused instanceof HTMLElement && this.contains(focused) && focused.hidden)
            this.focusFirst();
    }

    /** In pixels. */
    get captionHeight() {
        const { height } = this.getBoundingClientRect();
        return height - this.#find(".picture").getBoundingClientRect().height;
    }

    focusFirst() {
        const button = this.querySelector("button[data-action]:not([hidden])");
        /** @type {HTMLElement | null} */ (button ?? this.closest("photo-grid"))?.focus();
    }

    /** @param {string} action @param {HTMLButtonElement} button that asked for it */
    #ask(action, button) {
        const detail = { action, entry: this.entry, button };
        this.dispatchEvent(new CustomEvent("photo-action", { bubbles: true, detail }));
    }
}

customElements.define("photo-card", PhotoCard);
