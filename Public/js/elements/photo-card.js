// @ts-check
/**
 * One photo: its print, developing as it truly progresses; two segments that never pretend; its
 * stage, its trouble, its renditions, and what can be done. It only shows what it is given.
 */

import { CardPicture } from "./card-picture.js";
import { factsLine, processingFigure, renditionItems, uploadFigure } from "./card-words.js";
import { t, words } from "../i18n.js";
import { splitPath } from "../photos.js";
import { explain } from "../problems.js";

/** @typedef {import("../photos.js").Entry} Entry */
/** @typedef {import("../photo-view.js").View} View */

/** Longer than the last step of developing takes on the screen. */
const FRESH_MS = 1_500;

export class PhotoCard extends HTMLElement {
    /** @type {Entry | null} */ entry = null;
    /** Where it lies on the sheet. */
    index = -1;
    #renditions = "";
    #picture = new CardPicture(this);

    connectedCallback() {
        if (this.firstElementChild) return;
        this.className = "card";
        this.setAttribute("role", "listitem");
        const template = /** @type {HTMLTemplateElement} */ (
            document.getElementById("photo-card-template")
        );
        this.append(template.content.cloneNode(true));
        this.addEventListener("click", ({ target }) => {
            const button = /** @type {Element} */ (target).closest("button");
            if (button) this.#ask(button.dataset.action ?? "info");
        });
    }

    /** @param {Entry} entry @param {View} view */
    show(entry, view) {
        this.entry = entry;
        this.#keepFresh(view.state);
        this.dataset.state = view.state;
        this.dataset.image = entry.task?.image ?? entry.image?.id ?? "";
        this.dataset.received = String(Math.round(view.received * this.#size));
        this.dataset.sent = view.sent.toFixed(3);
        this.dataset.processing = view.processing.toFixed(3);
        this.style.setProperty("--developed", view.developed.toFixed(3));
        this.style.setProperty("--sent", view.sent.toFixed(3));
        this.style.setProperty("--received", view.received.toFixed(3));
        this.style.setProperty("--processing", view.processing.toFixed(3));
        this.toggleAttribute("data-unmeasured", !view.measured);
        this.#showWords(view);
        this.#showSegments(view);
        this.#showPicture(view);
        this.#showRenditions();
        this.#showActions(view);
    }

    /**
     * A photo that becomes ready goes on sharpening to the end; one that was ready is just there.
     * @param {string} state
     */
    #keepFresh(state) {
        const before = this.dataset.state;
        if (state !== "ready" || !before || before === "ready") return;
        this.dataset.fresh = "";
        setTimeout(() => delete this.dataset.fresh, FRESH_MS);
    }

    get #name() {
        return this.entry?.image?.name ?? this.entry?.name ?? "";
    }

    get #size() {
        return this.entry?.image?.size ?? this.entry?.file?.size ?? 0;
    }

    /** @param {string} selector @param {string} text */
    #put(selector, text) {
        const element = this.querySelector(selector);
        if (element && element.textContent !== text) element.textContent = text;
    }

    /** @param {View} view */
    #showWords(view) {
        const { image, position } = /** @type {Entry} */ (this.entry);
        this.#put(".frame", String(position + 1).padStart(2, "0"));
        this.#put(".stage", t(view.stage, view.stageValues));
        const { folder, name } = splitPath(this.#name);
        this.#put(".name .label", name);
        this.#put(".name .folder", folder);
        this.querySelector(".name")?.setAttribute("title", this.#name);
        this.#put(".facts", factsLine(this.#size, image));
        const problem = this.querySelector(".problem");
        if (problem) /** @type {HTMLElement} */ (problem).hidden = !view.problem;
        this.#put(".problem", view.problem ? explain(view.problem) : "");
    }

    /** @param {View} view */
    #showSegments(view) {
        const upload = this.querySelector(".segment.upload");
        const processing = this.querySelector(".segment.processing");
        upload?.setAttribute("aria-label", t("card.upload", { name: this.#name }));
        upload?.setAttribute("aria-valuenow", String(Math.floor(view.received * 100)));
        processing?.setAttribute("aria-label", t("card.processing", { name: this.#name }));
        processing?.setAttribute("aria-valuenow", String(Math.floor(view.processing * 100)));
        this.#put(".upload .figure", uploadFigure(view));
        this.#put(".processing .figure", processingFigure(view, this.entry?.live?.expectedMs));
    }

    /** @param {View} view */
    #showPicture(view) {
        this.#picture.show(/** @type {Entry} */ (this.entry));
        const look = /** @type {HTMLButtonElement} */ (this.querySelector(".look"));
        look.hidden = view.state !== "ready";
        look.setAttribute("aria-label", t("card.look", { name: this.#name }));
    }

    #showRenditions() {
        const { image } = /** @type {Entry} */ (this.entry);
        const known = JSON.stringify([image?.renditions, words.language]);
        if (known === this.#renditions) return;
        this.#renditions = known;
        const list = /** @type {HTMLElement} */ (this.querySelector(".renditions"));
        const items = renditionItems(image);
        list.hidden = items.length === 0;
        list.replaceChildren(...items);
    }

    /** @param {View} view */
    #showActions(view) {
        const focused = document.activeElement;
        for (const button of this.querySelectorAll("button[data-action]")) {
            const { dataset } = /** @type {HTMLElement} */ (button);
            const action = dataset.action ?? "";
            /** @type {HTMLElement} */ (button).hidden = !view.actions.includes(action);
            const label = t(`action.${action}`);
            if (button.textContent !== label) button.textContent = label;
            button.setAttribute("aria-label", `${label}: ${this.#name}`);
        }
        if (focused instanceof HTMLElement && this.contains(focused) && focused.hidden)
            this.focusFirst();
    }

    disconnectedCallback() {
        queueMicrotask(() => this.isConnected || this.#picture.forget());
    }

    focusFirst() {
        /** @type {HTMLElement | null} */ (
            this.querySelector("button[data-action]:not([hidden])")
        )?.focus();
    }

    /** @param {string} action */
    #ask(action) {
        const detail = { action, entry: this.entry };
        this.dispatchEvent(new CustomEvent("photo-action", { bubbles: true, detail }));
    }
}

customElements.define("photo-card", PhotoCard);
