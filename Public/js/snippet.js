// @ts-check
/** The markup that shows a photo's renditions on a page of one's own. Text only, never inserted. */

/** @type {Record<string, string>} */
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** @param {string} text */
const escape = (text) => text.replace(/[&<>"]/g, (letter) => ESCAPES[letter]);

/**
 * @param {any} image with its renditions
 * @param {string} origin where the renditions are served
 * @returns {string} a `<picture>` with a `srcset` for each media type, the largest as its `<img>`
 */
export function pictureSnippet({ name = "", renditions = {} }, origin) {
    const all = Object.values(renditions).sort((a, b) => a.width - b.width);
    const largest = all.at(-1);
    if (!largest) return "";
    const types = [...new Set(all.map(({ mediaType }) => mediaType))];
    const sources = types.map((type) => {
        const ofType = all.filter(({ mediaType }) => mediaType === type);
        const set = ofType.map(({ url, width }) => `${origin}${url} ${width}w`).join(", ");
        return `  <source type="${escape(type)}" srcset="${escape(set)}" sizes="100vw">`;
    });
    const { url, width, height } = largest;
    const size = `width="${width}" height="${height}"`;
    const picture = `  <img src="${escape(origin + url)}" ${size} alt="${escape(name)}" loading="lazy">`;
    return ["<picture>", ...sources, picture, "</picture>"].join("\n");
}
