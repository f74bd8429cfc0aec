// @ts-check
/**
 * The choices of this browser, kept in localStorage and followed by every open page at once.
 * The `storage` event reaches other pages; the channel reaches those it does not, such as a page
 * that was in the back-forward cache.
 */

import { normalizeRecipe, OWN } from "../model/own-recipe.js";

/** @typedef {import("../feed/feed-machine.js").Choice} Choice */
/** @typedef {{transport: Choice, intervalSeconds: number, parallel: number,
 *             recipe: string, sending: "at-once" | "review", notify: boolean, language: "auto" | "en" | "pt-BR", theme: "system" | "dark" | "light",
 *             density: "compact" | "cosy" | "roomy", details: "auto" | "shown" | "hidden",
 *             ownRecipe: import("../model/own-recipe.js").Recipe | null}} Settings `recipe`: "" for the
 *   server's default, `OWN` for `ownRecipe`; `sending`: when files leave the browser, at once or when a person
 *   presses “Send”; `notify`: of a batch that is finished while nobody looks;
 *   `details`: beside a photo that is looked at, `auto` where there is room */

const KEY = "revela.settings";

/** @type {Choice[]} */
export const CHOICES = ["auto", "polling", "adaptive", "long", "sse", "websocket"];

/** @type {Readonly<Settings>} */
export const DEFAULTS = Object.freeze({
    transport: "auto",
    intervalSeconds: 5,
    parallel: 3,
    recipe: "",
    sending: "at-once",
    notify: false,
    ownRecipe: null,
    language: "auto",
    theme: "system",
    density: "cosy",
    details: "auto",
});

/** @param {unknown} value @param {number} low @param {number} high @param {number} fallback */
function whole(value, low, high, fallback) {
    const number = Math.round(Number(value));
    return Number.isFinite(number) && number >= low && number <= high ? number : fallback;
}

/** @param {unknown} value @returns {string} a recipe's name, or "" */
const named = (value) => (typeof value === "string" && /^[\w-]{1,64}$/.test(value) ? value : "");

/** @template T @param {unknown} value @param {readonly T[]} choices @param {T} fallback @returns {T} */
function oneOf(value, choices, fallback) {
    return choices.includes(/** @type {T} */ (value)) ? /** @type {T} */ (value) : fallback;
}

/**
 * Whatever was stored, by whichever version: each member that does not fit gets its default.
 * @param {any} raw @returns {Settings}
 */
export function normalize(raw) {
    const given = raw ?? {};
    const ownRecipe = normalizeRecipe(given.ownRecipe);
    return {
        transport: oneOf(given.transport, CHOICES, DEFAULTS.transport),
        intervalSeconds: whole(given.intervalSeconds, 1, 300, DEFAULTS.intervalSeconds),
        parallel: whole(given.parallel, 1, 8, DEFAULTS.parallel),
        recipe: given.recipe === OWN && ownRecipe ? OWN : named(given.recipe),
        ownRecipe,
        notify: given.notify === true,
        sending: oneOf(given.sending, /** @type {const} */ (["at-once", "review"]), "at-once"),
        language: oneOf(given.language, /** @type {const} */ (["auto", "en", "pt-BR"]), "auto"),
        theme: oneOf(given.theme, /** @type {const} */ (["system", "dark", "light"]), "system"),
        density: oneOf(given.density, /** @type {const} */ (["compact", "cosy", "roomy"]), "cosy"),
        details: oneOf(given.details, /** @type {const} */ (["auto", "shown", "hidden"]), "auto"),
    };
}

export class SettingsStore {
    /** @type {Set<(now: Settings, before: Settings) => void>} */ #followers = new Set();
    /** @type {BroadcastChannel | null} */ #channel = null;

    constructor() {
        this.current = this.#read();
        addEventListener("storage", ({ key }) => (key === KEY || key === null) && this.refresh());
        addEventListener("pageshow", () => this.refresh());
        if (typeof BroadcastChannel === "function") {
            this.#channel = new BroadcastChannel(KEY);
            this.#channel.addEventListener("message", () => this.refresh());
        }
    }

    /** @param {Partial<Settings>} changes laid over what is stored now, not over what this page read */
    save(changes) {
        const next = normalize({ ...this.#read(), ...changes });
        localStorage.setItem(KEY, JSON.stringify(next));
        this.#channel?.postMessage("changed");
        this.refresh();
    }

    reset() {
        localStorage.removeItem(KEY);
        this.#channel?.postMessage("changed");
        this.refresh();
    }

    /** @param {(now: Settings, before: Settings) => void} follower */
    follow(follower) {
        this.#followers.add(follower);
    }

    refresh() {
        const before = this.current;
        this.current = this.#read();
        if (JSON.stringify(before) === JSON.stringify(this.current)) return;
        for (const follower of this.#followers) follower(this.current, before);
    }

    /** @returns {Settings} */
    #read() {
        try {
            return normalize(JSON.parse(localStorage.getItem(KEY) ?? "null"));
        } catch {
            return { ...DEFAULTS };
        }
    }
}
