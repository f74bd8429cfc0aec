// @ts-check
/** Names of image formats as people write them. */

/** @type {Record<string, string>} */
const NAMES = { webp: "WebP", jxl: "JPEG XL" };

/** @param {string} mediaType such as `image/webp` @returns {string} */
export function formatName(mediaType) {
    const short = mediaType.replace(/^image\//, "").replace(/\+.*/, "");
    return NAMES[short] ?? short.toUpperCase();
}
