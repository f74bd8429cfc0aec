// @ts-check
/** The markup that shows a photo's renditions on a page of one's own. Text only, never inserted. */

/** @type {Record<string, string>} */
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"]/g, (letter) => ESCAPES[letter]);

/** @typedef {import("../model/types.js").Image} Image */

/**
 * @param {Pick<Image, "placeholder" | "renditions"> & {name?: string}} image with its renditions
 * @param {string} origin where the renditions are served
 * @returns {string} a `<picture>` with a `srcset` for each media type, the largest as its `<img>`
 */
export function pictureSnippet({ name = "", placeholder = "", renditions = {} }, origin) {
    const all = Object.values(renditions).sort((a, b) => a.width - b.width);
    const largest = all.at(-1);
    if (!largest) return "";
    const types = [...new Set(all.map(({ mediaType }) => mediaType))];
    const sources = types.map((type) => {
        const ofType = all.filter(({ mediaType }) => mediaType === type);
        const set = ofType.map(({ url, width }) => `${origin}${url} ${width}w`).join(", ");
        return `  <source type="${escaped(type)}" srcset="${escaped(set)}" sizes="100vw">`;
    });
    const { url, width, height } = largest;
    const size = `width="${width}" height="${height}"`;
    const hash = placeholder === "" ? "" : ` data-thumbhash="${escaped(placeholder)}"`;
    const attributes = `${size} alt="${escaped(name)}" loading="lazy"${hash}`;
    const picture = `  <img src="${escaped(origin + url)}" ${attributes}>`;
    return ["<picture>", ...sources, picture, "</picture>"].join("\n");
}
