// @ts-check
/**
 * What the feed decides, without doing any of it: each method takes what happened and the time,
 * and returns the actions to perform. So every rule of connecting, switching, falling back and
 * waking up is a test that needs no network and no waiting.
 *
 * A new connection is opened from the last cursor, promoted on its first message, and only then is
 * the old one closed (`connecting.js`); what a closed generation still says is dropped.
 */

import { Connecting } from "./connecting.js";
import { Freshness } from "./freshness.js";
import { grace, Liveness } from "./liveness.js";
import { Position } from "./position.js";

/** @typedef {import("./connection.js").Connection} Connection */
/** @typedef {{retryAfterMs?: number, gone?: boolean}} Why a connection ended */
/** @typedef {"polling" | "adaptive" | "long" | "sse" | "websocket"} Transport */
/** @typedef {"auto" | Transport} Choice */
/** @typedef {{type: string, cursor?: string, event?: any, live?: any, document?: any,
 *             heartbeatMs?: number, reason?: string, retryAfterMs?: number}} Message */
/** @typedef {{do: "open", gen: number, transport: Transport, after: string | null}
 *         | {do: "close", gen: number}
 *         | {do: "timer", name: string, ms: number}
 *         | {do: "clear", name: string}
 *         | {do: "emit", message: Message}
 *         | {do: "look"}
 *         | {do: "status"}} Action */

const STEADY_MS = 5_000;
/** What is heard so soon after the network went was on its way before. */
const IN_FLIGHT_MS = 1_000;
/** A glance at another tab changes nothing. */
const HIDDEN_MS = 3_000;
const TIMERS = ["retry", "answer", "liveness", "grace", "climb", "hidden"];

export class FeedMachine {
    /** Frames of closed generations that were dropped. */
    late = 0;

    #liveness = new Liveness();
    #freshness = new Freshness();
    #online = true;
    #offlineSince = 0;
    #ended = false;

    /**
     * @param {{choice: Choice, cursor: string | null, isHidden?: boolean, random?: () => number,
     *          floor?: (transport: Transport) => number}} options `floor`: the shortest pause, in
     *   milliseconds, before this transport may ask again after a failure.
     */
    constructor({ choice, cursor, isHidden = false, random = Math.random, floor = () => 0 }) {
        this.position = new Position(cursor);
        const now = () => this.cursor;
        this.connecting = new Connecting({ choice, isHidden, cursor: now, random, floor });
    }

    get current() {
        return this.connecting.links.current;
    }

    get candidate() {
        return this.connecting.links.candidate;
    }

    get choice() {
        return this.connecting.route.choice;
    }

    get cursor() {
        return this.position.cursor;
    }

    get ledger() {
        return this.position.ledger;
    }

    get resets() {
        return this.position.resets;
    }

    /** @returns {"connecting" | "live" | "reconnecting" | "offline" | "ended"} */
    get state() {
        if (this.#ended) return "ended";
        const heard = this.current && this.current.heardAt > this.#offlineSince + IN_FLIGHT_MS;
        if (!this.#online && !heard) return "offline";
        if (this.current) return "live";
        return this.connecting.attempts.count > 0 ? "reconnecting" : "connecting";
    }

    get reason() {
        return this.connecting.route.reason;
    }

    get wanted() {
        return this.connecting.route.wanted;
    }

    /**
     * For how long what the page shows may be over, in milliseconds; 0 while news comes at once.
     * @param {number} now
     */
    age(now) {
        return this.state === "ended" ? 0 : this.#freshness.age(this.current, this.state, now);
    }

    /**
     * The document has just been read.
     * @param {number} now @returns {Action[]}
     */
    start(now) {
        this.#freshness.note(now);
        return this.connecting.open(now);
    }

    /**
     * The user chose. The old connection goes on until the new one has spoken.
     * @param {Choice} choice @param {number} now @returns {Action[]}
     */
    choose(choice, now) {
        if (this.#ended) return [];
        this.connecting.route.choose(choice);
        this.connecting.attempts.reset();
        return [{ do: "clear", name: "climb" }, ...this.connecting.openAnew(now)];
    }

    /** @param {number} gen @param {Message} message @param {number} now @returns {Action[]} */
    message(gen, message, now) {
        const { candidate } = this;
        const actions = candidate?.gen === gen ? this.#promote(candidate, now) : [];
        const { current } = this;
        if (!current || gen !== current.gen) {
            this.late += 1;
            return [];
        }
        if (!this.#online) actions.push({ do: "status" });
        current.heardAt = now;
        this.#freshness.note(now);
        if (message.heartbeatMs) {
            current.heartbeatMs = message.heartbeatMs;
            actions.push(this.#liveness.watch(current, now));
        }
        return [...actions, ...this.#take(current, message, now)];
    }

    /**
     * A connection ended, or could not be opened.
     * @param {number} gen
     * @param {Why} why
     * @param {number} now
     * @returns {Action[]}
     */
    closed(gen, why, now) {
        if (this.#ended) return [];
        const { links, attempts } = this.connecting;
        const isCandidate = gen === this.candidate?.gen;
        if (!isCandidate && gen !== this.current?.gen) return [];
        if (why.gone) return this.end();
        if (isCandidate) return this.connecting.fail("refused", why.retryAfterMs, now);
        const { promotedAt = now } = this.current ?? {};
        if (now - promotedAt >= STEADY_MS) attempts.reset();
        links.dropCurrent();
        if (this.candidate) return [{ do: "clear", name: "liveness" }, { do: "status" }];
        return [{ do: "clear", name: "liveness" }, ...this.connecting.retryLater(why.retryAfterMs)];
    }

    /** @param {string} name @param {number} now @returns {Action[]} */
    timer(name, now) {
        if (this.#ended) return [];
        if (name === "retry") return this.connecting.open(now);
        if (name === "answer") return this.connecting.noAnswer(now);
        if (name === "liveness") return this.#checkLiveness(now);
        if (name === "grace") return this.#checkGrace(now);
        if (name === "climb") return this.connecting.climb(now);
        if (name === "hidden") return this.connecting.rest(true, now);
        return [];
    }

    /** @param {boolean} online @param {number} now @returns {Action[]} */
    network(online, now) {
        if (this.#ended || online === this.#online) return [];
        this.#online = online;
        if (!online) {
            this.#offlineSince = now;
            return [{ do: "status" }];
        }
        this.connecting.attempts.reset();
        return this.connecting.openAnew(now);
    }

    /**
     * The page is looked at again: its timers may have slept.
     * @param {number} now
     * @returns {Action[]}
     */
    wake(now) {
        if (this.#ended) return [];
        if (this.current) return this.current.isSilent(now) ? [grace] : [];
        return this.candidate ? [] : this.connecting.openAnew(now);
    }

    /**
     * The page was frozen. What was open may be deaf without knowing it: Chromium never goes on
     * with a response that it had begun to read. So a new connection takes over at its first word.
     * @param {number} now
     * @returns {Action[]}
     */
    thaw(now) {
        return this.#ended ? [] : this.connecting.openAnew(now);
    }

    /**
     * Nobody looks at the page, or somebody does again.
     * @param {boolean} hidden @param {number} now @returns {Action[]}
     */
    hide(hidden, now) {
        if (this.#ended) return [];
        if (hidden) return [{ do: "timer", name: "hidden", ms: HIDDEN_MS }];
        return [{ do: "clear", name: "hidden" }, ...this.connecting.rest(false, now)];
    }

    /**
     * The whole document was fetched, for nothing connects: it is shown where it is newer.
     * @param {Message} message a reset @param {number} now @returns {Action[]}
     */
    read(message, now) {
        if (this.#ended || this.current) return [];
        this.#freshness.note(now);
        const { cursor = null, live } = message;
        if (!this.position.isBehind(cursor)) {
            return [{ do: "emit", message: { type: "live", live } }, { do: "status" }];
        }
        this.position.restart(message, { seen: null });
        return [{ do: "emit", message }, { do: "status" }];
    }

    /**
     * The page goes away (pagehide): nothing may stay open.
     * @returns {Action[]}
     */
    suspend() {
        return [
            ...this.connecting.links.dropAll(),
            ...TIMERS.map((name) => /** @type {Action} */ ({ do: "clear", name })),
            { do: "status" },
        ];
    }

    /**
     * Nothing more will come: the batch is gone.
     * @returns {Action[]}
     */
    end() {
        const actions = this.suspend();
        this.#ended = true;
        return actions;
    }

    /** @param {Connection} candidate @param {number} now @returns {Action[]} */
    #promote(candidate, now) {
        return [
            ...this.connecting.promote(candidate.transport, now),
            this.#liveness.watch(candidate, now),
            { do: "status" },
        ];
    }

    /** @param {Connection} current @param {Message} message @param {number} now @returns {Action[]} */
    #take(current, message, now) {
        if (message.type === "change") return this.#takeChange(current, message, now);
        if (message.type === "live") return [{ do: "emit", message }];
        if (message.type === "reset") {
            this.position.restart(message, current);
            return [{ do: "emit", message }];
        }
        if (message.type === "end") return this.#takeEnd(message);
        return [];
    }

    /** @param {Connection} current @param {Message} message @param {number} now @returns {Action[]} */
    #takeChange(current, message, now) {
        const verdict = this.position.enter(message, current);
        if (verdict === "next") return [{ do: "emit", message }];
        if (verdict === "overlap") return [];
        if (verdict === "repeated") return [{ do: "status" }];
        return this.connecting.replace(now);
    }

    /** @param {Message} message @returns {Action[]} */
    #takeEnd(message) {
        if (message.reason === "deleted") return [{ do: "emit", message }, ...this.end()];
        return [
            ...this.connecting.links.dropCurrent(),
            { do: "clear", name: "liveness" },
            ...this.connecting.retryLater(message.retryAfterMs),
        ];
    }

    /** @param {number} now @returns {Action[]} */
    #checkLiveness(now) {
        if (!this.current) return [];
        const how = this.#liveness.check(this.current, now);
        if (how === "well") return [this.#liveness.watch(this.current, now)];
        return how === "asleep" ? [grace] : this.#giveUp(now);
    }

    /** @param {number} now @returns {Action[]} */
    #checkGrace(now) {
        if (!this.current) return [];
        if (this.current.isSilent(now)) return this.#giveUp(now);
        return [this.#liveness.watch(this.current, now)];
    }

    /** @param {number} now @returns {Action[]} */
    #giveUp(now) {
        this.connecting.attempts.note();
        return this.connecting.replace(now);
    }
}
