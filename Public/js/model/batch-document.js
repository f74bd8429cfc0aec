// @ts-check
/**
 * The batch as the page knows it: a JSON document that only merge patches change.
 *
 * Patches are applied in place, so that an event costs what it changes and not what the batch
 * holds. Whether an event may be applied at all is the ledger's question, not asked here.
 */

/** @typedef {{[member: string]: any}} Json */
/** @typedef {{seq: number, at: string, type: string, image?: string, patch: Json}} BatchEvent */

/** @param {unknown} value @returns {value is Json} */
function isObject(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * RFC 7396 JSON Merge Patch. Objects of `target` are changed in place.
 * @param {unknown} target
 * @param {unknown} patch
 * @returns {any} the patched value: `target` itself whenever both are objects
 */
export function mergePatch(target, patch) {
    if (!isObject(patch)) return patch;
    const result = isObject(target) ? target : {};
    for (const [member, value] of Object.entries(patch)) {
        if (value === null) {
            delete result[member];
        } else {
            const before = Object.hasOwn(result, member) ? result[member] : undefined;
            setMember(result, member, mergePatch(before, value));
        }
    }
    return result;
}

/**
 * A plain assignment, except that a member called `__proto__` stays a member.
 * @param {Json} object @param {string} member @param {unknown} value
 */
function setMember(object, member, value) {
    if (member === "__proto__") {
        const settings = { value, enumerable: true, configurable: true, writable: true };
        Object.defineProperty(object, member, settings);
    } else {
        object[member] = value;
    }
}

/**
 * Folds events over a document, in their order.
 * @param {Json} document changed in place
 * @param {Iterable<BatchEvent>} events
 * @returns {Json}
 */
export function fold(document, events) {
    let folded = document;
    for (const event of events) folded = mergePatch(folded, event.patch);
    return folded;
}

/**
 * The images an event touched: few, so that few cards are drawn again.
 * @param {BatchEvent} event
 * @returns {string[]}
 */
export function touchedImages(event) {
    return isObject(event.patch?.images) ? Object.keys(event.patch.images) : [];
}
