// @ts-check
/**
 * How the feed comes by its connection: opens one from the last cursor, promotes it on its first word, tries another
 * transport, waits and tries again. Part of `feed-machine.js`, which says what else happens to it.
 */

import { Attempts } from "./attempts.js";
import { Links } from "./links.js";
import { Route } from "./route.js";

/** @typedef {import("./feed-machine.js").Action} Action */
/** @typedef {import("./feed-machine.js").Choice} Choice */
/** @typedef {import("./feed-machine.js").Transport} Transport */

export class Connecting {
    links = new Links();

    /**
     * @param {object} options
     * @param {Choice} options.choice
     * @param {boolean} options.isHidden whether nobody looks at the page
     * @param {() => string | null} options.cursor
     * @param {() => number} options.random
     * @param {(transport: Transport) => number} options.floor see `FeedMachine`
     */
    constructor({ choice, isHidden, cursor, random, floor }) {
        this.route = new Route(choice, isHidden);
        this.attempts = new Attempts(random);
        this.cursor = cursor;
        this.floor = floor;
    }

    /** @param {number} now @param {Transport} [better] only if it answers @returns {Action[]} */
    open(now, better) {
        const transport = better ?? this.route.wanted;
        const climbing = better !== undefined;
        return [
            ...this.links.open({ transport, after: this.cursor(), now, climbing }),
            { do: "timer", name: "answer", ms: this.route.answerMs },
            { do: "status" },
        ];
    }

    /** @param {number} now @returns {Action[]} what was waited for is waited for no more */
    openAnew(now) {
        return [{ do: "clear", name: "retry" }, ...this.open(now)];
    }

    /**
     * The candidate has spoken.
     * @param {Transport} transport its own @param {number} now @returns {Action[]}
     */
    promote(transport, now) {
        return [
            { do: "clear", name: "answer" },
            ...this.links.promote(now),
            ...this.route.settle(transport),
        ];
    }

    /**
     * The candidate came to nothing.
     * @param {"refused" | "silent"} how
     * @param {number | undefined} retryAfterMs as the server asked
     * @param {number} now
     * @returns {Action[]}
     */
    fail(how, retryAfterMs, now) {
        const failed = this.links.dropCandidate();
        /** @type {Action} */
        const cleared = { do: "clear", name: "answer" };
        if (failed?.climbing && this.links.current) return [cleared, this.route.climbFailed()];
        if (this.route.descend(how)) return [cleared, ...this.open(now)];
        return [cleared, { do: "look" }, ...this.retryLater(retryAfterMs)];
    }

    /** @param {number} now @returns {Action[]} */
    noAnswer(now) {
        const { candidate } = this.links;
        if (!candidate) return [];
        return [{ do: "close", gen: candidate.gen }, ...this.fail("silent", undefined, now)];
    }

    /** @param {number} [retryAfterMs] @returns {Action[]} */
    retryLater(retryAfterMs = 0) {
        const ms = this.attempts.next(retryAfterMs, this.floor(this.route.wanted));
        return [{ do: "timer", name: "retry", ms }, { do: "status" }];
    }

    /** @param {number} now @returns {Action[]} */
    climb(now) {
        const { better } = this.route;
        const { current, candidate } = this.links;
        return better && current && !candidate ? this.open(now, better) : [];
    }

    /**
     * The connection is dead, or brought what cannot be.
     * @param {number} now @returns {Action[]}
     */
    replace(now) {
        return [...this.links.dropCurrent(), ...this.open(now)];
    }

    /**
     * What is given up is closed first: where none of a browser's connections is free, nothing
     * else would open.
     * @param {boolean} isResting whether nobody looks @param {number} now @returns {Action[]}
     */
    rest(isResting, now) {
        const before = this.route.wanted;
        this.route.isResting = isResting;
        if (this.route.wanted === before) return [];
        return [...(isResting ? this.links.dropAll() : []), ...this.openAnew(now)];
    }
}
