// @ts-check
/**
 * The few requests of tus 1.0.0 that a photo needs. Bytes go by XHR, since only it reports them
 * as they leave; what comes back is an outcome for `decide`, never an exception.
 */

import { keyed, Problem, retryAfter } from "./api.js";
import { fetchInTime, STALL_MS, Watchdog } from "./deadline.js";
import { metadata } from "./upload-decisions.js";

/** @typedef {import("./upload-decisions.js").Outcome} Outcome */

const TUS = { "Tus-Resumable": "1.0.0" };

/** @param {string | null} value */
const offsetOf = (value) => (value !== null && /^\d+$/.test(value) ? Number(value) : null);

const isMissing = (/** @type {number} */ status) => status === 404 || status === 410;

/**
 * A proxy whose server is away may say that nothing is there. Only an answer of tus is the server's.
 * @param {number} status
 * @param {string | null} version its `Tus-Resumable`
 */
const isStrangers = (status, version) => isMissing(status) && version === null;

/** @param {Promise<Response>} request @returns {Promise<Outcome>} */
async function outcomeOf(request) {
    try {
        const answer = await request;
        if (isStrangers(answer.status, answer.headers.get("Tus-Resumable"))) {
            return { network: true };
        }
        const link = answer.headers.get("Link") ?? "";
        const problem = answer.ok ? undefined : await Problem.from(answer);
        return {
            status: answer.status,
            offset: offsetOf(answer.headers.get("Upload-Offset")),
            url: answer.headers.get("Location"),
            image: /\/images\/(i_[^/>]+)>/.exec(link)?.[1] ?? null,
            problem: problem?.body,
            retryAfterMs: problem?.retryAfterMs,
            wantsDigest: answer.headers.has("Want-Repr-Digest"),
        };
    } catch {
        return { network: true };
    }
}

/**
 * It cannot be aborted: only its answer says which image it made. Asked again under its key, it is
 * the same.
 * @param {string} batch @param {File} file @param {string} name @param {string} key
 */
export function create(batch, file, name, key) {
    const headers = {
        ...TUS,
        ...keyed(key),
        "Upload-Length": String(file.size),
        "Upload-Metadata": metadata({ filename: name, filetype: file.type }),
    };
    const options = { method: "POST", headers, cache: /** @type {const} */ ("no-store") };
    return outcomeOf(fetchInTime(`/api/batches/${batch}/images`, options));
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
 * @param {string} url @param {number} offset @param {Uint8Array} digest SHA-256
 * @param {AbortSignal} signal
 */
export function offer(url, offset, digest, signal) {
    const headers = {
        ...TUS,
        "Upload-Offset": String(offset),
        "Content-Type": "application/offset+octet-stream",
        "Repr-Digest": `sha-256=:${btoa(String.fromCharCode(...digest))}:`,
    };
    return outcomeOf(fetchInTime(url, { method: "PATCH", headers, signal }));
}

/**
 * @param {{url: string, file: File, offset: number, length: number, signal: AbortSignal,
 *          onProgress: (sent: number) => void}} piece
 * @returns {Promise<Outcome>}
 */
export function append({ url, file, offset, length, signal, onProgress }) {
    return new Promise((resolve) => {
        const request = new XMLHttpRequest();
        const abort = () => request.abort();
        const watchdog = new Watchdog(STALL_MS, abort);
        const finish = (/** @type {Outcome} */ outcome) => {
            watchdog.stop();
            signal.removeEventListener("abort", abort);
            resolve(outcome);
        };
        request.open("PATCH", url);
        const headers = { ...TUS, "Upload-Offset": String(offset) };
        for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
        request.setRequestHeader("Content-Type", "application/offset+octet-stream");
        request.upload.addEventListener("progress", ({ loaded }) => {
            watchdog.feed();
            onProgress(offset + loaded);
        });
        request.addEventListener("load", () => finish(xhrOutcome(request)));
        request.addEventListener("error", () => finish({ network: true }));
        request.addEventListener("abort", () => finish({ network: true }));
        signal.addEventListener("abort", abort);
        if (signal.aborted) return finish({ network: true });
        request.send(file.slice(offset, offset + length));
    });
}

/** @param {XMLHttpRequest} request @returns {Outcome} */
function xhrOutcome(request) {
    if (isStrangers(request.status, request.getResponseHeader("Tus-Resumable"))) {
        return { network: true };
    }
    return {
        status: request.status,
        offset: offsetOf(request.getResponseHeader("Upload-Offset")),
        retryAfterMs: retryAfter(request.getResponseHeader("Retry-After")),
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
