// @ts-check
/**
 * The picture on a card: the faint latent one of the file itself or of its ThumbHash, and the
 * print as soon as there is one that a browser draws. How far it is developed is the style's.
 */

import { drawablePrintsOf } from "../model/photo-facts.js";
import { drawPlaceholder, drawPreview } from "../pictures/previews.js";

/** @typedef {import("../model/photos.js").Entry} Entry */
/** @typedef {import("../model/photo-facts.js").Print} Print */

/** About as wide as a card is shown. */
const SHOWN_WIDTH = "300px";
/** How far the shapes of two prints may differ to show the same picture. */
const ALIKE = 0.02;

/** A card that one only scrolls past is gone by then, and no file is read for it. */
const REST_MS = 100;

export class CardPicture {
    /** @type {Entry | null} */ #entry = null;
    #rest = 0;
    #isAtRest = false;
    #sources = "";
    #hasLatent = false;

    /** @param {HTMLElement} card */
    constructor(card) {
        this.latent = /** @type {HTMLImageElement} */ (card.querySelector(".latent"));
        this.positive = /** @type {HTMLImageElement} */ (card.querySelector(".positive"));
    }

    /** @param {Entry} entry */
    show(entry) {
        this.#entry = entry;
        if (this.#isAtRest) return this.#draw(entry);
        if (this.#rest === 0) this.#rest = window.setTimeout(() => this.#settle(), REST_MS);
    }

    #settle() {
        this.#isAtRest = true;
        if (this.#entry) this.#draw(this.#entry);
    }

    /** @param {Entry} entry */
    #draw({ file, image }) {
        const [smallest, ...larger] = drawablePrintsOf(image ?? {});
        if (smallest) {
            const sharper = larger.find((print) => isAlike(print, smallest));
            this.#showPositive(sharper ? [smallest, sharper] : [smallest]);
        } else if (!this.#hasLatent) this.#showLatent(file, image?.placeholder);
    }

    /** Nothing of it is left: what is still being drawn or loaded finds its image gone. */
    clear() {
        clearTimeout(this.#rest);
        this.#entry = null;
        this.#rest = 0;
        this.#isAtRest = false;
        if (this.#hasLatent) this.latent = blankOf(this.latent);
        if (this.#sources) this.positive = blankOf(this.positive);
        this.#hasLatent = false;
        this.#sources = "";
    }

    /** @param {Print[]} prints of one shape, the smallest first */
    #showPositive(prints) {
        const sources = prints.map(({ url, width }) => `${url} ${width}w`).join(", ");
        if (sources === this.#sources) return;
        this.#sources = sources;
        const { positive } = this;
        positive.sizes = SHOWN_WIDTH;
        positive.srcset = sources;
        positive.src = prints[0].url;
        positive.hidden = false;
    }

    /** @param {File | undefined} file @param {string | undefined} placeholder */
    #showLatent(file, placeholder) {
        if (!file && !placeholder) return;
        this.#hasLatent = true;
        if (file) drawPreview(this.latent, file);
        else drawPlaceholder(this.latent, placeholder ?? "");
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

/** @param {Print} one @param {Print} other */
function isAlike(one, other) {
    return Math.abs((one.width * other.height) / (one.height * other.width) - 1) < ALIKE;
}
