// @ts-check
/**
 * A recipe of one's own: what is kept of it, and what is wrong with it, by the bounds that the
 * server tells. The server checks all of it again; here it is explained before anything is sent.
 */

/** @typedef {"inside" | "cover" | "smart"} Fit */
/** @typedef {"strip" | "copyright" | "keep"} Metadata */
/** @typedef {{name: string, width?: number, height?: number, fit: Fit, format: string,
 *             quality: number, metadata: Metadata, background: string, enlarge: boolean,
 *             animated: boolean}} Rendition one rendition, as `POST /api/batches` takes it */
/** @typedef {{name: string, renditions: Rendition[]}} Recipe */
/** @typedef {{index: number | null, field: string, key: string,
 *             values?: Record<string, string | number>}} Trouble `index` of the rendition, or null for
 *   the recipe as a whole; `key` of the sentence that explains it */
/** @typedef {{renditions: number, side: number, nameCharacters: number, costMs: number,
 *             costMsPerMegapixel?: Record<string, number>, metadataFormats?: string[]}} Bounds */

/** In the settings: the reader's own instead of one of the server's. No server recipe can have it. */
export const OWN = "*";

/** More than any server takes; a file with more is not a recipe. */
const MOST_KEPT = 64;
const LONGEST_TEXT = 200;

/** @type {Readonly<Rendition>} */
const BLANK = Object.freeze({
    name: "",
    fit: "inside",
    format: "image/webp",
    quality: 80,
    metadata: "strip",
    background: "#ffffff",
    enlarge: false,
    animated: true,
});

/**
 * Whatever was stored or loaded from a file: members nobody knows are dropped.
 * @param {any} raw
 * @returns {Recipe | null} null for what is no recipe at all
 */
export function normalizeRecipe(raw) {
    const renditions = raw?.renditions;
    if (!Array.isArray(renditions) || renditions.length === 0 || renditions.length > MOST_KEPT)
        return null;
    return { name: "own", renditions: renditions.map(normalizeRendition) };
}

/** @param {any} raw @returns {Rendition} */
function normalizeRendition(raw) {
    /** @type {any} */
    const rendition = { ...BLANK };
    for (const [member, usual] of Object.entries(BLANK)) {
        const given = raw?.[member];
        if (typeof given !== typeof usual) continue;
        rendition[member] = typeof given === "string" ? given.slice(0, LONGEST_TEXT) : given;
    }
    for (const side of ["width", "height"]) {
        const given = raw?.[side] ?? raw?.longerSide;
        if (typeof given === "number") rendition[side] = given;
    }
    return rendition;
}

/** @param {Rendition[]} others @returns {Rendition} one more, with a name that is free */
export function newRendition(others) {
    const taken = new Set(others.map(({ name }) => name));
    let number = others.length + 1;
    while (taken.has(`rendition-${number}`)) number += 1;
    return { ...BLANK, name: `rendition-${number}`, width: 1_600, height: 1_600 };
}

/**
 * @param {Recipe} recipe
 * @param {Bounds} bounds
 * @returns {Trouble[]} at most one for each field; empty if the server will take it
 */
export function troublesOf({ renditions }, bounds) {
    /** @type {Trouble[]} */
    const troubles = renditions.flatMap((rendition, index) => {
        const earlier = renditions.slice(0, index);
        const isTwice = earlier.some(({ name }) => name === rendition.name);
        return [...renditionTroubles(rendition, isTwice, bounds)].map((one) => ({ index, ...one }));
    });
    const whole = troubles.length === 0 ? wholeTrouble(renditions, bounds) : null;
    return whole ? [whole] : troubles;
}

/**
 * @param {Rendition} rendition @param {boolean} isTwice @param {Bounds} bounds
 * @returns {Generator<{field: string, key: string, values?: Record<string, string | number>}>}
 */
function* renditionTroubles(rendition, isTwice, bounds) {
    const { name, fit, format, quality, metadata, background } = rendition;
    const isName = /^[a-z0-9][a-z0-9-]*$/.test(name) && name.length <= bounds.nameCharacters;
    if (!isName) yield { field: "name", key: "name", values: { limit: bounds.nameCharacters } };
    else if (isTwice) yield { field: "name", key: "name-twice", values: { name } };
    yield* sizeTroubles(rendition, bounds);
    if (!isWhole(quality, 1, 100))
        yield { field: "quality", key: "quality", values: { limit: 100 } };
    const carriers = bounds.metadataFormats;
    if (metadata !== "strip" && carriers && !carriers.includes(format)) {
        yield { field: "metadata", key: "metadata" };
    }
    if (!/^#[0-9a-f]{6}$/i.test(background)) yield { field: "background", key: "background" };
    if (!["inside", "cover", "smart"].includes(fit)) yield { field: "fit", key: "fit" };
}

/** @param {Rendition} rendition @param {Bounds} bounds */
function* sizeTroubles({ width, height, fit }, { side }) {
    for (const [field, value] of Object.entries({ width, height })) {
        if (value === undefined) {
            if (fit !== "inside") yield { field, key: "size-both" };
        } else if (!isWhole(value, 1, side)) yield { field, key: "side", values: { limit: side } };
    }
    const isMissing = width === undefined && height === undefined;
    if (isMissing && fit === "inside") yield { field: "width", key: "size-missing" };
}

/** @param {Rendition[]} renditions @param {Bounds} bounds @returns {Trouble | null} */
function wholeTrouble(renditions, bounds) {
    if (renditions.length === 0 || renditions.length > bounds.renditions) {
        const values = { limit: bounds.renditions, actual: renditions.length };
        return { index: null, field: "renditions", key: "count", values };
    }
    const actual = costOf(renditions, bounds.costMsPerMegapixel ?? {});
    if (actual <= bounds.costMs) return null;
    const values = { limit: bounds.costMs / 1_000, actual: Math.ceil(actual / 1_000) };
    return { index: null, field: "renditions", key: "cost", values };
}

/**
 * Milliseconds of encoding a photo at most, as the server counts (docs/recipes.md, "Limits").
 * @param {Rendition[]} renditions @param {Record<string, number>} perMegapixel by format
 */
function costOf(renditions, perMegapixel) {
    return renditions.reduce((sum, { width, height, format }) => {
        const area = (width ?? height ?? 0) * (height ?? width ?? 0);
        return sum + Math.ceil((area * (perMegapixel[format] ?? 0)) / 1e6);
    }, 0);
}

/** @param {number} value @param {number} low @param {number} high */
const isWhole = (value, low, high) => Number.isInteger(value) && value >= low && value <= high;
