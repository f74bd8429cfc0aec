// @ts-check
/**
 * One lane's wire: everything the lane asks and hears goes over it and is counted there, each
 * request under an address of its own, so that the browser's own timings can be told apart.
 */

import { answerHead, bytesOf, frameHead, questionHead, upgradeHeads } from "./heads.js";

/** @typedef {{at: number, endedAt: number | null, status: number | null, turnMs: number,
 *             waitedMs: number | null}} Request
 *   `at`, `endedAt`: milliseconds of the run; `turnMs`: in the lab's own queue; `waitedMs`: in the
 *   browser's, null where it does not tell */
/** @typedef {[at: number, headUp: number, payloadUp: number, headDown: number, payloadDown: number]} Bytes */

export class Wire {
    /** @type {Request[]} */ requests = [];
    /** @type {Bytes[]} */ bytes = [];
    /** Whether something between compressed an answer: its payload is counted unpacked. */
    compressed = false;
    /** @type {Map<string, Request>} */ #byName = new Map();

    /**
     * @param {string} name in the query of every request of this lane
     * @param {() => number} now milliseconds of the run
     * @param {import("./turns.js").Turns | null} turns
     */
    constructor(name, now, turns) {
        this.name = name;
        this.now = now;
        this.turns = turns;
    }

    /** @param {string} url @param {RequestInit} [options] */
    async fetch(url, options = {}) {
        const askedAt = this.now();
        const release = this.turns ? await this.turns.take(options.signal) : () => {};
        const address = this.#own(url);
        const request = this.#note(address, askedAt);
        const fields = /** @type {Record<string, string>} */ (options.headers ?? {});
        this.#count(questionHead(address, fields), 0, 0, 0);
        const end = () => {
            request.endedAt ??= this.now();
            release();
        };
        try {
            const answer = await fetch(address, options);
            request.status = answer.status;
            this.compressed ||= answer.headers.has("Content-Encoding");
            this.#count(0, 0, answerHead(answer), 0);
            return this.#counted(answer, end);
        } catch (error) {
            end();
            throw error;
        }
    }

    /** @param {string} url @param {string} protocol */
    socket(url, protocol) {
        const address = this.#own(url);
        const request = this.#note(address, this.now());
        const socket = new WebSocket(address, protocol);
        const heads = upgradeHeads(address);
        this.#count(heads.question, 0, 0, 0);
        socket.addEventListener("open", () => {
            request.status = 101;
            this.#count(0, 0, heads.answer, 0);
        });
        socket.addEventListener("message", ({ data }) => {
            const size = bytesOf(data);
            this.#count(0, 0, frameHead(size, false), size);
        });
        socket.addEventListener("close", () => {
            request.endedAt ??= this.now();
        });
        const send = socket.send.bind(socket);
        socket.send = (/** @type {string} */ text) => {
            const size = bytesOf(text);
            this.#count(frameHead(size, true), size, 0, 0);
            send(text);
        };
        return socket;
    }

    /**
     * What the browser says of a finished request.
     * @param {PerformanceResourceTiming} timing
     */
    learn(timing) {
        const request = this.#byName.get(laneOf(timing.name));
        if (request) request.waitedMs = waitOf(timing);
    }

    /** @param {string} url */
    #own(url) {
        const mark = `lane=${this.name}.${this.requests.length + 1}`;
        return `${url}${url.includes("?") ? "&" : "?"}${mark}`;
    }

    /** @param {string} address @param {number} askedAt @returns {Request} */
    #note(address, askedAt) {
        const at = this.now();
        const request = { at, endedAt: null, status: null, turnMs: at - askedAt, waitedMs: null };
        this.requests.push(request);
        this.#byName.set(laneOf(address), request);
        return request;
    }

    /** @param {Response} answer @param {() => void} end @returns {Response} */
    #counted(answer, end) {
        const { status, statusText, headers } = answer;
        if (!answer.body || status === 304 || status === 204) {
            end();
            return new Response(null, { status, statusText, headers });
        }
        const reader = answer.body.getReader();
        const body = new ReadableStream({
            pull: async (controller) => {
                try {
                    const { done, value } = await reader.read();
                    if (value) this.#count(0, 0, 0, value.length);
                    if (value) return controller.enqueue(value);
                    if (done) controller.close();
                } catch (error) {
                    controller.error(error);
                }
                end();
            },
            cancel: (why) => {
                end();
                return reader.cancel(why);
            },
        });
        return new Response(body, { status, statusText, headers });
    }

    /** @param {number} headUp @param {number} payloadUp @param {number} headDown @param {number} payloadDown */
    #count(headUp, payloadUp, headDown, payloadDown) {
        this.bytes.push([this.now(), headUp, payloadUp, headDown, payloadDown]);
    }
}

/** @param {string} url */
export const laneOf = (url) => new URL(url, location.href).searchParams.get("lane") ?? "";

/**
 * How long the browser held a request before it put it on a connection: the making of a
 * connection is the way's own cost and no waiting.
 * @param {Pick<PerformanceResourceTiming, "fetchStart" | "domainLookupStart" | "connectEnd" |
 *   "requestStart">} timing
 * @returns {number | null}
 */
export function waitOf({ fetchStart, domainLookupStart, connectEnd, requestStart }) {
    if (requestStart === 0) return null;
    const connecting = Math.max(0, connectEnd - domainLookupStart);
    return Math.max(0, requestStart - fetchStart - connecting);
}
