// @ts-check
/**
 * The transports as a page uses them: through the shared worker where there is one, so that all
 * pages of a browser cost one connection a batch, else by itself. The feed sees no difference.
 */

import { FeedError } from "../transports/feed-error.js";
import { Inbox } from "../transports/inbox.js";
import { Exchange } from "./exchange.js";

/** @typedef {import("../feed.js").Opening} Opening */
/** @typedef {import("../feed-machine.js").Message} Message */
/** @typedef {import("../feed-machine.js").Transport} Transport */
/** @typedef {Record<Transport, import("../feed.js").Changes>} Transports */

/** @param {Transports} alone @param {Exchange} [exchange] @returns {Transports} */
export function shared(alone, exchange = new Exchange()) {
    const both = Object.entries(alone).map(([name, changes]) => {
        const transport = /** @type {Transport} */ (name);
        return [
            name,
            (/** @type {Opening} */ opening) => through(exchange, transport, changes, opening),
        ];
    });
    return Object.fromEntries(both);
}

/**
 * @param {Exchange} exchange @param {Transport} transport @param {import("../feed.js").Changes} alone
 * @param {Opening} opening
 * @returns {AsyncGenerator<Message>}
 */
async function* through(exchange, transport, alone, opening) {
    /** @type {Inbox<Message>} */
    const inbox = new Inbox();
    const place = await exchange.open(transport, opening, inbox);
    if (opening.signal.aborted) return place?.close();
    if (!place) return yield* alone(opening);
    const leave = () => {
        place.close();
        inbox.end(null);
    };
    opening.signal.addEventListener("abort", leave);
    try {
        for await (const message of inbox) {
            place.taken();
            yield message;
        }
    } finally {
        opening.signal.removeEventListener("abort", leave);
        place.close();
    }
    if (inbox.why) throw new FeedError("the shared connection failed", inbox.why);
}
