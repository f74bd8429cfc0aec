// @ts-check
/** Which transport is wanted: the chosen one, or under `auto` the best that answers. */

import { Ladder } from "./ladder.js";

/** @typedef {import("./feed-machine.js").Action} Action */
/** @typedef {import("./feed-machine.js").Choice} Choice */
/** @typedef {import("./feed-machine.js").Transport} Transport */

/**
 * These take one of the six HTTP/1.1 connections that a browser opens to a host, for all of its
 * tabs together. WebSockets are counted apart.
 */
const HOLDS_A_CONNECTION = new Set(["long", "sse"]);
const ANSWER_AUTO_MS = 3_000;
const ANSWER_CHOSEN_MS = 10_000;

export class Route {
    /** Whether nobody looks: then the page keeps no connection from those that do more. */
    isResting;
    #ladder = new Ladder();

    /** @param {Choice} choice @param {boolean} isResting */
    constructor(choice, isResting) {
        this.choice = choice;
        this.isResting = isResting;
    }

    get isAuto() {
        return this.choice === "auto";
    }

    /** @returns {Transport} what should carry the events now */
    get wanted() {
        return this.#isReplaced ? "adaptive" : this.#chosen;
    }

    /** @returns {Transport} */
    get #chosen() {
        return this.choice === "auto" ? this.#ladder.transport : this.choice;
    }

    get #isReplaced() {
        return this.isResting && HOLDS_A_CONNECTION.has(this.#chosen);
    }

    /** @returns {string | null} why `auto` is not on its best rung: a key for the badge */
    get reason() {
        return this.#ladder.reason;
    }

    /** How long a connection may take to say its first word. */
    get answerMs() {
        return this.isAuto ? ANSWER_AUTO_MS : ANSWER_CHOSEN_MS;
    }

    /** @returns {Transport | null} what is worth another try */
    get better() {
        return this.isAuto && !this.#ladder.isOnTop ? this.#ladder.top : null;
    }

    /** @param {Choice} choice */
    choose(choice) {
        this.choice = choice;
        this.#ladder.restart();
    }

    /**
     * This one answers.
     * @param {Transport} transport @returns {Action[]} when to look for a better one
     */
    settle(transport) {
        if (!this.isAuto || (transport !== this.better && this.#isReplaced)) return [];
        this.#ladder.settle(transport);
        return [this.#ladder.isOnTop ? { do: "clear", name: "climb" } : this.#climbLater];
    }

    /** @param {string} how it failed @returns {boolean} whether there is another one to try */
    descend(how) {
        return this.isAuto && !this.#isReplaced && this.#ladder.descend(how);
    }

    /** @returns {Action} */
    climbFailed() {
        this.#ladder.climbFailed();
        return this.#climbLater;
    }

    /** @returns {Action} */
    get #climbLater() {
        return { do: "timer", name: "climb", ms: this.#ladder.climbMs };
    }
}
