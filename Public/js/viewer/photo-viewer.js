// @ts-check
/**
 * One photo, large: its renditions with what each saves, the original under them to compare, what the
 * server knows of it, and the markup for a page of one's own. Keys and swipes turn the pages.
 */

import { originalURL } from "../base/addresses.js";
import { copyButton } from "../ui/copy-text.js";
import { copyWords } from "../ui/dialogs.js";
import { find, stamp } from "../base/dom.js";
import { t, words } from "../base/i18n.js";
import { explain } from "../base/problems.js";
import { pictureSnippet } from "./snippet.js";
import { followSwipes } from "./swipe.js";
import {
    drawableRenditionsOf,
    factsOf,
    fileNameOf,
    renditionsOf,
    termAndValue,
} from "../model/photo-facts.js";
import { ViewerPicture } from "./viewer-picture.js";

/** @typedef {import("../model/photos.js").Entry} Entry */
/** @typedef {import("../model/types.js").Image} Image */
/** @typedef {{image: Image, via: "websocket" | "http"}} Told */
/** @typedef {{previous?: Entry, next?: Entry, number: number, count: number}} Place */

/** @type {Image} */
const NONE = { id: "", position: 0, name: "", size: 0, state: "uploading" };

/** @param {Image | undefined} image @returns {string} what is worth asking again for */
const newsOf = (image) => `${image?.state} ${Object.keys(image?.renditions ?? {})}`;

export class PhotoViewer {
    /** @type {Entry | null} */ entry = null;
    #chosen = "";
    /** @type {Entry | null} the photo that was turned to and is still asked for */
    #wanted = null;
    /** @type {Image} */ #image = NONE;
    #news = "";
    /** @type {ViewerPicture} */ #picture;

    /**
     * @param {HTMLDialogElement} dialog
     * @param {object} parts
     * @param {(entry: Entry) => Promise<void>} parts.show has a photo shown here, by `turnTo`
     * @param {(entry: Entry) => Place} parts.placeOf
     * @param {() => boolean} parts.isOwner
     * @param {() => string} parts.batch
     */
    constructor(dialog, parts) {
        this.dialog = dialog;
        this.parts = parts;
        this.#picture = new ViewerPicture(dialog);
        for (const button of dialog.querySelectorAll("[data-turn]")) {
            const step = Number(/** @type {HTMLElement} */ (button).dataset.turn);
            button.addEventListener("click", () => this.#turn(step));
        }
        dialog.addEventListener("keydown", (event) => this.#key(event));
        followSwipes(this.#find(".viewer-picture"), (step) => this.#turn(step));
        this.#find(".renditions").addEventListener("change", (/** @type {Event} */ { target }) => {
            this.#chosen = /** @type {HTMLInputElement} */ (target).value;
            this.#showPicture();
        });
        copyButton(this.#find(".snippet .copy"), this.#find(".snippet textarea"), copyWords);
    }

    get isOpen() {
        return this.dialog.open;
    }

    /** @param {Entry} entry one that changed, perhaps while it is looked at */
    follow(entry) {
        if (!this.isOpen || entry !== this.entry || newsOf(entry.image) === this.#news) return;
        this.#news = newsOf(entry.image);
        void this.parts.show(entry);
    }

    /**
     * Shows it, unless the viewer was closed or is on its way to another photo by now.
     * @param {Entry} entry @param {Told} told
     */
    turnTo(entry, told) {
        if (this.isOpen && entry === (this.#wanted ?? this.entry)) this.open(entry, told);
    }

    /**
     * What went wrong, where it is seen: the page behind an open dialog is not.
     * @param {string} sentence
     */
    say(sentence) {
        this.#put(".trouble", sentence);
    }

    /** @param {Entry} entry @param {Told} told */
    open(entry, { image, via }) {
        this.say("");
        if (entry !== this.entry) this.#picture.cover();
        this.entry = entry;
        this.#wanted = null;
        const place = this.parts.placeOf(entry);
        this.#image = image;
        this.#news = newsOf(entry.image);
        this.#put("h2", image.name ?? "");
        this.#put(".via", t(`details.via.${via}`));
        this.#put(".place", t("details.place", { number: place.number, count: place.count }));
        this.#put(".problem", image.problem ? explain(image.problem) : "");
        this.#find(".problem").hidden = !image.problem;
        for (const [step, page] of [
            ["-1", place.previous],
            ["1", place.next],
        ]) {
            this.#find(`[data-turn="${step}"]`).disabled = !page;
        }
        this.#find("dl").replaceChildren(...factsOf(image).flatMap(termAndValue));
        this.#showRenditions();
        this.#showPicture();
        this.#showSnippet();
        if (!this.dialog.open) this.dialog.showModal();
    }

    /** @param {string} selector @returns {any} */
    #find(selector) {
        return this.dialog.querySelector(selector);
    }

    /** @param {string} selector @param {string} text */
    #put(selector, text) {
        this.#find(selector).textContent = text;
    }

    get #original() {
        return originalURL(this.parts.batch(), this.#image.id);
    }

    #showRenditions() {
        const renditions = renditionsOf(this.#image);
        const best = (drawableRenditionsOf(this.#image).at(-1) ?? renditions.at(-1))?.name ?? "";
        if (!renditions.some(({ name }) => name === this.#chosen)) this.#chosen = best;
        this.#find(".renditions").hidden = renditions.length === 0;
        const rows = renditions.map((rendition) =>
            this.#rowOf(rendition, rendition.name === this.#chosen),
        );
        this.#find(".renditions tbody").replaceChildren(...rows);
        const link = this.#find(".original");
        link.href = this.#original;
        link.hidden = !this.parts.isOwner() || !this.#image.sha256;
    }

    /** @param {import("../model/photo-facts.js").Rendition} rendition @param {boolean} isChosen */
    #rowOf(rendition, isChosen) {
        const { name, url, width, height, bytes, saved } = rendition;
        const row = find(stamp("rendition-row-template"), "tr", HTMLElement);
        const input = find(row, "input", HTMLInputElement);
        input.value = name;
        input.checked = isChosen;
        const put = (/** @type {string} */ selector, /** @type {string} */ text) => {
            find(row, selector, HTMLElement).textContent = text;
        };
        put(".rendition-name", name);
        put(".pixels", `${width} × ${height}`);
        put(".bytes", words.bytes(bytes));
        put(
            ".saved",
            saved === null ? "" : t("details.smaller", { percent: words.percent(saved) }),
        );
        const link = find(row, "a", HTMLAnchorElement);
        link.href = url;
        link.download = fileNameOf(this.#image.name ?? "", rendition);
        link.textContent = t("details.download");
        link.setAttribute("aria-label", t("details.download.rendition", { name }));
        return row;
    }

    #showPicture() {
        const { name, mediaType } = this.#image;
        this.#picture.show(
            renditionsOf(this.#image).find((rendition) => rendition.name === this.#chosen),
            { url: this.#original, name: name ?? "", mediaType, canCompare: this.parts.isOwner() },
        );
    }

    #showSnippet() {
        const snippet = pictureSnippet(this.#image, location.origin);
        this.#find(".snippet textarea").value = snippet;
        this.#put(".snippet .copy", t("copy.do"));
        this.#find(".snippet").hidden = snippet === "";
    }

    /**
     * Each press is a step, also while the photo of the one before is still asked for.
     * @param {number} step
     */
    async #turn(step) {
        const from = this.#wanted ?? this.entry;
        if (!from) return;
        const { previous, next } = this.parts.placeOf(from);
        const page = step < 0 ? previous : next;
        if (!page) return;
        this.#wanted = page;
        await this.parts.show(page);
        // It could not be had: the next press goes on from what is seen.
        if (this.#wanted === page) this.#wanted = null;
    }

    /** @param {KeyboardEvent} event */
    #key({ key, target }) {
        // A field keeps its arrow keys.
        if (target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement) return;
        if (key === "ArrowLeft") this.#turn(-1);
        if (key === "ArrowRight") this.#turn(1);
    }
}
