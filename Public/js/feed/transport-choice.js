// @ts-check
/**
 * The transport of this tab: the one that is kept in the settings, or, after
 * `?transport=sse` in the address, one of its own for as long as the tab lives. So two tabs can
 * stand side by side.
 */

import { CHOICES } from "../settings/settings-store.js";

/** @typedef {import("./feed-machine.js").Choice} Choice */

const KEY = "revela.transport";

/** @param {string | null} value @returns {Choice | null} */
const known = (value) => CHOICES.find((choice) => choice === value) ?? null;

export class TransportChoice {
    /** @type {Choice | null} only for this tab */ own;
    /** What was asked for, where it is none of them. */
    unknown = "";
    /** @type {Set<() => void>} */ #followers = new Set();

    /** @param {import("../settings/settings-store.js").SettingsStore} settings */
    constructor(settings) {
        this.settings = settings;
        const asked = new URLSearchParams(location.search).get("transport");
        if (known(asked)) sessionStorage.setItem(KEY, /** @type {string} */ (asked));
        else this.unknown = asked ?? "";
        this.own = known(sessionStorage.getItem(KEY));
        settings.follow((now, before) => {
            const isPaced = this.choice === "polling";
            const isOther = !this.own && now.transport !== before.transport;
            if (isOther || (isPaced && now.intervalSeconds !== before.intervalSeconds))
                this.#tell();
        });
    }

    /** @returns {Choice} */
    get choice() {
        return this.own ?? this.settings.current.transport;
    }

    /** @param {Choice} choice */
    choose(choice) {
        if (!this.own) return this.settings.save({ transport: choice });
        this.own = choice;
        sessionStorage.setItem(KEY, choice);
        this.#tell();
    }

    /** As the other tabs again. */
    join() {
        this.own = null;
        sessionStorage.removeItem(KEY);
        this.#tell();
    }

    /** @param {() => void} follower called when there is another transport, or another pace */
    follow(follower) {
        this.#followers.add(follower);
    }

    #tell() {
        for (const follower of this.#followers) follower();
    }
}
