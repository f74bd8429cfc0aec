// @ts-check
/**
 * One photo, large: its prints with what each saves, the original under them to compare, what the
 * server knows of it, and the markup for a page of one's own. Keys and swipes turn the pages.
 */

import { copyButton } from "../copy.js";
import { copyWords } from "../dialogs.js";
import { t, words } from "../i18n.js";
import { explain } from "../problems.js";
import { pictureSnippet } from "../snippet.js";
import { followSwipes } from "../swipe.js";
import { drawablePrintsOf, factsOf, printsOf, termAndValue } from "../photo-facts.js";
import { ViewerEasel } from "./viewer-easel.js";

/** @typedef {import("../photos.js").Entry} Entry */
/** @typedef {{image: any, via: "websocket" | "http"}} Told */
/** @typedef {{previous?: Entry, next?: Entry, number: number, count: number}} Place */

/** @param {any} image @returns {string} what is worth asking again for */
const newsOf = (image) => `${image?.state} ${Object.keys(image?.renditions ?? {})}`;

export class PhotoViewer {
    /** @type {Entry | null} */ entry = null;
    #chosen = "";
    /** @type {Place | null} */ #place = null;
    /** @type {any} */ #image = null;
    #news = "";
    /** @type {ViewerEasel} */ #easel;

    /**
     * @param {HTMLDialogElement} dialog
     * @param {object} parts
     * @param {(entry: Entry) => unknown} parts.show shows another photo here
     * @param {() => boolean} parts.isOwner
     * @param {() => string} parts.batch
     */
    constructor(dialog, parts) {
        this.dialog = dialog;
        this.parts = parts;
        this.#easel = new ViewerEasel(dialog);
        for (const button of dialog.querySelectorAll("[data-turn]")) {
            const step = Number(/** @type {HTMLElement} */ (button).dataset.turn);
            button.addEventListener("click", () => this.#turn(step));
        }
        dialog.addEventListener("keydown", (event) => this.#key(event));
        followSwipes(this.#find(".easel"), (step) => this.#turn(step));
        this.#find(".prints").addEventListener("change", (/** @type {Event} */ { target }) => {
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
        this.parts.show(entry);
    }

    /** @param {Entry} entry @param {Told} told @param {Place} place */
    open(entry, { image, via }, place) {
        if (entry !== this.entry) this.#easel.cover();
        this.entry = entry;
        this.#place = place;
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
        this.#showPrints();
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
        return `/api/batches/${this.parts.batch()}/images/${this.#image.id}/original`;
    }

    #showPrints() {
        const prints = printsOf(this.#image);
        const best = (drawablePrintsOf(this.#image).at(-1) ?? prints.at(-1))?.name ?? "";
        if (!prints.some(({ name }) => name === this.#chosen)) this.#chosen = best;
        this.#find(".prints").hidden = prints.length === 0;
        const rows = prints.map((print) => this.#printRow(print, print.name === this.#chosen));
        this.#find(".prints tbody").replaceChildren(...rows);
        const link = this.#find(".original");
        link.href = this.#original;
        link.hidden = !this.parts.isOwner() || !this.#image.sha256;
    }

    /** @param {import("../photo-facts.js").Print} print @param {boolean} isChosen */
    #printRow({ name, url, width, height, bytes, saved }, isChosen) {
        const template = /** @type {HTMLTemplateElement} */ (
            document.getElementById("print-template")
        );
        const row = /** @type {any} */ (template.content.cloneNode(true)).firstElementChild;
        const input = row.querySelector("input");
        input.value = name;
        input.checked = isChosen;
        const put = (/** @type {string} */ selector, /** @type {string} */ text) => {
            row.querySelector(selector).textContent = text;
        };
        put(".print-name", name);
        put(".pixels", `${width} × ${height}`);
        put(".bytes", words.bytes(bytes));
        put(
            ".saved",
            saved === null ? "" : t("details.smaller", { percent: words.percent(saved) }),
        );
        const link = row.querySelector("a");
        link.href = url;
        link.textContent = t("details.download");
        link.setAttribute("aria-label", t("details.download.print", { name }));
        return row;
    }

    #showPicture() {
        const { name, mediaType } = this.#image;
        this.#easel.show(
            printsOf(this.#image).find((print) => print.name === this.#chosen),
            { url: this.#original, name: name ?? "", mediaType, canCompare: this.parts.isOwner() },
        );
    }

    #showSnippet() {
        const snippet = pictureSnippet(this.#image, location.origin);
        this.#find(".snippet textarea").value = snippet;
        this.#put(".snippet .copy", t("copy.do"));
        this.#find(".snippet").hidden = snippet === "";
    }

    /** @param {number} step */
    #turn(step) {
        const page = step < 0 ? this.#place?.previous : this.#place?.next;
        if (page) this.parts.show(page);
    }

    /** @param {KeyboardEvent} event */
    #key({ key, target }) {
        // A field keeps its arrow keys.
        if (target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement) return;
        if (key === "ArrowLeft") this.#turn(-1);
        if (key === "ArrowRight") this.#turn(1);
    }
}
