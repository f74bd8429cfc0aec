// @ts-check
/** What is known of an image, as terms and values in the reader's language. */

import { t, words } from "../base/i18n.js";

/** @typedef {import("./types.js").Image} Image */
/** @typedef {{name: string, url: string, width: number, height: number, bytes: number,
 *             mediaType: string, saved: number | null}} Rendition `saved`: of the original, 0…1 */

/**
 * A photo smaller than two of its versions comes out as the same one twice: it is told once.
 * @param {Partial<Image>} image @returns {Rendition[]} the smallest first
 */
export function renditionsOf({ size, renditions = {} }) {
    /** @type {Map<string, Rendition>} */
    const told = new Map();
    for (const [name, one] of Object.entries(renditions)) {
        const looks = [one.mediaType, one.width, one.height, one.bytes].join();
        if (!told.has(looks)) told.set(looks, { name, ...one, saved: savingOf(one.bytes, size) });
    }
    return [...told.values()].sort((a, b) => a.width * a.height - b.width * b.height);
}

/** What a browser draws without help. */
const DRAWABLE = new Set(["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"]);

/** @param {string | undefined} mediaType */
export const isDrawable = (mediaType) => DRAWABLE.has(mediaType ?? "");

/** @param {Partial<Image>} image @returns {Rendition[]} the smallest first */
export const drawableRenditionsOf = (image) =>
    renditionsOf(image).filter(({ mediaType }) => isDrawable(mediaType));

/** How far the shapes of two renditions may differ to show the same picture. */
const ALIKE = 0.02;

/** @param {{width: number, height: number}} one @param {{width: number, height: number}} other */
export function isAlike(one, other) {
    return Math.abs((one.width * other.height) / (one.height * other.width) - 1) < ALIKE;
}

/** @param {number} bytes @param {number | undefined} original */
function savingOf(bytes, original) {
    return original && bytes < original ? 1 - bytes / original : null;
}

/** @param {Image} image @returns {[string, string][]} */
export function factsOf({ state, size, mediaType, width, height, sha256 }) {
    /** @type {[string, string | undefined][]} */
    const facts = [
        [t("details.state"), t(`stage.${state}`)],
        [t("details.size"), size === undefined ? undefined : words.bytes(size)],
        [t("details.type"), mediaType],
        [t("details.pixels"), width ? `${width} × ${height}` : undefined],
        ["SHA-256", sha256],
    ];
    return /** @type {[string, string][]} */ (facts.filter(([, value]) => value !== undefined));
}

/** @param {[string, string]} fact */
export function termAndValue([term, value]) {
    const dt = document.createElement("dt");
    const dd = document.createElement("dd");
    dt.textContent = term;
    dd.textContent = value;
    return [dt, dd];
}
