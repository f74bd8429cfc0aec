// @ts-check
/** What is known of an image, as terms and values in the reader's language. */

import { t, words } from "../base/i18n.js";

/** @typedef {{name: string, url: string, width: number, height: number, bytes: number,
 *             mediaType: string, saved: number | null}} Rendition `saved`: of the original, 0…1 */

/** @param {any} image @returns {Rendition[]} the smallest first */
export function renditionsOf({ size, renditions = {} }) {
    return Object.entries(renditions)
        .map(([name, one]) => ({ name, ...one, saved: savingOf(one.bytes, size) }))
        .sort((a, b) => a.width * a.height - b.width * b.height);
}

/** What a browser draws without help. */
const DRAWABLE = new Set(["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"]);

/** @param {string | undefined} mediaType */
export const isDrawable = (mediaType) => DRAWABLE.has(mediaType ?? "");

/** @param {any} image @returns {Rendition[]} the smallest first */
export const drawableRenditionsOf = (image) =>
    renditionsOf(image).filter(({ mediaType }) => isDrawable(mediaType));

/** @param {number} bytes @param {number | undefined} original */
function savingOf(bytes, original) {
    return original && bytes < original ? 1 - bytes / original : null;
}

/** @param {any} image @returns {[string, string][]} */
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
