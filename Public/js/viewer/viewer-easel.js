// @ts-check
/**
 * The picture in the viewer: one print, and the original under it, which is only loaded once the
 * print is drawn aside to compare them.
 */

import { t } from "../base/i18n.js";
import { isDrawable } from "../model/photo-facts.js";

/** @typedef {import("../model/photo-facts.js").Print} Print */
/** @typedef {{url: string, name: string, mediaType: string, canCompare: boolean}} Original */

export class ViewerEasel {
    /** @type {Original | null} */ #original = null;

    /** @param {HTMLElement} dialog */
    constructor(dialog) {
        const find = (/** @type {string} */ selector) =>
            /** @type {any} */ (dialog.querySelector(selector));
        this.blank = find(".easel .blank");
        this.large = find(".easel .large");
        this.under = find(".easel .under");
        this.compare = find(".compare");
        this.slider = find(".compare input");
        this.output = find(".compare output");
        this.slider.addEventListener("input", () => this.#wipe());
    }

    /** Nothing is drawn aside any more. */
    cover() {
        this.slider.value = "100";
    }

    /** @param {Print | undefined} print @param {Original} original */
    show(print, original) {
        this.#original = original;
        const isShown = print !== undefined && isDrawable(print.mediaType);
        this.blank.textContent = t(print ? "details.undrawable" : "details.blank");
        this.blank.hidden = isShown;
        this.large.hidden = !isShown;
        this.compare.hidden = !isShown || !original.canCompare || !isDrawable(original.mediaType);
        if (isShown) return this.#hang(print, original.name);
        this.large.removeAttribute("src");
        this.under.hidden = true;
    }

    /** @param {Print} print @param {string} name */
    #hang({ url, width, height }, name) {
        Object.assign(this.large, { width, height, alt: name });
        setSource(this.large, url);
        this.#wipe();
    }

    /** The print covers so much of the original. */
    #wipe() {
        const covered = Number(this.slider.value);
        const compares = covered < 100 && !this.compare.hidden;
        this.under.hidden = !compares;
        this.large.style.clipPath = compares ? `inset(0 0 0 ${100 - covered}%)` : "";
        this.output.textContent = compares ? t("details.compare.on") : "";
        if (!compares || !this.#original) return;
        const { width, height } = this.large;
        Object.assign(this.under, { width, height });
        setSource(this.under, this.#original.url);
    }
}

/** @param {HTMLImageElement} image @param {string} url not loaded again where it is there */
function setSource(image, url) {
    if (image.getAttribute("src") !== url) image.src = url;
}
