// @ts-check
/**
 * Connects the pages of a browser to the lines they share: one for each batch and way of hearing.
 * Runs in the shared worker; knows nothing of it but ports.
 */

import { Line } from "./line.js";
import { Reader } from "./reader.js";

/** @typedef {import("../feed-machine.js").Transport} Transport */
/** @typedef {{postMessage(told: object): void}} Port */
/** @typedef {{id: number, url: string, transport: Transport, after: string | null,
 *             intervalMs: number}} Wish */

export class Switchboard {
    /** @type {Map<string, Line>} */ #lines = new Map();
    /** @type {Map<Port, Map<number, {reader: Reader, line: Line}>>} */ #ports = new Map();
    /** @type {Set<Port>} */ #hidden = new Set();
    #opened = 0;

    /**
     * @param {object} parts
     * @param {Record<Transport, import("../feed.js").Changes>} parts.transports
     * @param {import("../feed.js").Clock} parts.clock
     */
    constructor(parts) {
        this.parts = parts;
    }

    /** @param {Port} port */
    plug(port) {
        this.#ports.set(port, new Map());
        port.postMessage({ ready: true });
    }

    /**
     * The page is gone.
     * @param {Port} port
     */
    unplug(port) {
        const places = this.#ports.get(port) ?? new Map();
        for (const id of [...places.keys()]) this.#close(port, id);
        this.#ports.delete(port);
        this.#hidden.delete(port);
    }

    /** What was open before may be deaf. */
    networkIsBack() {
        for (const line of this.#lines.values()) line.readAnew();
    }

    /** @param {Port} port @param {any} said */
    hear(port, said) {
        if (said.open) this.#open(port, said.open);
        if (said.close) this.#close(port, said.close);
        if (said.taken) this.#place(port, said.taken)?.reader.taken();
        if (said.ask) void this.#ask(port, said);
        if (said.hidden === true) this.#hidden.add(port);
        if (said.hidden === false) this.#hidden.delete(port);
        if (said.bye) this.unplug(port);
    }

    /** @returns {number} connections that pages share; a gauge */
    get lines() {
        return this.#lines.size;
    }

    /** @param {Port} port @param {number} id */
    #place(port, id) {
        return this.#ports.get(port)?.get(id);
    }

    /** @param {Port} port @param {Wish} wish */
    #open(port, { id, url, transport, after, intervalMs }) {
        const places = this.#ports.get(port);
        if (!places) return;
        this.#letGoOfStuck();
        const now = () => this.parts.clock.now();
        const tell = (/** @type {object} */ told) => port.postMessage({ id, ...told });
        const reader = new Reader({ after, tell, now });
        port.postMessage({ id, opened: true });
        const line = this.#line({ url, transport, after, intervalMs });
        places.set(id, { reader, line });
        line.join(reader);
    }

    /** @param {Omit<Wish, "id">} wish @returns {Line} */
    #line({ url, transport, after, intervalMs }) {
        // Who asks for the whole document must not have the others read it anew.
        this.#opened += 1;
        const own = after === null ? this.#opened : "";
        const pace = transport === "polling" ? intervalMs : "";
        const key = [url, transport, pace, own].join(" ");
        const known = this.#lines.get(key);
        if (known) return known;
        const line = new Line({
            url,
            changes: this.parts.transports[transport],
            settings: { intervalMs },
            isHidden: () => this.#hidden.size === this.#ports.size,
            clock: this.parts.clock,
            onHeard: () => this.#letGoOfStuck(),
            onEmpty: () => this.#lines.delete(key),
        });
        this.#lines.set(key, line);
        return line;
    }

    /** @param {Port} port @param {number} id */
    #close(port, id) {
        const place = this.#place(port, id);
        this.#ports.get(port)?.delete(id);
        place?.line.leave(place.reader);
    }

    /** A page that takes nothing may be gone without a word. */
    #letGoOfStuck() {
        for (const [port, places] of this.#ports) {
            for (const [id, { reader }] of places) {
                if (!reader.isStuck) continue;
                reader.end(null);
                this.#close(port, id);
            }
        }
    }

    /** @param {Port} port @param {{ask: object, id: number, number: number}} asked */
    async #ask(port, { ask, id, number }) {
        try {
            const reply = await this.#place(port, id)?.line.ask(ask);
            port.postMessage({ answer: number, reply });
        } catch {
            port.postMessage({ answer: number, failed: true });
        }
    }
}
