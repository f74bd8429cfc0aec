// @ts-check
/**
 * The picture on a card: the faint latent one of the file itself or of its ThumbHash, and the
 * print as soon as there is one that a browser draws. How far it is developed is the style's.
 */

import { drawablePrintsOf } from "../photo-facts.js";
import { drawPlaceholder, drawPreview, whenSeen } from "../previews.js";

/** @typedef {import("../photos.js").Entry} Entry */
/** @typedef {import("../photo-facts.js").Print} Print */

/** About as wide as a card is shown. */
const SHOWN_WIDTH = "300px";
/** How far the shapes of two prints may differ to show the same picture. */
const ALIKE = 0.02;

export class CardPicture {
    #sources = "";
    #hasPreview = false;

    /** @param {HTMLElement} card */
    constructor(card) {
        this.card = card;
    }

    /** @param {Entry} entry */
    show({ file, image }) {
        const [smallest, ...larger] = drawablePrintsOf(image ?? {});
        if (smallest) {
            const sharper = larger.find((print) => isAlike(print, smallest));
            this.#showPositive(sharper ? [smallest, sharper] : [smallest]);
        } else if (!this.#hasPreview) this.#showLatent(file, image?.placeholder);
    }

    /** A canvas would hold its pixels until the collector comes. */
    forget() {
        const canvas = this.card.querySelector("canvas");
        if (canvas) canvas.width = canvas.height = 0;
    }

    /** @param {Print[]} prints of one shape, the smallest first */
    #showPositive(prints) {
        const sources = prints.map(({ url, width }) => `${url} ${width}w`).join(", ");
        if (sources === this.#sources) return;
        this.#sources = sources;
        const positive = /** @type {HTMLImageElement} */ (this.card.querySelector(".positive"));
        positive.onload = () => {
            this.card.dataset.positive = "";
        };
        positive.sizes = SHOWN_WIDTH;
        positive.srcset = sources;
        positive.src = prints[0].url;
        positive.hidden = false;
    }

    /** @param {File | undefined} file @param {string | undefined} placeholder */
    #showLatent(file, placeholder) {
        if (!file && !placeholder) return;
        this.#hasPreview = true;
        const canvas = /** @type {HTMLCanvasElement} */ (this.card.querySelector(".latent"));
        if (!file) return drawPlaceholder(canvas, placeholder ?? "");
        whenSeen(this.card, () =>
            drawPreview(canvas, file, () => {
                canvas.hidden = false;
            }),
        );
    }
}

/** @param {Print} one @param {Print} other */
function isAlike(one, other) {
    return Math.abs((one.width * other.height) / (one.height * other.width) - 1) < ALIKE;
}
