// @ts-check
/**
 * Polling: one read, again and again, never two at once. Three paces share it: a fixed interval
 * kept exactly as chosen, an adaptive one that follows the work, and a long poll that waits on the
 * server. `If-None-Match` is sent by hand with the browser's cache off: it would hide the 304.
 */

import { sleep } from "../base/sleep.js";
import { FeedError } from "./feed-error.js";
import { headBytes } from "./weight.js";

/** @typedef {import("../feed/feed.js").Opening} Opening */
/** @typedef {import("../feed/feed-machine.js").Message} Message */
/** @typedef {{news: boolean, moving: boolean, waited: boolean, tookMs: number}} Last how the last
 *   answer was; `waited`: whether the server might hold it */
/** @typedef {{waitSeconds: number, pauseMs(opening: Opening, last: Last): number}} Pace */

/** An answer may take this long beyond what it was asked to wait. */
const ANSWER_MS = 15_000;

/**
 * What a 304 says.
 * @type {any}
 */
const UNCHANGED = Object.freeze({});

/** @type {Record<"fixed" | "adaptive" | "long", Pace>} */
const paces = {
    fixed: { waitSeconds: 0, pauseMs: ({ settings }) => settings().intervalMs },
    adaptive: {
        waitSeconds: 0,
        pauseMs: (_, { news, moving }) =>
            globalThis.document?.hidden ? 10_000 : news || moving ? 250 : 2_000,
    },
    // What only moves need not be seen more than ten times a second. An empty answer that did not
    // wait comes from something in between: it is not hammered.
    long: {
        waitSeconds: 25,
        pauseMs: (_, { news, moving, waited, tookMs }) => {
            if (news || !waited || tookMs > 1_000) return 0;
            return moving ? 100 : 1_000;
        },
    },
};

/** @param {Pace} pace @returns {(opening: Opening) => AsyncGenerator<Message>} */
function polling(pace) {
    return async function* changes(opening) {
        let cursor = opening.after;
        /** @type {string | null} */
        let tag = null;
        let moving = false;
        // The first answer is not held: it shows that the way is open, where nothing happens too.
        let waitSeconds = 0;
        while (!opening.signal.aborted) {
            const askedAt = opening.clock.now();
            /** @type {Response} */
            const answer = await ask(opening, cursor, tag, waitSeconds);
            const tookMs = opening.clock.now() - askedAt;
            const body = await read(answer, opening);
            if (body !== UNCHANGED) {
                moving = Object.keys(body.live ?? {}).length > 0;
                tag = answer.headers.get("ETag");
                cursor = body.cursor ?? body.reset?.cursor ?? cursor;
            }
            const last = { news: hasNews(body), moving, waited: waitSeconds > 0, tookMs };
            waitSeconds = pace.waitSeconds;
            const pauseMs = Math.max(pace.pauseMs(opening, last), body.pollAfterMs ?? 0);
            const heartbeatMs = pauseMs + pace.waitSeconds * 1_000 + ANSWER_MS;
            yield { type: "heartbeat", heartbeatMs };
            yield* messagesOf(body);
            if (!body.more) await pause(opening, pauseMs);
        }
    };
}

/** Asks every so many milliseconds, as chosen, whatever happens. */
export const fixed = polling(paces.fixed);
/** Quick while photos move, slow while nothing does, slower still in a hidden tab. */
export const adaptive = polling(paces.adaptive);
/** The server holds the answer until there is one. */
export const long = polling(paces.long);

/**
 * @param {Opening} opening @param {string | null} cursor @param {string | null} tag
 * @param {number} waitSeconds
 */
async function ask({ url, signal, clock, note, wire }, cursor, tag, waitSeconds) {
    const query = new URLSearchParams();
    if (cursor !== null) query.set("after", cursor);
    if (waitSeconds > 0) query.set("wait", String(waitSeconds));
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json" };
    if (tag) headers["If-None-Match"] = tag;
    const limit = new AbortController();
    const giveUp = () => limit.abort();
    const timer = clock.set(giveUp, waitSeconds * 1_000 + ANSWER_MS);
    signal.addEventListener("abort", giveUp);
    note({ did: "ask" });
    try {
        const options = { headers, signal: limit.signal, cache: /** @type {const} */ ("no-store") };
        const answer = await (wire ?? globalThis).fetch(`${url}?${query}`, options);
        note({ did: "receive", bytes: headBytes(answer) });
        if (!answer.ok && answer.status !== 304) throw await FeedError.from(answer);
        return answer;
    } finally {
        clock.clear(timer);
        signal.removeEventListener("abort", giveUp);
    }
}

/** @param {Response} answer @param {Opening} opening @returns {Promise<any>} */
async function read(answer, { note }) {
    const bytes = await answer.arrayBuffer();
    const isUnchanged = answer.status === 304;
    const body = isUnchanged ? UNCHANGED : JSON.parse(new TextDecoder().decode(bytes));
    note({ did: "receive", bytes: bytes.byteLength });
    note({ did: "finish", at: body.at });
    const messages = isUnchanged ? [{ type: "nothing" }] : messagesOf(body);
    for (const message of messages) note({ did: "hear", message });
    return body;
}

/**
 * One answer as the messages the other transports would have sent.
 * @param {any} body @returns {Generator<Message>}
 */
export function* messagesOf(body) {
    if (body.reset) yield { type: "reset", ...body.reset };
    const events = body.events ?? [];
    for (const [index, event] of events.entries()) {
        const cursor = index === events.length - 1 ? body.cursor : undefined;
        yield { type: "change", event, cursor };
    }
    if (body.live) yield { type: "live", live: body.live };
}

/** @param {any} body */
function hasNews({ events = [], reset }) {
    return events.length > 0 || reset !== undefined;
}

/** @param {Opening} opening @param {number} ms @returns {Promise<void>} */
function pause({ clock, signal, note }, ms) {
    note({ did: "pause", ms });
    return sleep(ms, { clock, signal });
}
