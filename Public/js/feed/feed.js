// @ts-check
/**
 * Does what the feed machine decides: opens and closes transports, keeps its timers, and hands the
 * accepted messages on. It owns no rule.
 */

import { FeedMachine } from "./feed-machine.js";

/** @typedef {import("./feed-machine.js").Action} Action */
/** @typedef {import("./feed-machine.js").Choice} Choice */
/** @typedef {import("./feed-machine.js").Message} Message */
/** @typedef {import("./feed-machine.js").Transport} Transport */
/** @typedef {{now(): number, set(run: () => void, ms: number): any, clear(id: any): void}} Clock */
/** @typedef {import("./traffic.js").Fact} Fact */
/** @typedef {(command: object) => Promise<any>} Request asks over the connection itself */
/** @typedef {{gone: true} | {document: any, cursor: string, live: any}} Look at the whole batch */
/** @typedef {{url: string, after: string | null, signal: AbortSignal, clock: Clock,
 *             settings: () => {intervalMs: number}, offer: (request: Request) => void,
 *             isHidden?: () => boolean, wire?: Wire,
 *             note: (fact: Fact) => void}} Opening `isHidden`: where that is not the document's;
 *   `wire`: who sends for it; `note`: told of all that goes over the wire */
/** @typedef {{fetch(url: string, options?: RequestInit): Promise<Response>,
 *             socket(url: string, protocol: string): WebSocket}} Wire */
/** @typedef {(opening: Opening) => AsyncIterable<Message>} Changes */

/** @type {Clock} */
export const systemClock = {
    now: () => performance.now(),
    set: (run, ms) => setTimeout(run, ms),
    clear: (id) => clearTimeout(id),
};

export class Feed {
    /** @type {Map<number, AbortController>} */ #connections = new Map();
    /** @type {Map<number, Request>} */ #requests = new Map();
    /** @type {Map<string, any>} */ #timers = new Map();
    /**
     * The pause before the next attempt.
     * @type {{from: number, to: number} | null}
     */
    retry = null;

    /**
     * @param {object} options
     * @param {string} options.url the batch's events
     * @param {string | null} options.cursor
     * @param {Choice} options.choice
     * @param {boolean} [options.isHidden] whether nobody looks at the page yet
     * @param {() => {intervalMs: number}} options.settings
     * @param {Record<Transport, Changes>} options.transports
     * @param {(message: Message) => void} options.onMessage
     * @param {() => void} options.onStatus
     * @param {() => Promise<Look | null>} [options.look] asked when nothing connects; null where
     *   that is not answered either
     * @param {(gen: number, transport: Transport, fact: Fact) => void} [options.onTraffic]
     * @param {Clock} [options.clock]
     * @param {() => number} [options.random]
     */
    constructor({ clock = systemClock, random, ...options }) {
        this.options = options;
        this.clock = clock;
        const floor = (/** @type {Transport} */ transport) =>
            transport === "polling" ? options.settings().intervalMs : 0;
        const { choice, cursor, isHidden } = options;
        this.machine = new FeedMachine({ choice, cursor, isHidden, random, floor });
    }

    start() {
        this.#perform(this.machine.start(this.clock.now()));
    }

    /** @param {Choice} choice also called when only the interval changed */
    choose(choice) {
        this.#perform(this.machine.choose(choice, this.clock.now()));
    }

    /** @param {boolean} online */
    network(online) {
        this.#perform(this.machine.network(online, this.clock.now()));
    }

    wake() {
        this.#perform(this.machine.wake(this.clock.now()));
    }

    thaw() {
        this.#perform(this.machine.thaw(this.clock.now()));
    }

    /** @param {boolean} hidden whether nobody looks at the page */
    hide(hidden) {
        this.#perform(this.machine.hide(hidden, this.clock.now()));
    }

    suspend() {
        this.#perform(this.machine.suspend());
    }

    end() {
        this.#perform(this.machine.end());
    }

    /**
     * Asks over the live connection, where it can carry questions.
     * @returns {Request | null}
     */
    get request() {
        const { current } = this.machine;
        return (current && this.#requests.get(current.gen)) ?? null;
    }

    /** @param {Action[]} actions */
    #perform(actions) {
        for (const action of actions) this.#do(action);
    }

    /** @param {Action} action */
    #do(action) {
        switch (action.do) {
            case "open":
                return void this.#read(action.gen, action.transport, action.after);
            case "close":
                return this.#close(action.gen);
            case "timer":
                return this.#setTimer(action.name, action.ms);
            case "clear":
                return this.#clearTimer(action.name);
            case "emit":
                return this.options.onMessage(action.message);
            case "look":
                return void this.#look();
            case "status":
                return this.options.onStatus();
        }
    }

    /** @param {number} gen @param {Transport} transport @param {string | null} after */
    async #read(gen, transport, after) {
        const controller = new AbortController();
        this.#connections.set(gen, controller);
        const { url, settings, transports } = this.options;
        const offer = (/** @type {Request} */ request) => this.#requests.set(gen, request);
        const { signal } = controller;
        const note = this.#noteOf(gen, transport, signal);
        let why = {};
        try {
            const opening = { url, after, signal, settings, clock: this.clock, offer, note };
            for await (const message of transports[transport](opening)) {
                if (signal.aborted) return;
                this.#perform(this.machine.message(gen, message, this.clock.now()));
            }
        } catch (error) {
            if (signal.aborted) return;
            const { retryAfterMs, gone } = /** @type {any} */ (error);
            why = { retryAfterMs, gone };
        }
        note({ did: "end" });
        this.#forget(gen);
        if (!signal.aborted) this.#perform(this.machine.closed(gen, why, this.clock.now()));
    }

    /** @param {number} gen @param {Transport} transport @param {AbortSignal} signal */
    #noteOf(gen, transport, signal) {
        const tell = (/** @type {Fact} */ fact) => this.options.onTraffic?.(gen, transport, fact);
        signal.addEventListener("abort", () => tell({ did: "end" }));
        return (/** @type {Fact} */ fact) => signal.aborted || tell(fact);
    }

    /** @param {number} gen */
    #close(gen) {
        this.#connections.get(gen)?.abort();
        this.#forget(gen);
    }

    /** @param {number} gen */
    #forget(gen) {
        this.#connections.delete(gen);
        this.#requests.delete(gen);
    }

    /** @param {string} name @param {number} ms */
    #setTimer(name, ms) {
        this.#clearTimer(name);
        const now = this.clock.now();
        if (name === "retry") this.retry = { from: now, to: now + ms };
        const run = () => {
            this.#clearTimer(name);
            this.#perform(this.machine.timer(name, this.clock.now()));
        };
        this.#timers.set(name, this.clock.set(run, ms));
    }

    /** @param {string} name */
    #clearTimer(name) {
        if (this.#timers.has(name)) this.clock.clear(this.#timers.get(name));
        this.#timers.delete(name);
        if (name === "retry") this.retry = null;
    }

    async #look() {
        const found = await this.options.look?.();
        if (!found) return;
        if ("gone" in found) return this.end();
        this.#perform(this.machine.read({ ...found, type: "reset" }, this.clock.now()));
    }
}
