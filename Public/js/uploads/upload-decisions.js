// @ts-check
/**
 * What an upload does after each answer, as pure functions. The rule behind them: the server's
 * offset is the truth, a temporary failure is never an end, and a refusal is never tried again.
 */

/** @typedef {"create" | "offer" | "ask" | "send"} Phase create it, offer what the server may have
 *    already, ask for the offset, send bytes */
/** @typedef {{network: true, isLate?: boolean, wordless?: number, retryAfterMs?: number} | {status: number, isStrangers?: boolean,
 *             offset?: number | null, url?: string | null, image?: string | null, problem?: any,
 *             retryAfterMs?: number, wantsDigest?: boolean, appendLimit?: number}} Outcome
 *   `isLate`: it was given up, for it took too long; `wordless`: the status of an answer that was cut in
 *   its head, or is another's and says no more; `isStrangers`: something between answered in the
 *   server's place; `appendLimit`: bytes of one request that may pass */
/** @typedef {{next: Phase | "done" | "stop" | "block", wait?: boolean, restart?: boolean,
 *             smaller?: boolean, disguise?: boolean}} Decision
 *   `block`: it may go on once somebody has seen to what lies between; `smaller`: in smaller pieces;
 *   `disguise`: by POST in place of PATCH */

const TEMPORARY = new Set([408, 423, 425, 429]);
/** What is answered to a method that may not pass. */
const METHOD_REFUSED = new Set([400, 403, 405, 501]);

/**
 * @param {Phase} phase what was asked
 * @param {Outcome} outcome
 * @param {{size: number, remembered: boolean, isDisguised?: boolean, isLeast?: boolean}} file
 *   `remembered`: its URL is from an earlier visit; `isDisguised`: it went by POST; `isLeast`: in the
 *   smallest pieces
 * @returns {Decision}
 */
export function decide(phase, outcome, { size, remembered, isDisguised, isLeast }) {
    if ("network" in outcome) return again(phase);
    if (outcome.isStrangers) {
        return getPast(phase, outcome.status, Boolean(isDisguised), Boolean(isLeast));
    }
    if (!isAnswer(outcome)) return again(phase);
    if (phase === "create" && outcome.problem?.code === "key-reused") {
        // The file has changed since it was sent under this key.
        return { next: "create", restart: true };
    }
    if (isAppend(phase) && outcome.status === 409) return { next: "ask" };
    if (phase === "ask" && remembered && isForgotten(outcome.status)) {
        return { next: "create", restart: true };
    }
    if (outcome.status < 200 || outcome.status >= 300) return { next: "stop" };
    return goOn(outcome.offset ?? (phase === "create" ? 0 : null), size, outcome.wantsDigest);
}

/** @param {Phase} phase */
const isAppend = (phase) => phase === "send" || phase === "offer";

/** @param {Phase} phase @returns {Decision} what to do where nothing is known of what came of it */
const again = (phase) => ({ next: isAppend(phase) ? "ask" : phase, wait: true });

/**
 * Something between this page and the server stands in the way.
 * @param {Phase} phase @param {number} status
 * @param {boolean} isDisguised @param {boolean} isLeast
 * @returns {Decision}
 */
function getPast(phase, status, isDisguised, isLeast) {
    if (isAppend(phase) && status === 413 && !isLeast) return { next: "ask", smaller: true };
    if (isAppend(phase) && !isDisguised && METHOD_REFUSED.has(status)) {
        return { next: "ask", disguise: true };
    }
    return isTemporary(status) ? again(phase) : { next: "block" };
}

/** @param {number | null} offset @param {number} size @param {boolean} [wantsDigest] @returns {Decision} */
function goOn(offset, size, wantsDigest = false) {
    if (offset === null) return { next: "ask", wait: true };
    if (offset >= size) return { next: "done" };
    return { next: wantsDigest ? "offer" : "send" };
}

/** An answer is cut by chance, and not so often in the same place. */
const MOST_CUTS = 3;

/**
 * Tells the answers that were cut from those of something between that refuses without a word: these
 * come again.
 */
export class Doubts {
    /** @type {Map<Phase, {status: number, times: number}>} */ #last = new Map();

    /** @param {Phase} phase @param {Outcome} outcome @returns {Outcome} as it is to be taken */
    judge(phase, outcome) {
        // Without any answer nothing new is known.
        if (!("network" in outcome)) this.#last.delete(phase);
        const status = ("network" in outcome && outcome.wordless) || 0;
        if (status < 400 || isTemporary(status)) return outcome;
        const last = this.#last.get(phase);
        const times = last?.status === status ? last.times + 1 : 1;
        this.#last.set(phase, { status, times });
        return times < MOST_CUTS ? outcome : { status, isStrangers: true };
    }
}

/**
 * Whether it tells what came of the request: not that there is no way to the server now, or that the
 * same request has come before and is still under way.
 * @param {any} outcome
 */
export function isAnswer({ network, status, problem }) {
    return !network && !isTemporary(status) && problem?.code !== "request-under-way";
}

/**
 * Whether the same request may do better later. All that asks goes by this.
 * @param {number} status
 */
export function isTemporary(status) {
    return status >= 500 || TEMPORARY.has(status);
}

/** @param {number} status */
function isForgotten(status) {
    return status === 404 || status === 410 || status === 403;
}

/**
 * Browsers know types by the ending alone, and none of `.heic`, `.hif` or `.mpo` everywhere: such a
 * file may be a photo.
 * @param {string} type
 */
export const isUnknownType = (type) => type === "" || type === "application/octet-stream";

/**
 * Why a file will not be sent, before a byte is: the same code the server would answer.
 * @param {{name: string, size: number, type: string}} file
 * @param {import("../model/types.js").Limits | undefined} limits undefined while they are unknown
 * @param {number} images how many the batch holds already
 * @returns {{code: string, limit?: number, actual?: number} | null}
 */
export function refusal({ size, type }, limits, images) {
    if (size === 0) return { code: "empty-file" };
    if (!isUnknownType(type) && !type.startsWith("image/")) return { code: "not-an-image" };
    if (limits?.fileBytes && size > limits.fileBytes) {
        return { code: "file-too-large", limit: limits.fileBytes, actual: size };
    }
    if (limits?.imagesPerBatch && images >= limits.imagesPerBatch) {
        return { code: "batch-full", limit: limits.imagesPerBatch, actual: images + 1 };
    }
    return null;
}

/**
 * `Upload-Metadata` of tus 1.0.0: a key, a space, base64 of the UTF-8 bytes.
 * @param {Record<string, string>} fields
 */
export function metadata(fields) {
    return Object.entries(fields)
        .filter(([, value]) => value !== "")
        .map(([key, value]) => `${key} ${base64(value)}`)
        .join(",");
}

/** @param {string} text */
function base64(text) {
    const bytes = new TextEncoder().encode(text);
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
