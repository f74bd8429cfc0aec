// @ts-check
/**
 * One photo on the stage: what the page has of it at once, and over that the version that was chosen, as
 * soon as it is there. Its layers lie exactly over one another; how large they are is the stage's.
 */

import { isAlike } from "../model/photo-facts.js";
import { drawPlaceholder, drawPreview, keepStill } from "../pictures/previews.js";

/** @typedef {import("../model/photo-facts.js").Rendition} Rendition */
/** @typedef {{name: string, width?: number, height?: number, placeholder?: string, frames?: number,
 *             file?: File, drawable: Rendition[], chosen?: Rendition,
 *             original: string | File}} Photo `drawable`: what this browser draws, the smallest first;
 *   `chosen`: one of them */

/** A preview tells the shape alone: it is drawn so many times as large. */
const PREVIEW_SCALE = 8;

export class Sheet {
    /** @type {HTMLImageElement | null} */ #large = null;
    /** @type {HTMLImageElement | null} */ #under = null;
    #isUnderSeen = false;
    #url = "";
    /** @type {number | null} */ #part = null;
    #revoke = () => {};

    /**
     * @param {Element} stage
     * @param {Photo} photo
     * @param {() => void} onChange it has another size, or shows more or less than before
     */
    constructor(stage, photo, onChange) {
        this.photo = photo;
        this.onChange = onChange;
        this.element = document.createElement("div");
        this.element.className = "sheet";
        stage.prepend(this.element);
        /** @type {{width: number, height: number} | null} null where nothing can be drawn */
        this.whole = wholeOf(photo);
        this.#begin();
    }

    /** Whether the version that was chosen is seen, and not what stands for it. */
    get isSharp() {
        return this.#large?.hasAttribute("data-there") ?? false;
    }

    /** Whether the original is there to be compared with. */
    get hasUnder() {
        return this.#under?.hasAttribute("data-there") ?? false;
    }

    /** Nobody sees it any more. */
    end() {
        this.#revoke();
        this.element.remove();
    }

    /** @param {Photo} photo the same one @returns {boolean} whether this sheet can show it as it is now */
    take(photo) {
        const whole = wholeOf(photo);
        if (!whole || !this.whole || !photo.chosen || !isAlike(whole, this.whole)) return false;
        if (!this.photo.chosen) return false;
        this.photo = photo;
        this.whole = whole;
        this.#draw(photo.chosen);
        return true;
    }

    /** @param {number | null} part of the width that shows the original; null where it is not compared */
    set part(part) {
        this.#part = part;
        if (part !== null && !this.#under) this.#drawUnder();
        const isOn = part !== null && this.hasUnder;
        const percent = 100 * (part ?? 0);
        const isCut = isOn && this.#isUnderSeen;
        if (this.#large) this.#large.style.clipPath = isCut ? `inset(0 0 0 ${percent}%)` : "";
        if (!this.#under) return;
        this.#under.hidden = part === null;
        this.#under.style.clipPath = isOn ? `inset(0 ${100 - percent}% 0 0)` : "";
    }

    #begin() {
        const { placeholder, file, drawable, chosen } = this.photo;
        if (placeholder) drawPlaceholder(this.#layer("blur"), placeholder);
        if (chosen) {
            const [small] = drawable.filter((one) => isAlike(one, chosen));
            if (small !== chosen) this.#layer("small", small.url);
            this.#draw(chosen);
        } else if (file) {
            const preview = this.#layer("own-file");
            preview.addEventListener("load", () => this.#fitTo(preview));
            drawPreview(preview, file);
        }
    }

    /** @param {string} kind @param {string} [url] */
    #layer(kind, url) {
        const layer = new Image();
        layer.className = kind;
        layer.alt = "";
        layer.draggable = false;
        layer.decoding = kind === "large" ? "async" : "sync";
        keepStill(layer, this.photo.frames);
        layer.addEventListener("load", () => layer.toggleAttribute("data-there", true));
        if (url) layer.src = url;
        this.element.append(layer);
        return layer;
    }

    /** @param {Rendition} chosen over what is seen now, which stays until it is there */
    #draw({ url }) {
        const former = this.#large;
        if (url === this.#url) return;
        this.#url = url;
        const large = this.#layer("large", url);
        large.alt = this.photo.name;
        if (former) former.className = "former";
        this.#large = large;
        large.addEventListener("load", async () => {
            const below = this.element.querySelectorAll(".former, .small, .blur");
            this.onChange();
            await appeared(large);
            for (const layer of below) layer.remove();
        });
        large.addEventListener("error", () => this.onChange());
        this.part = this.#part;
    }

    #drawUnder() {
        const { original } = this.photo;
        const isHere = typeof original !== "string";
        const url = isHere ? URL.createObjectURL(original) : original;
        if (isHere) this.#revoke = () => URL.revokeObjectURL(url);
        const under = this.#layer("under", url);
        this.#under = under;
        under.addEventListener("load", async () => {
            this.part = this.#part;
            this.onChange();
            await appeared(under);
            this.#isUnderSeen = true;
            this.part = this.#part;
        });
    }

    /** @param {HTMLImageElement} preview */
    #fitTo({ naturalWidth, naturalHeight }) {
        this.whole ??= {
            width: naturalWidth * PREVIEW_SCALE,
            height: naturalHeight * PREVIEW_SCALE,
        };
        this.onChange();
    }
}

/**
 * A picture fades in over what stands for it, which is not taken away before: what lies below both is black.
 * @param {Element} layer that is there
 */
const appeared = (layer) =>
    Promise.allSettled(layer.getAnimations().map(({ finished }) => finished));

/**
 * The size that it is fitted by: the photo's own, so that all versions of one shape lie alike; of one
 * that was cut to another shape, its own.
 * @param {Photo} photo
 */
function wholeOf({ width, height, chosen }) {
    const own = width && height ? { width, height } : null;
    if (!chosen) return own;
    return own && isAlike(own, chosen) ? own : { width: chosen.width, height: chosen.height };
}
