// @ts-check
/**
 * The route report: what lies between this browser and the server does to streams, sockets, bodies
 * and silence. Each question is asked on a batch of its own, which is deleted at the end.
 */

import { CAPABILITIES, eventsURL, silenceURL } from "../base/addresses.js";
import * as api from "../base/api.js";
import { fetchInTime } from "../base/deadline.js";
import { Inbox } from "../transports/inbox.js";
import { transports } from "../transports/index.js";
import * as tus from "../uploads/tus.js";
import { OwnBatch } from "./own-batch.js";
import { drawPicture } from "./pictures.js";
import { protocolOf } from "./record.js";
import { systemClock } from "../feed/feed.js";

/** @typedef {{verdict: "passes" | "late" | "refused" | "mute", ms: number | null,
 *             heartbeatMs: number | null}} Stream
 *   `late`: it opens, and holds news back; `mute`: nothing came at all */
/** @typedef {{bytes: number, isLimit: boolean, status: number | null}} Body the largest that passed;
 *   `isLimit`: a larger one did not, with that status, or without an answer */
/** @typedef {{seconds: number, isCut: boolean}} Silence */
/** @typedef {{sse: Stream, websocket: Stream, body: Body}} Passed */
/** @typedef {{protocol: string, compressed: boolean, passed: Passed | null,
 *             silence: Silence | null, at: string, browser: string}} Report `passed`: null where the
 *   server takes this page for a foreign one; `silence`: null if it was not waited for */
/** @typedef {"protocol" | "sse" | "websocket" | "body" | "silence"} Step */

/** The first message of a stream comes at once, and a proxy that has it does not have it for long. */
const HELLO_MS = 5_000;
/** News that a buffer does not hold back is here by then, on a way that deserves the name. */
const NEWS_MS = 3_000;
const FIRST_BODY = 1 << 20;
const LARGEST_BODY = 64 << 20;
const BODIES_MS = 30_000;
export const LONGEST_SILENCE = 120;

/**
 * @param {AbortSignal} signal ends it; what was found until then is reported
 * @param {(step: Step, seconds?: number) => void} onStep
 * @returns {Promise<Report>}
 */
export async function examine(signal, onStep) {
    onStep("protocol");
    const { protocol, compressed } = await readHeads();
    const passed = await tryWithBatch(signal, onStep);
    const silence = await trySilence(signal, (seconds) => onStep("silence", seconds));
    const at = new Date().toISOString();
    return { protocol, compressed, passed, silence, at, browser: navigator.userAgent };
}

/**
 * @param {AbortSignal} signal @param {(step: Step) => void} onStep
 * @returns {Promise<Passed | null>}
 */
async function tryWithBatch(signal, onStep) {
    const own = await OwnBatch.make().catch((error) => {
        if (error.code === "foreign-origin") return null;
        throw error;
    });
    if (!own) return null;
    try {
        onStep("sse");
        const sse = await tryStream("sse", own);
        onStep("websocket");
        const websocket = await tryStream("websocket", own);
        onStep("body");
        return { sse, websocket, body: await tryBodies(own, signal) };
    } finally {
        await own.remove();
    }
}

async function readHeads() {
    const answer = await fetchInTime(CAPABILITIES, { cache: "no-store" });
    return { protocol: protocolOf(), compressed: answer.headers.has("Content-Encoding") };
}

/**
 * Opens it, and makes a change once it has spoken: does that come at once?
 * @param {"sse" | "websocket"} transport @param {OwnBatch} own
 * @returns {Promise<Stream>}
 */
async function tryStream(transport, own) {
    const leaving = new AbortController();
    /** @type {Inbox<any>} */
    const inbox = new Inbox();
    const url = eventsURL(own.id);
    const settings = () => ({ intervalMs: 5_000 });
    const { signal } = leaving;
    const opening = {
        url,
        after: own.cursor,
        signal,
        settings,
        clock: systemClock,
        offer: () => {},
        note: () => {},
    };
    void listen(transports[transport](opening), inbox);
    try {
        /** @type {number | null} */ let heartbeatMs = null;
        const hello = await within(HELLO_MS, inbox, (message) => {
            heartbeatMs = message.heartbeatMs ?? null;
            return true;
        });
        if (hello === "ended") return { verdict: "refused", ms: null, heartbeatMs };
        if (hello === "silent") return { verdict: "mute", ms: null, heartbeatMs };
        const madeAt = performance.now();
        await own.announce(new File(["never sent"], "route.jpg", { type: "image/jpeg" }));
        const told = await within(NEWS_MS, inbox, ({ type }) => type === "change");
        const ms = performance.now() - madeAt;
        if (told === "heard") return { verdict: "passes", ms, heartbeatMs };
        return { verdict: "late", ms: null, heartbeatMs };
    } finally {
        leaving.abort();
    }
}

/** @param {AsyncIterable<any>} messages @param {Inbox<any>} inbox */
async function listen(messages, inbox) {
    try {
        for await (const message of messages) inbox.push(message);
        inbox.end("ended");
    } catch (error) {
        inbox.end(error);
    }
}

/**
 * @param {number} ms @param {Inbox<any>} inbox @param {(message: any) => boolean} isIt
 * @returns {Promise<"heard" | "ended" | "silent">}
 */
async function within(ms, inbox, isIt) {
    /** @type {any} */ let timer;
    const silent = /** @type {Promise<"silent">} */ (
        new Promise((resolve) => {
            timer = setTimeout(() => resolve("silent"), ms);
        })
    );
    const heard = async () => {
        for await (const message of inbox) if (isIt(message)) return /** @type {const} */ ("heard");
        return /** @type {const} */ ("ended");
    };
    const found = await Promise.race([heard(), silent]);
    clearTimeout(timer);
    return found;
}

/**
 * Ever larger requests of one upload, which begins as a picture and is never completed.
 * @param {OwnBatch} own @param {AbortSignal} signal @returns {Promise<Body>}
 */
async function tryBodies(own, signal) {
    const picture = await drawPicture(0);
    const filled = new Uint8Array(LARGEST_BODY);
    const length = 2 * LARGEST_BODY + picture.size;
    const file = new File([picture, filled, filled], "route.jpg", { type: "image/jpeg" });
    const { fileBytes } = (await api.capabilities()).limits;
    const whole = length > fileBytes ? new File([file.slice(0, fileBytes)], file.name, file) : file;
    const made = await own.announce(whole);
    if (!made.url) return { bytes: 0, isLimit: true, status: made.status };
    const until = performance.now() + BODIES_MS;
    let [offset, passed] = [0, 0];
    for (let size = FIRST_BODY; offset + size < whole.size && !signal.aborted; size *= 2) {
        const piece = {
            url: made.url,
            file: whole,
            offset,
            length: size,
            signal,
            isDisguised: false,
            patience: () => BODIES_MS,
            onProgress() {},
        };
        const outcome = /** @type {any} */ (await tus.append(piece));
        if (signal.aborted) break;
        if (outcome.status !== 204) {
            return { bytes: passed, isLimit: true, status: outcome.status ?? null };
        }
        passed = size;
        offset += size;
        if (size >= LARGEST_BODY || performance.now() > until) break;
    }
    return { bytes: passed, isLimit: false, status: null };
}

/**
 * One request on which nothing is said for up to two minutes.
 * @param {AbortSignal} signal @param {(seconds: number) => void} onSecond
 * @returns {Promise<Silence | null>}
 */
async function trySilence(signal, onSecond) {
    if (signal.aborted) return null;
    const began = performance.now();
    const seconds = () => (performance.now() - began) / 1_000;
    const ticking = setInterval(() => onSecond(Math.floor(seconds())), 1_000);
    onSecond(0);
    try {
        const url = silenceURL(LONGEST_SILENCE);
        const answer = await fetch(url, { signal, cache: "no-store" });
        return { seconds: seconds(), isCut: answer.status !== 204 };
    } catch {
        return signal.aborted
            ? { seconds: seconds(), isCut: false }
            : { seconds: seconds(), isCut: true };
    } finally {
        clearInterval(ticking);
    }
}
