// @ts-check
/**
 * The picture on a card: the faint preview of the file itself or of its ThumbHash, and the
 * rendition as soon as there is one that a browser draws. How sharp it is drawn is the style's.
 */

import { drawableRenditionsOf, isAlike } from "../model/photo-facts.js";
import { drawPlaceholder, drawPreview, keepStill } from "../pictures/previews.js";
import { PAPER } from "./grid-layout.js";

/** @typedef {import("../model/photos.js").Entry} Entry */
/** @typedef {import("../model/photo-facts.js").Rendition} Rendition */

/** A card that one only scrolls past is gone by then, and no file is read for it. */
const REST_MS = 100;

export class CardPicture {
    /** @type {Entry | null} */ #entry = null;
    #rest = 0;
    #isAtRest = false;
    #sources = "";
    #width = 0;
    #hasPreview = false;

    /** @param {HTMLElement} card */
    constructor(card) {
        this.preview = /** @type {HTMLImageElement} */ (card.querySelector(".preview"));
        this.result = /** @type {HTMLImageElement} */ (card.querySelector(".result"));
    }

    /**
     * @param {Entry} entry @param {number} width of the card in pixels
     * @param {boolean} isPrinted it is wanted at once
     */
    show(entry, width, isPrinted) {
        this.#entry = entry;
        this.#width = width;
        if (isPrinted) this.#isAtRest = true;
        if (this.#isAtRest) return this.#draw(entry);
        if (this.#rest === 0) this.#rest = window.setTimeout(() => this.#settle(), REST_MS);
    }

    #settle() {
        this.#isAtRest = true;
        if (this.#entry) this.#draw(this.#entry);
    }

    /** @param {Entry} entry */
    #draw({ file, image }) {
        const all = drawableRenditionsOf(image ?? {});
        if (all.length > 0) {
            keepStill(this.result, image?.frames);
            this.#showResult(all.filter((one) => isAlike(one, all[0])));
        } else if (!this.#hasPreview) this.#showPreview(file, image?.placeholder);
    }

    /** Nothing of it is left: what is still being drawn or loaded finds its image gone. */
    clear() {
        clearTimeout(this.#rest);
        this.#entry = null;
        this.#rest = 0;
        this.#isAtRest = false;
        if (this.#hasPreview) this.preview = blankOf(this.preview);
        if (this.#sources) this.result = blankOf(this.result);
        this.#hasPreview = false;
        this.#sources = "";
    }

    /** @param {Rendition[]} renditions of one shape, the smallest first */
    #showResult(renditions) {
        const sources = renditions.map(({ url, width }) => `${url} ${width}w`).join(", ");
        const { result } = this;
        const sizes = `${widthOf(renditions[0], this.#width)}px`;
        if (result.sizes !== sizes) result.sizes = sizes;
        if (sources === this.#sources) return;
        this.#sources = sources;
        result.srcset = sources;
        result.src = renditions[0].url;
        result.hidden = false;
    }

    /** @param {File | undefined} file @param {string | undefined} placeholder */
    #showPreview(file, placeholder) {
        if (!file && !placeholder) return;
        this.#hasPreview = true;
        if (file) drawPreview(this.preview, file);
        else drawPlaceholder(this.preview, placeholder ?? "");
    }
}

/** @param {HTMLImageElement} image @returns {HTMLImageElement} a new one in its place */
function blankOf(image) {
    const blank = new Image();
    blank.className = image.className;
    blank.alt = "";
    blank.decoding = "async";
    blank.hidden = true;
    image.replaceWith(blank);
    return blank;
}

/**
 * The picture covers the paper: one that is flatter than it is drawn wider.
 * @param {Rendition} rendition @param {number} card its width in pixels
 */
function widthOf({ width, height }, card) {
    return Math.ceil(card * Math.max(1, (PAPER * width) / height));
}
