// @ts-check
/**
 * Counts what a transport costs: requests, and bytes as the browser knows them. Finished answers
 * are in its resource timings, headers included; a stream or a socket that still runs is counted
 * by its messages.
 */

/** @typedef {import("./feed-machine.js").Transport} Transport */
/** @typedef {import("./feed.js").Changes} Changes */

const STREAMS = new Set(["sse", "websocket"]);

export class Meter {
    #streamed = 0;
    #isStream = false;

    /** @param {string} url of the events */
    constructor(url) {
        this.prefix = new URL(url, location.href).href;
        performance.setResourceTimingBufferSize?.(2_000);
    }

    /**
     * @param {Record<Transport, Changes>} transports
     * @returns {Record<Transport, Changes>} the same, counted
     */
    around(transports) {
        const counted = Object.entries(transports).map(([name, changes]) => [
            name,
            (/** @type {import("./feed.js").Opening} */ opening) =>
                this.#count(changes(opening), STREAMS.has(name)),
        ]);
        return Object.fromEntries(counted);
    }

    /** @returns {{requests: number | null, bytes: number}} so far; null for one lasting stream */
    read() {
        if (this.#isStream) return { requests: null, bytes: this.#streamed };
        const answers = /** @type {PerformanceResourceTiming[]} */ (
            performance.getEntriesByType("resource")
        ).filter(
            ({ name, initiatorType }) => initiatorType === "fetch" && name.startsWith(this.prefix),
        );
        const bytes = answers.reduce((sum, { transferSize }) => sum + transferSize, 0);
        return { requests: answers.length, bytes };
    }

    /** @param {AsyncIterable<any>} messages @param {boolean} isStream */
    async *#count(messages, isStream) {
        this.#isStream = isStream;
        for await (const message of messages) {
            if (isStream) this.#streamed += JSON.stringify(message).length;
            yield message;
        }
    }
}
