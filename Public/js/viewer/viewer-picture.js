// @ts-check
/**
 * The picture in the viewer: one rendition, and the original under it, which is only loaded once the
 * rendition is drawn aside to compare them.
 */

import { t } from "../base/i18n.js";
import { isDrawable } from "../model/photo-facts.js";

/** @typedef {import("../model/photo-facts.js").Rendition} Rendition */
/** @typedef {{url: string, name: string, mediaType: string | undefined, canCompare: boolean}} Original */

export class ViewerPicture {
    /** @type {Original | null} */ #original = null;

    /** @param {HTMLElement} dialog */
    constructor(dialog) {
        const find = (/** @type {string} */ selector) =>
            /** @type {any} */ (dialog.querySelector(selector));
        this.blank = find(".viewer-picture .blank");
        this.large = find(".viewer-picture .large");
        this.under = find(".viewer-picture .under");
        this.compare = find(".compare");
        this.slider = find(".compare input");
        this.output = find(".compare output");
        this.slider.addEventListener("input", () => this.#wipe());
    }

    /** Nothing is drawn aside any more. */
    cover() {
        this.slider.value = "100";
    }

    /** @param {Rendition | undefined} rendition @param {Original} original */
    show(rendition, original) {
        this.#original = original;
        const isShown = rendition !== undefined && isDrawable(rendition.mediaType);
        this.blank.textContent = t(rendition ? "details.undrawable" : "details.blank");
        this.blank.hidden = isShown;
        this.large.hidden = !isShown;
        this.compare.hidden = !isShown || !original.canCompare || !isDrawable(original.mediaType);
        if (isShown) return this.#hang(rendition, original.name);
        this.large.removeAttribute("src");
        this.under.hidden = true;
    }

    /** @param {Rendition} rendition @param {string} name */
    #hang({ url, width, height }, name) {
        Object.assign(this.large, { width, height, alt: name });
        setSource(this.large, url);
        this.#wipe();
    }

    /** The rendition covers so much of the original. */
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
