// @ts-check
/** One lane: an independent subscriber with its own cursor, connection and count. */

import { Feed } from "../feed/feed.js";
import { transports } from "../transports/index.js";
import { Wire } from "./wire.js";

/** @typedef {import("./ways.js").Way} Way */

export class Lane {
    /** @type {[seq: number, at: number][]} milliseconds of the run */ arrivals = [];
    /** How often its transport was opened. */
    openings = 0;
    /** @type {Feed} */ feed;

    /**
     * @param {object} options
     * @param {Way} options.way
     * @param {string} options.name unlike any other lane's, of this page or another
     * @param {string} options.url of the batch's events
     * @param {string} options.cursor
     * @param {() => number} options.now milliseconds of the run
     * @param {import("./turns.js").Turns} options.turns of the polls
     * @param {(event: any) => void} options.onEvent
     */
    constructor({ way, name, url, cursor, now, turns, onEvent }) {
        this.way = way;
        this.wire = new Wire(name, now, way.takesTurns ? turns : null);
        const { intervalMs } = way;
        const read = transports[way.transport];
        const counted = (/** @type {import("../feed/feed.js").Opening} */ opening) => {
            this.openings += 1;
            return read({ ...opening, wire: this.wire });
        };
        this.feed = new Feed({
            url,
            cursor,
            choice: way.transport,
            transports: { ...transports, [way.transport]: counted },
            settings: () => ({ intervalMs }),
            onMessage: (message) => {
                if (message.type !== "change") return;
                this.arrivals.push([message.event.seq, now()]);
                onEvent(message.event);
            },
            onStatus: () => {},
        });
    }

    get ledger() {
        return this.feed.machine.ledger;
    }

    get reconnects() {
        return Math.max(0, this.openings - 1);
    }

    /** The last event that it has in order. */
    get last() {
        return this.ledger.last ?? 0;
    }
}
