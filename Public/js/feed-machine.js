// @ts-check
/**
 * What the feed decides, without doing any of it: each method takes what happened and the time,
 * and returns the actions to perform. So every rule of connecting, switching, falling back and
 * waking up is a test that needs no network and no waiting.
 *
 * A new connection is opened from the last cursor, promoted on its first message, and only then is
 * the old one closed; what a closed generation still says is dropped.
 */

import { Backoff } from "./backoff.js";
import { Connection } from "./connection.js";
import { Ladder } from "./ladder.js";
import { sequenceOf } from "./ledger.js";
import { grace, Liveness } from "./liveness.js";
import { Position } from "./position.js";

/** @typedef {"polling" | "adaptive" | "long" | "sse" | "websocket"} Transport */
/** @typedef {"auto" | Transport} Choice */
/** @typedef {{type: string, cursor?: string, event?: any, live?: any, document?: any,
 *             heartbeatMs?: number, reason?: string, retryAfterMs?: number}} Message */
/** @typedef {{do: "open", gen: number, transport: Transport, after: string | null}
 *         | {do: "close", gen: number}
 *         | {do: "timer", name: string, ms: number}
 *         | {do: "clear", name: string}
 *         | {do: "emit", message: Message}
 *         | {do: "probe"}
 *         | {do: "status"}} Action */

const ANSWER_AUTO_MS = 3_000;
const ANSWER_CHOSEN_MS = 10_000;
const STEADY_MS = 5_000;
const TIMERS = ["retry", "answer", "liveness", "grace", "climb"];

export class FeedMachine {
    /** @type {Connection | null} */ current = null;
    /** @type {Connection | null} */ candidate = null;
    /** Frames of closed generations that were dropped. */
    late = 0;

    #gen = 0;
    #ladder = new Ladder();
    #liveness = new Liveness();
    #online = true;
    #offlineSince = 0;
    #ended = false;

    /**
     * @param {{choice: Choice, cursor: string | null, random?: () => number,
     *          floor?: (transport: Transport) => number}} options `floor`: the shortest pause, in
     *   milliseconds, before this transport may ask again after a failure.
     */
    constructor({ choice, cursor, random = Math.random, floor = () => 0 }) {
        this.choice = choice;
        this.position = new Position(cursor);
        this.backoff = new Backoff(random);
        this.floor = floor;
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
        const heard = this.current && this.current.heardAt > this.#offlineSince;
        if (!this.#online && !heard) return "offline";
        if (this.current) return "live";
        return this.backoff.attempt > 0 ? "reconnecting" : "connecting";
    }

    /**
     * Why `auto` is not on its best rung: a key for the badge, or null.
     * @returns {string | null}
     */
    get reason() {
        return this.#ladder.reason;
    }

    /** @returns {Transport} what should carry the events now */
    get wanted() {
        return this.choice === "auto" ? this.#ladder.transport : this.choice;
    }

    /** @param {number} now @returns {Action[]} */
    start(now) {
        return this.#open(this.wanted, now);
    }

    /**
     * The user chose. The old connection goes on until the new one has spoken.
     * @param {Choice} choice @param {number} now @returns {Action[]}
     */
    choose(choice, now) {
        if (this.#ended) return [];
        this.choice = choice;
        this.#ladder.restart();
        this.backoff.reset();
        return [
            { do: "clear", name: "retry" },
            { do: "clear", name: "climb" },
            ...this.#open(this.wanted, now),
        ];
    }

    /** @param {number} gen @param {Message} message @param {number} now @returns {Action[]} */
    message(gen, message, now) {
        const actions = gen === this.candidate?.gen ? this.#promote(now) : [];
        const current = this.current;
        if (!current || gen !== current.gen) {
            this.late += 1;
            return [];
        }
        if (!this.#online) actions.push({ do: "status" });
        current.heardAt = now;
        if (message.heartbeatMs) {
            current.heartbeatMs = message.heartbeatMs;
            actions.push(this.#liveness.watch(current, now));
        }
        return [...actions, ...this.#take(current, message, now)];
    }

    /**
     * A connection ended, or could not be opened.
     * @param {number} gen
     * @param {{retryAfterMs?: number, gone?: boolean}} why
     * @param {number} now
     * @returns {Action[]}
     */
    closed(gen, why, now) {
        if (this.#ended) return [];
        if (gen === this.candidate?.gen) return this.#candidateFailed("refused", why, now);
        if (gen !== this.current?.gen) return [];
        if (why.gone) return this.end();
        if (now - this.current.promotedAt >= STEADY_MS) this.backoff.reset();
        this.current = null;
        if (this.candidate) return [{ do: "clear", name: "liveness" }, { do: "status" }];
        return [{ do: "clear", name: "liveness" }, ...this.#retryLater(why.retryAfterMs)];
    }

    /** @param {string} name @param {number} now @returns {Action[]} */
    timer(name, now) {
        if (this.#ended) return [];
        if (name === "retry") return this.#open(this.wanted, now);
        if (name === "answer") return this.#noAnswer(now);
        if (name === "liveness") return this.#checkLiveness(now);
        if (name === "grace") return this.#checkGrace(now);
        if (name === "climb") return this.#climb(now);
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
        this.backoff.reset();
        return [{ do: "clear", name: "retry" }, ...this.#open(this.wanted, now)];
    }

    /**
     * The page is looked at again: its timers may have slept.
     * @param {number} now
     * @returns {Action[]}
     */
    wake(now) {
        if (this.#ended) return [];
        if (this.current) return this.current.isSilent(now) ? [grace] : [];
        if (this.candidate) return [];
        return [{ do: "clear", name: "retry" }, ...this.#open(this.wanted, now)];
    }

    /**
     * The page was frozen. What was open may be deaf without knowing it: Chromium never goes on
     * with a response that it had begun to read. So a new connection takes over at its first word.
     * @param {number} now
     * @returns {Action[]}
     */
    thaw(now) {
        if (this.#ended) return [];
        return [{ do: "clear", name: "retry" }, ...this.#open(this.wanted, now)];
    }

    /**
     * The page goes away (pagehide): nothing may stay open.
     * @returns {Action[]}
     */
    suspend() {
        const open = [this.current, this.candidate].flatMap((one) => one ?? []);
        this.current = null;
        this.candidate = null;
        return [
            ...open.map((one) => /** @type {Action} */ ({ do: "close", gen: one.gen })),
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

    /** @param {Transport} transport @param {number} now @param {boolean} [climbing] @returns {Action[]} */
    #open(transport, now, climbing = false) {
        /** @type {Action[]} */
        const actions = [];
        if (this.candidate) actions.push({ do: "close", gen: this.candidate.gen });
        this.#gen += 1;
        const seen = sequenceOf(this.cursor);
        this.candidate = new Connection({ gen: this.#gen, transport, seen, now, climbing });
        const ms = this.choice === "auto" ? ANSWER_AUTO_MS : ANSWER_CHOSEN_MS;
        actions.push({ do: "open", gen: this.#gen, transport, after: this.cursor });
        actions.push({ do: "timer", name: "answer", ms }, { do: "status" });
        return actions;
    }

    /** @param {number} now @returns {Action[]} */
    #promote(now) {
        const candidate = /** @type {Connection} */ (this.candidate);
        /** @type {Action[]} */
        const actions = [{ do: "clear", name: "answer" }];
        if (this.current) actions.push({ do: "close", gen: this.current.gen });
        candidate.promotedAt = now;
        this.current = candidate;
        this.candidate = null;
        if (this.choice === "auto") actions.push(this.#settleOnRung(candidate.transport));
        actions.push(this.#liveness.watch(candidate, now), { do: "status" });
        return actions;
    }

    /** @param {Transport} transport @returns {Action} */
    #settleOnRung(transport) {
        this.#ladder.settle(transport);
        if (this.#ladder.isOnTop) return { do: "clear", name: "climb" };
        return { do: "timer", name: "climb", ms: this.#ladder.climbMs };
    }

    /** @param {Connection} current @param {Message} message @param {number} now @returns {Action[]} */
    #take(current, message, now) {
        if (message.type === "change") return this.#takeChange(current, message, now);
        if (message.type === "live") return [{ do: "emit", message }];
        if (message.type === "reset") {
            this.position.restart(message, current);
            return [{ do: "emit", message }];
        }
        if (message.type === "end") return this.#takeEnd(current, message);
        return [];
    }

    /** @param {Connection} current @param {Message} message @param {number} now @returns {Action[]} */
    #takeChange(current, message, now) {
        const verdict = this.position.enter(message, current);
        if (verdict === "next") return [{ do: "emit", message }];
        if (verdict === "overlap") return [];
        if (verdict === "repeated") return [{ do: "status" }];
        this.current = null;
        return [{ do: "close", gen: current.gen }, ...this.#open(this.wanted, now)];
    }

    /** @param {Connection} current @param {Message} message @returns {Action[]} */
    #takeEnd(current, message) {
        if (message.reason === "deleted") return [{ do: "emit", message }, ...this.end()];
        this.current = null;
        return [
            { do: "close", gen: current.gen },
            { do: "clear", name: "liveness" },
            ...this.#retryLater(message.retryAfterMs),
        ];
    }

    /** @param {number} now @returns {Action[]} */
    #noAnswer(now) {
        if (!this.candidate) return [];
        const { gen } = this.candidate;
        return [{ do: "close", gen }, ...this.#candidateFailed("silent", {}, now)];
    }

    /**
     * @param {"refused" | "silent"} how
     * @param {{retryAfterMs?: number, gone?: boolean}} why
     * @param {number} now
     * @returns {Action[]}
     */
    #candidateFailed(how, why, now) {
        const failed = /** @type {Connection} */ (this.candidate);
        this.candidate = null;
        if (why.gone) return this.end();
        const cleared = /** @type {Action} */ ({ do: "clear", name: "answer" });
        if (failed.climbing && this.current) return [cleared, this.#climbLater()];
        if (this.choice === "auto" && this.#ladder.descend(how)) {
            return [cleared, ...this.#open(this.wanted, now)];
        }
        return [cleared, { do: "probe" }, ...this.#retryLater(why.retryAfterMs)];
    }

    /** @param {number} [retryAfterMs] @returns {Action[]} */
    #retryLater(retryAfterMs = 0) {
        const ms = this.backoff.next(retryAfterMs, this.floor(this.wanted));
        return [{ do: "timer", name: "retry", ms }, { do: "status" }];
    }

    /** @returns {Action} */
    #climbLater() {
        this.#ladder.climbFailed();
        return { do: "timer", name: "climb", ms: this.#ladder.climbMs };
    }

    /** @param {number} now @returns {Action[]} */
    #climb(now) {
        if (this.choice !== "auto" || !this.current || this.candidate || this.#ladder.isOnTop)
            return [];
        return this.#open(this.#ladder.top, now, true);
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
        const { gen } = /** @type {Connection} */ (this.current);
        this.current = null;
        this.backoff.note();
        return [{ do: "close", gen }, ...this.#open(this.wanted, now)];
    }
}
