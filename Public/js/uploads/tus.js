// @ts-check
/**
 * The few requests of tus 1.0.0 that a photo needs. Bytes go by XHR, since only it reports them
 * as they leave; what comes back is an outcome for `decide`, never an exception.
 */

import { imagesURL } from "../base/addresses.js";
import { betweenProblem, keyed, Problem, retryAfter } from "../base/api.js";
import { fetchInTime, Watchdog } from "../base/deadline.js";
import { metadata } from "./upload-decisions.js";

/** @typedef {import("./upload-decisions.js").Outcome} Outcome */

const TUS = { "Tus-Resumable": "1.0.0" };

/** @param {string | null} value */
const offsetOf = (value) => (value !== null && /^\d+$/.test(value) ? Number(value) : null);

const isMissing = (/** @type {number} */ status) => status === 404 || status === 410;

/** @param {string | null} limits `Upload-Limit` */
const appendLimitOf = (limits) => {
    const found = /\bmax-append-size=(\d+)/.exec(limits ?? "");
    return found ? Number(found[1]) : undefined;
};

/** What this server never answers about an upload; 0 is a redirect. */
const STRANGERS = new Set([0, 405, 413, 501]);

/**
 * Only an answer of tus is the server's, and only a whole one: over plain http browsers take what came
 * of a head for all of it. The version is the last that the server says, so where it is whole, all
 * before it is. Of a text or a page something between is the author; one whose server is away may say
 * that nothing is there: as good as no answer. So is all else, but that it may say more when it comes again.
 * @param {number} status
 * @param {(name: string) => string | null} header
 * @returns {Outcome | null} null for the server's own
 */
function othersOutcome(status, header) {
    if (header("Tus-Resumable") === TUS["Tus-Resumable"]) return null;
    const isText = (header("Content-Type") ?? "").startsWith("text/");
    if (isMissing(status)) return { network: true };
    if (!(isText || STRANGERS.has(status))) return { network: true, wordless: status };
    const retryAfterMs = retryAfter(header("Retry-After"));
    return { status, isStrangers: true, problem: betweenProblem(status), retryAfterMs };
}

/**
 * Within the origin this page came from, whatever the server takes for its own behind a proxy.
 * @param {string | null} location @returns {string | null} where an upload is, if that is one
 */
function uploadAt(location) {
    const { pathname } = new URL(location ?? "/", "http://any");
    return /^\/api\/uploads\/u_[0-9a-z]{26}$/.test(pathname) ? pathname : null;
}

/** @param {Promise<Response>} request @returns {Promise<Outcome>} */
async function outcomeOf(request) {
    try {
        const answer = await request;
        const header = (/** @type {string} */ name) => answer.headers.get(name);
        const others = othersOutcome(answer.status, header);
        if (others) return others;
        const problem = answer.ok ? undefined : await Problem.from(answer);
        return {
            status: answer.status,
            offset: offsetOf(header("Upload-Offset")),
            url: uploadAt(header("Location")),
            image: /\/images\/(i_[0-9a-z]{26})>/.exec(header("Link") ?? "")?.[1] ?? null,
            problem: problem?.body,
            retryAfterMs: problem?.retryAfterMs,
            wantsDigest: answer.headers.has("Want-Repr-Digest"),
            appendLimit: appendLimitOf(header("Upload-Limit")),
        };
    } catch {
        return { network: true };
    }
}

/**
 * @param {string} method
 * @param {boolean} isDisguised whether it goes as a POST, where a proxy lets no other pass
 * @returns {{method: string, more: Record<string, string>}} the method, and what is said beside it
 */
function disguised(method, isDisguised) {
    if (!isDisguised) return { method, more: {} };
    return { method: "POST", more: { "X-HTTP-Method-Override": method } };
}

/**
 * It cannot be aborted: only its answer says which image it made. Asked again under its key, it is
 * the same.
 * @param {string} batch @param {{size: number, type: string}} file @param {string} name
 * @param {string} key @returns {Promise<Outcome>}
 */
export async function create(batch, file, name, key) {
    const headers = {
        ...TUS,
        ...keyed(key),
        "Upload-Length": String(file.size),
        "Upload-Metadata": metadata({ filename: name, filetype: file.type }),
    };
    const options = { method: "POST", headers, cache: /** @type {const} */ ("no-store") };
    const outcome = await outcomeOf(fetchInTime(imagesURL(batch), options));
    const isMade = "status" in outcome && outcome.status === 201;
    return isMade && !(outcome.url && outcome.image) ? { network: true } : outcome;
}

/** @param {string} url @param {AbortSignal} [signal] */
export async function askOffset(url, signal) {
    const options = {
        method: "HEAD",
        headers: TUS,
        signal,
        cache: /** @type {const} */ ("no-store"),
    };
    const outcome = await outcomeOf(fetchInTime(url, options));
    // An answer to HEAD has no body that could say so.
    const isGone = "status" in outcome && isMissing(outcome.status);
    return isGone ? { ...outcome, problem: { code: "upload-gone" } } : outcome;
}

/**
 * An append of nothing that names the whole file (RFC 9530): a server that has it asks for no more.
 * @param {{url: string, offset: number, digest: Uint8Array, signal: AbortSignal,
 *          isDisguised: boolean}} whole `digest`: SHA-256
 */
export function offer({ url, offset, digest, signal, isDisguised }) {
    const { method, more } = disguised("PATCH", isDisguised);
    const headers = {
        ...TUS,
        ...more,
        "Upload-Offset": String(offset),
        "Content-Type": "application/offset+octet-stream",
        "Repr-Digest": `sha-256=:${btoa(String.fromCharCode(...digest))}:`,
    };
    return outcomeOf(fetchInTime(url, { method, headers, signal }));
}

/**
 * Nothing more comes of it: the server need not wait for it.
 * @param {string} url @param {boolean} isDisguised
 */
export function giveUp(url, isDisguised) {
    const { method, more } = disguised("DELETE", isDisguised);
    return outcomeOf(fetchInTime(url, { method, headers: { ...TUS, ...more } }));
}

/**
 * @param {{url: string, file: File, offset: number, length: number, signal: AbortSignal,
 *          isDisguised: boolean, patience: () => number, onProgress: (left: number) => void}} piece
 *   `patience`: milliseconds it may go on without a sign of life, by what has left so far
 * @returns {Promise<Outcome>}
 */
export function append(piece) {
    const { url, file, offset, length, signal, isDisguised, patience, onProgress } = piece;
    return new Promise((resolve) => {
        const request = new XMLHttpRequest();
        let isLate = false;
        const abort = () => request.abort();
        const watchdog = new Watchdog(patience(), () => {
            isLate = true;
            abort();
        });
        const finish = (/** @type {Outcome} */ outcome) => {
            watchdog.stop();
            signal.removeEventListener("abort", abort);
            resolve(outcome);
        };
        const { method, more } = disguised("PATCH", isDisguised);
        request.open(method, url);
        const headers = { ...TUS, ...more, "Upload-Offset": String(offset) };
        for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
        request.setRequestHeader("Content-Type", "application/offset+octet-stream");
        request.upload.addEventListener("progress", ({ loaded }) => {
            onProgress(loaded);
            watchdog.feed(patience());
        });
        request.addEventListener("load", () => finish(xhrOutcome(request)));
        request.addEventListener("error", () => finish({ network: true }));
        request.addEventListener("abort", () => finish({ network: true, isLate }));
        signal.addEventListener("abort", abort);
        if (signal.aborted) return finish({ network: true });
        request.send(file.slice(offset, offset + length));
    });
}

/** @param {XMLHttpRequest} request @returns {Outcome} */
function xhrOutcome(request) {
    const header = (/** @type {string} */ name) => request.getResponseHeader(name);
    const others = othersOutcome(request.status, header);
    if (others) return others;
    return {
        status: request.status,
        offset: offsetOf(header("Upload-Offset")),
        retryAfterMs: retryAfter(header("Retry-After")),
        problem: problemOf(request),
    };
}

/** @param {XMLHttpRequest} request */
function problemOf({ status, responseText }) {
    if (status < 400) return undefined;
    try {
        return JSON.parse(responseText);
    } catch {
        return undefined;
    }
}
