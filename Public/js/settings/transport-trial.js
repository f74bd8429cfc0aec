// @ts-check
/**
 * Tries a transport on a real, small batch: tiny photos are sent while it listens, and the batch is
 * deleted at the end. What it measures is what this browser sees: how long until
 * anything came at all, how long from sending a photo to hearing of it, and what that costs.
 */

import { eventsURL } from "../base/addresses.js";
import * as api from "../base/api.js";
import { sleep } from "../base/sleep.js";
import { Feed, systemClock } from "../feed/feed.js";
import { medianOf, Traffic } from "../feed/traffic.js";
import { transports } from "../transports/index.js";

/** @typedef {import("../feed/feed-machine.js").Choice} Choice */
/** @typedef {{works: boolean, transport: string, firstMs: number | null, delayMs: number | null,
 *             requestsPerMinute: number | null, bytesPerMinute: number, seconds: number}} Result */

const PHOTO_EVERY_MS = 400;
const SHORTEST_MS = 5_000;
const LONGEST_MS = 13_000;
/** A little longer than two questions. */
const QUESTIONS = 2.2;
const STREAMS = new Set(["sse", "websocket"]);

/**
 * @param {Choice} choice
 * @param {number} intervalMs of fixed polling
 * @param {AbortSignal} signal
 * @returns {Promise<Result>}
 */
export async function tryOut(choice, intervalMs, signal) {
    const { document, cursor } = await api.createBatch(undefined, api.newKey());
    const trial = new Trial(document.id, cursor, choice, intervalMs);
    const clear = () => api.deleteBatch(document.id, { keepalive: true });
    // Who leaves before the end leaves no sheet behind. Nobody is there to hear of a failure.
    const leave = () => void clear().catch(() => {});
    addEventListener("pagehide", leave);
    try {
        return await trial.run(signal);
    } finally {
        trial.feed.end();
        removeEventListener("pagehide", leave);
        await clear();
    }
}

class Trial {
    #startedAt = 0;
    /** @type {number | null} */ #firstAt = null;
    #transport = "";
    /** @type {Map<string, number>} */ #sentAt = new Map();
    /** @type {Map<string, number>} */ #heardAt = new Map();

    /** @param {string} batch @param {string} cursor @param {Choice} choice @param {number} intervalMs */
    constructor(batch, cursor, choice, intervalMs) {
        this.batch = batch;
        this.traffic = new Traffic(systemClock);
        const isPaced = choice === "polling";
        this.lastsMs = isPaced
            ? Math.min(LONGEST_MS, Math.max(SHORTEST_MS, QUESTIONS * intervalMs))
            : SHORTEST_MS;
        this.feed = new Feed({
            url: eventsURL(batch),
            cursor,
            choice,
            transports,
            onTraffic: (gen, transport, fact) => this.traffic.note(gen, transport, fact),
            settings: () => ({ intervalMs }),
            onMessage: (message) => this.#hear(message),
            onStatus: () => this.#look(),
        });
    }

    /** @param {AbortSignal} signal @returns {Promise<Result>} */
    async run(signal) {
        this.#startedAt = performance.now();
        this.feed.start();
        const photo = await tinyPhoto();
        while (performance.now() - this.#startedAt < this.lastsMs && !signal.aborted) {
            await this.#send(photo);
            await sleep(PHOTO_EVERY_MS, { signal });
        }
        return this.#result();
    }

    /** @param {Blob} photo */
    async #send(photo) {
        const at = performance.now();
        const image = await api.sendPhoto(this.batch, photo, "trial.png");
        this.#sentAt.set(image, at);
    }

    /** @param {import("../feed/feed.js").Message} message */
    #hear({ type, event }) {
        if (type !== "change" || event.type !== "image.created") return;
        this.#heardAt.set(event.image, performance.now());
    }

    #look() {
        const { current } = this.feed.machine;
        if (!current) return;
        this.#firstAt ??= performance.now();
        this.#transport = current.transport;
    }

    /** @returns {Result} */
    #result() {
        const seconds = (performance.now() - this.#startedAt) / 1_000;
        const delays = [...this.#sentAt].flatMap(([image, sentAt]) => {
            const heardAt = this.#heardAt.get(image);
            return heardAt === undefined ? [] : [heardAt - sentAt];
        });
        const { requests, bytes } = this.traffic.sums();
        return {
            works: this.#firstAt !== null,
            transport: this.#transport,
            firstMs: this.#firstAt === null ? null : this.#firstAt - this.#startedAt,
            delayMs: medianOf(delays),
            requestsPerMinute: STREAMS.has(this.#transport) ? null : (requests * 60) / seconds,
            bytesPerMinute: (bytes * 60) / seconds,
            seconds,
        };
    }
}

/** @returns {Promise<Blob>} a real photo of a few hundred bytes */
async function tinyPhoto() {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 16;
    const brush = canvas.getContext("2d");
    if (brush) brush.fillStyle = "#a92c16";
    brush?.fillRect(0, 0, 16, 16);
    return new Promise((resolve, reject) =>
        canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no PNG"))), "image/png"),
    );
}
