// @ts-check
/**
 * One photo: its print, developing as it truly progresses; two segments that never pretend; its
 * stage, its trouble, its renditions, and what can be done. It only shows what it is given.
 */

import { drawPlaceholder, drawPreview, whenSeen } from "../previews.js";
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
    #thumb = "";
    #renditions = "";
    #hasPreview = false;

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
        const pixels = image?.width ? `${image.width} × ${image.height}` : "";
        this.#put(".facts", [words.bytes(this.#size), pixels].filter(Boolean).join(" · "));
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
        this.#put(".upload .figure", this.#uploadFigure(view));
        this.#put(".processing .figure", this.#processingFigure(view));
    }

    /** @param {View} view */
    #uploadFigure({ received, sent }) {
        if (received >= 1) return t("card.received");
        return sent > 0 ? t("card.sent", { percent: words.percent(sent) }) : t("card.unsent");
    }

    /** @param {View} view */
    #processingFigure({ state, processing, measured }) {
        if (state !== "processing") return t("card.undeveloped");
        const expected = this.entry?.live?.expectedMs;
        if (!measured && expected) {
            return t("card.usually", {
                time: words.duration(Math.max(1, expected / 1000), "short"),
            });
        }
        return t("card.developed", { percent: words.percent(processing) });
    }

    /** @param {View} view */
    #showPicture(view) {
        const { file, image } = /** @type {Entry} */ (this.entry);
        const thumb = image?.renditions?.thumb?.url;
        if (thumb && thumb !== this.#thumb) this.#showPositive(thumb, image?.renditions ?? {});
        else if (!thumb && !this.#hasPreview) this.#showLatent(file, image?.placeholder);
        const look = /** @type {HTMLButtonElement} */ (this.querySelector(".look"));
        look.hidden = view.state !== "ready";
        look.setAttribute("aria-label", t("card.look", { name: this.#name }));
    }

    /** @param {string} url @param {any} renditions */
    #showPositive(url, renditions) {
        this.#thumb = url;
        const positive = /** @type {HTMLImageElement} */ (this.querySelector(".positive"));
        const { thumb, medium } = renditions;
        const sharper = [thumb, medium].filter(Boolean);
        positive.onload = () => {
            positive.hidden = false;
            this.dataset.positive = "";
        };
        positive.sizes = "300px";
        if (thumb) positive.srcset = sharper.map((one) => `${one.url} ${one.width}w`).join(", ");
        positive.src = url;
        positive.hidden = false;
    }

    /** @param {File | undefined} file @param {string | undefined} placeholder */
    #showLatent(file, placeholder) {
        if (!file && !placeholder) return;
        this.#hasPreview = true;
        const canvas = /** @type {HTMLCanvasElement} */ (this.querySelector(".latent"));
        if (!file) return drawPlaceholder(canvas, placeholder ?? "");
        whenSeen(this, () =>
            drawPreview(canvas, file, () => {
                canvas.hidden = false;
            }),
        );
    }

    #showRenditions() {
        const renditions = this.entry?.image?.renditions ?? {};
        const known = JSON.stringify([renditions, words.language]);
        if (known === this.#renditions) return;
        this.#renditions = known;
        const list = /** @type {HTMLElement} */ (this.querySelector(".renditions"));
        const inOrder = Object.entries(renditions).sort(
            ([, a], [, b]) => a.width * a.height - b.width * b.height,
        );
        list.hidden = inOrder.length === 0;
        list.replaceChildren(...inOrder.map(([name, one]) => this.#renditionItem(name, one)));
    }

    /** @param {string} name @param {any} rendition */
    #renditionItem(name, { url, width, height, bytes }) {
        const template = /** @type {HTMLTemplateElement} */ (
            document.getElementById("rendition-template")
        );
        const item = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
        const link = /** @type {HTMLAnchorElement} */ (item.querySelector("a"));
        link.href = url;
        link.dataset.rendition = name;
        const size = words.bytes(bytes);
        link.setAttribute("aria-label", t("card.rendition", { name, width, height, size }));
        /** @type {Element} */ (item.querySelector(".pixels")).textContent = `${width} × ${height}`;
        /** @type {Element} */ (item.querySelector(".bytes")).textContent = size;
        return item;
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

    /** Its canvas would hold its pixels until the collector comes. */
    disconnectedCallback() {
        queueMicrotask(() => {
            const canvas = this.isConnected ? null : this.querySelector("canvas");
            if (canvas) canvas.width = canvas.height = 0;
        });
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
