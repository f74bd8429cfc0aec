// @ts-check
/**
 * The requests that change something or ask once. Every refusal becomes a `Problem` that carries
 * the server's code, for the page to translate; it never shows a status number alone.
 */

import {
    BATCHES,
    batchURL,
    CAPABILITIES,
    DROPS,
    dropsURL,
    GRANTS,
    imagesURL,
    imageURL,
    MANAGE_LINK,
} from "./addresses.js";
import { fetchInTime } from "./deadline.js";

/** @typedef {import("../model/types.js").Problem} ProblemBody */

export class Problem extends Error {
    /** @param {number} status @param {ProblemBody} body @param {number} [retryAfterMs] */
    constructor(status, body, retryAfterMs) {
        super(body.title ?? body.code);
        this.name = "Problem";
        this.status = status;
        this.body = body;
        this.retryAfterMs = retryAfterMs;
    }

    get code() {
        return this.body.code;
    }

    /** Whether something between this page and the server answered in its place. */
    get isStrangers() {
        return this.code.startsWith("between");
    }

    /** @param {Response} answer */
    static async from(answer) {
        const wait = retryAfter(answer.headers.get("Retry-After"));
        const type = answer.headers.get("Content-Type") ?? "";
        const isJSON = type.includes("json");
        const body = isJSON ? await answer.json().catch(() => null) : null;
        // What nobody reads would keep its connection, and those who wait for it, waiting.
        if (!isJSON) await answer.body?.cancel();
        const { status } = answer;
        // What was cut short is nobody's word: only who says something else than the server is another.
        const isStranger = type.startsWith("text/") || status === REDIRECTED;
        const other = isStranger
            ? betweenProblem(status)
            : { code: "unavailable", title: `HTTP ${status}` };
        return new Problem(status, body?.code ? body : other, wait);
    }
}

/** The status of a redirect as a page may see it: where it leads is not told. */
const REDIRECTED = 0;

/** Who asks for a login says so, or shows its page in the place of the answer. */
const isLogin = (/** @type {number} */ status) => status < 400 || status === 401 || status === 407;

/**
 * Something between this page and the server has answered: the server itself says why in words.
 * @param {number} status
 * @returns {ProblemBody}
 */
export function betweenProblem(status) {
    const title = `HTTP ${status}`;
    if (status >= 500) return { code: "unavailable", title };
    if (status === REDIRECTED) return { code: "between-redirect", title };
    if (isLogin(status)) return { code: "between-login", status, title };
    return { code: status === 413 ? "between-size" : "between", status, title };
}

/** A 404 alone may be a proxy's, and then nothing is lost: the server says so in words. */
const GONE = new Set(["no-such-batch", "batch-deleted", "no-such-image"]);

/** @param {unknown} error whether the server says that what was asked for is no more */
export const isGone = (error) => error instanceof Problem && GONE.has(error.code);

/**
 * `Retry-After` (RFC 9110 §10.2.3), as seconds or as a date.
 * @param {string | null} value
 * @param {number} [now] milliseconds since 1970
 * @returns {number | undefined} milliseconds from now
 */
export function retryAfter(value, now = Date.now()) {
    if (!value) return undefined;
    if (/^\d+$/.test(value.trim())) return Number(value) * 1_000;
    const date = Date.parse(value);
    return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/**
 * The server says everything in JSON; a proxy's login has a page.
 * @param {Response} answer
 */
const isServers = ({ status, headers }) =>
    status === 204 || (headers.get("Content-Type") ?? "").includes("json");

/** @param {string} url @param {RequestInit} [options] @returns {Promise<Response>} */
async function call(url, options = {}) {
    const answer = await fetchInTime(url, { cache: "no-store", ...options });
    if (!answer.ok || !isServers(answer)) throw await Problem.from(answer);
    return answer;
}

/** @param {string} url @returns {Promise<any>} */
const json = async (url) => (await call(url)).json();

/**
 * What names a request that must be done once: whoever repeats it, the browser by itself too, means
 * the same.
 * @param {string} key
 */
export const keyed = (key) => ({ "Idempotency-Key": `"${key}"` });

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** 128 random bits in hexadecimal; also where there is no secure context, and so no `randomUUID`. */
export function newKey() {
    let key = "";
    for (const byte of crypto.getRandomValues(new Uint8Array(16))) key += HEX[byte];
    return key;
}

/** @returns {Promise<import("../model/types.js").Capabilities>} */
export const capabilities = () => json(CAPABILITIES);

/**
 * @param {string | undefined | import("../model/own-recipe.js").Recipe} recipe by name, or a whole one
 * @param {string} key
 * @returns {Promise<{document: any, cursor: string, live: any, owner?: boolean, keepDays?: number}>}
 */
export async function createBatch(recipe, key) {
    const headers = { "Content-Type": "application/json", ...keyed(key) };
    const body = JSON.stringify({ recipe });
    const answer = await call(BATCHES, { method: "POST", headers, body });
    return answer.json();
}

/** @param {string} url @param {object} body */
const post = (url, body) =>
    call(url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
    });

/** @param {string} invitation its secret; once it is taken, this browser may begin batches */
export const acceptInvitation = (invitation) => post(GRANTS, { invitation });

/** @param {string} manage its secret; this browser manages all that the link's owner has from then on */
export const takeManageLink = (manage) => post(GRANTS, { manage });

/** @returns {Promise<{page: string}>} a new one; its secret is told only now */
export const makeManageLink = async () => (await post(MANAGE_LINK, {})).json();

/** @returns {Promise<{madeAt: string, devices: number} | undefined>} */
export async function manageLink() {
    try {
        return await json(MANAGE_LINK);
    } catch (error) {
        if (error instanceof Problem && error.code === "no-such-manage-link") return undefined;
        throw error;
    }
}

/** Nobody manages by it any more. */
export const endManageLink = () => call(MANAGE_LINK, { method: "DELETE" });

/** @typedef {{title: string, asksName: boolean, asksPassword: boolean, until: string, files?: number, bytes?: number}} DropTerms */
/** @typedef {DropTerms & {id: string, over: boolean,
 *             guests: {batch: string, name?: string, images: number, bytes: number}[]}} DropLink */

/** @param {string} drop its secret @returns {Promise<DropTerms>} what it asks for */
export const readDrop = async (drop) => (await post(DROPS, { drop })).json();

/**
 * This browser may add to a batch of its own from then on.
 * @param {string} drop its secret @param {string} [name] what the guest calls themselves
 * @param {string} [password] where the link asks for one
 * @returns {Promise<{batch: string}>}
 */
export const enterDrop = async (drop, name, password) =>
    (await post(GRANTS, { drop, name, password })).json();

/** @param {string} batch @param {object} terms @returns {Promise<DropTerms & {page: string}>} */
export const makeDropLink = async (batch, terms) => (await post(dropsURL(batch), terms)).json();

/** @param {string} batch @returns {Promise<{drops: DropLink[]}>} */
export const dropLinks = (batch) => json(dropsURL(batch));

/** @param {string} batch @param {string} drop nothing comes by it any more */
export const endDropLink = (batch, drop) =>
    call(`${dropsURL(batch)}/${drop}`, { method: "DELETE" });

/** @typedef {{document: any, cursor: string, live: any, owner?: boolean, may?: ("add" | "manage")[],
 *             drop?: DropTerms, keepDays?: number}} Opened `drop`: the link that it came by, for its guest and
 *   who keeps it; `keepDays`: for how many it may be kept, for who manages it; for ever without */

/** @param {string} batch @returns {Promise<Opened>} */
export const readBatch = (batch) => json(batchURL(batch));

/**
 * One small photo in one request.
 * @param {string} batch
 * @param {Blob} photo
 * @param {string} name plain ASCII
 * @returns {Promise<string>} the image's id
 */
export async function sendPhoto(batch, photo, name) {
    const headers = {
        ...keyed(newKey()),
        "Content-Type": photo.type,
        "Content-Disposition": `attachment; filename="${name}"`,
    };
    const options = { method: "POST", headers, body: photo };
    const answer = await (await call(imagesURL(batch), options)).json();
    return answer.id ?? answer.images?.[0]?.id;
}

/** @param {string} batch @param {RequestInit} [options] */
export const deleteBatch = (batch, options = {}) =>
    call(batchURL(batch), { ...options, method: "DELETE" });

/**
 * @param {string} batch
 * @param {{name: string | null} | {expiresAt: string | null}} change
 * @returns {Promise<{document: import("../model/types.js").BatchDocument}>}
 */
async function changeBatch(batch, change) {
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify(change);
    return (await call(batchURL(batch), { method: "PATCH", headers, body })).json();
}

/** @param {string} batch @param {string | null} name null takes it away */
export const renameBatch = (batch, name) => changeBatch(batch, { name });

/** @param {string} batch @param {string | null} expiresAt null keeps it for ever */
export const rescheduleBatch = (batch, expiresAt) => changeBatch(batch, { expiresAt });

/** @typedef {{id: string, createdAt: string, state: string, images: number, name?: string, expiresAt?: string,
 *             renditions: string[]}} OwnBatch */

/**
 * A page of the reader's own batches, the newest first.
 * @param {string} page the first, or `next` of the one before
 * @returns {Promise<{batches: OwnBatch[], next?: string}>}
 */
export const ownBatches = (page) => json(page);

/** @param {string} batch @param {string} image @returns {Promise<any>} */
export const readImage = (batch, image) => json(imageURL(batch, image));

/**
 * Removes a final image, cancels one under way.
 * @param {string} batch @param {string} image @param {string} key
 */
export const deleteImage = (batch, image, key) =>
    call(imageURL(batch, image), { method: "DELETE", headers: keyed(key) });

/** @param {string} batch @param {string} image @param {string} key */
export const cancelImage = (batch, image, key) =>
    call(`${imageURL(batch, image)}/cancel`, { method: "POST", headers: keyed(key) });

/** @param {string} batch @param {string} image @param {string} key */
export const retryImage = (batch, image, key) =>
    call(`${imageURL(batch, image)}/retry`, { method: "POST", headers: keyed(key) });
