// @ts-check
/**
 * What an upload does after each answer, as pure functions. The rule behind them: the server's
 * offset is the truth, a temporary failure is never an end, and a refusal is never tried again.
 */

/** @typedef {"create" | "offer" | "ask" | "send"} Phase create it, offer what the server may have
 *    already, ask for the offset, send bytes */
/** @typedef {{network: true} | {status: number, offset?: number | null, url?: string | null,
 *             image?: string | null, problem?: any, retryAfterMs?: number,
 *             wantsDigest?: boolean}} Outcome */
/** @typedef {{next: Phase | "done" | "stop", wait?: boolean, restart?: boolean}} Decision */

/** The first bytes go alone: they are enough for the server to refuse a file that is no photo. */
export const FIRST_BYTES = 256 * 1024;

const BACKOFF_BASE_MS = 500;
const BACKOFF_CAP_MS = 30_000;
const TEMPORARY = new Set([408, 423, 425, 429]);

/**
 * How many bytes the next request carries: a first piece, then all that is left.
 * @param {number} offset @param {number} size
 */
export function nextLength(offset, size) {
    const left = size - offset;
    const isFirst = offset === 0 && left > 2 * FIRST_BYTES;
    return isFirst ? FIRST_BYTES : left;
}

/**
 * @param {Phase} phase what was asked
 * @param {Outcome} outcome
 * @param {{size: number, remembered: boolean}} file `remembered`: its URL is from an earlier visit
 * @returns {Decision}
 */
export function decide(phase, outcome, { size, remembered }) {
    const isAppend = phase === "send" || phase === "offer";
    if ("network" in outcome || isTemporary(outcome.status) || isUnderWay(outcome)) {
        return { next: isAppend ? "ask" : phase, wait: true };
    }
    if (isAppend && outcome.status === 409) return { next: "ask" };
    if (phase === "ask" && remembered && isForgotten(outcome.status)) {
        return { next: "create", restart: true };
    }
    if (outcome.status < 200 || outcome.status >= 300) return { next: "stop" };
    return goOn(outcome.offset ?? (phase === "create" ? 0 : null), size, outcome.wantsDigest);
}

/** @param {number | null} offset @param {number} size @param {boolean} [wantsDigest] @returns {Decision} */
function goOn(offset, size, wantsDigest = false) {
    if (offset === null) return { next: "ask", wait: true };
    if (offset >= size) return { next: "done" };
    return { next: wantsDigest ? "offer" : "send" };
}

/** The same request has come before, and its answer got lost. */
const isUnderWay = (/** @type {any} */ outcome) => outcome.problem?.code === "request-under-way";

/** @param {number} status */
function isTemporary(status) {
    return status >= 500 || TEMPORARY.has(status);
}

/** @param {number} status */
function isForgotten(status) {
    return status === 404 || status === 410 || status === 403;
}

/**
 * Full jitter from zero, never sooner than the server asked.
 * @param {number} attempt from 0 @param {number} random 0…1 @param {number} [retryAfterMs]
 * @returns {number} milliseconds
 */
export function backoff(attempt, random, retryAfterMs = 0) {
    const jitter = random * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** attempt);
    return retryAfterMs + jitter;
}

/**
 * Why a file will not be sent, before a byte is: the same code the server would answer.
 * @param {{name: string, size: number, type: string}} file
 * @param {any} limits of `/api/capabilities`, or undefined while they are unknown
 * @param {number} images how many the batch holds already
 * @returns {{code: string, limit?: number, actual?: number} | null}
 */
export function refusal({ size, type }, limits, images) {
    if (size === 0) return { code: "empty-file" };
    if (type !== "" && !type.startsWith("image/")) return { code: "not-an-image" };
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
