// @ts-check
/**
 * Which transport brings the live updates, in the reader's hand: one line with the choice, a light
 * that beats with each message, and a sentence. Opened, it draws what goes over the wire.
 */

import { find, put } from "../base/dom.js";
import { secondsOf, t } from "../base/i18n.js";

/** @typedef {import("../feed/feed-machine.js").Choice} Choice */
/** @typedef {import("../feed/feed-machine.js").Transport} Transport */
/** @typedef {"idle" | import("../feed/feed-machine.js").FeedMachine["state"]} State idle without a sheet */
/** @typedef {{state: State, choice: Choice, isOwn: boolean, transport: Transport | null,
 *             pending: Transport | null, reason: string | null, ageMs: number,
 *             nextMs: number | null, pauseMs: number, everyMs: number}} Status `nextMs`: until the
 *   next question or attempt, of `pauseMs`; `everyMs`: what fixed polling keeps */

/** A light that beats more often only flickers. */
const BEAT_MS = 120;

export class TransportBar extends HTMLElement {
    /** @type {Status | null} */ status = null;
    /** @type {import("./traffic-panel.js").TrafficPanel | null} */ #panel = null;
    #beatAt = 0;
    #isBusy = false;

    connectedCallback() {
        this.addEventListener("change", ({ target }) => {
            const { name, value } = /** @type {HTMLInputElement} */ (target);
            if (name === "way") this.#ask("choose", value);
        });
        this.#find(".more").addEventListener("click", () => this.#showRare(!this.#showsRare));
        this.#find(".opener").addEventListener("click", () => this.#toggle());
    }

    /** @param {Status} status */
    show(status) {
        this.status = status;
        const { state, choice, transport } = status;
        this.dataset.state = state;
        this.dataset.choice = choice;
        if (transport) this.dataset.transport = transport;
        else delete this.dataset.transport;
        for (const radio of this.#radios) {
            radio.checked = radio.value === choice;
            const isCarrying = radio.value === transport && choice === "auto";
            radio.parentElement?.toggleAttribute("data-carries", isCarrying);
            if (radio.checked && radio.closest(".rare")) this.#showRare(true);
        }
        this.#put(".sentence", sentenceOf(status));
        this.#showWords();
        this.#panel?.show(status);
    }

    /** A message came over the wire. */
    beat() {
        const now = performance.now();
        if (now - this.#beatAt < BEAT_MS) return;
        this.#beatAt = now;
        this.dataset.beat = this.dataset.beat === "1" ? "2" : "1";
    }

    get isOpen() {
        return this.#panel !== null;
    }

    get #radios() {
        return /** @type {NodeListOf<HTMLInputElement>} */ (this.querySelectorAll("[name=way]"));
    }

    /** @param {string} selector */
    #find(selector) {
        return find(this, selector, HTMLElement);
    }

    /** @param {string} selector @param {string} text */
    #put(selector, text) {
        put(this.#find(selector), text);
    }

    get #showsRare() {
        return this.#find(".more").getAttribute("aria-expanded") === "true";
    }

    /** @param {boolean} shown */
    #showRare(shown) {
        this.#find(".more").setAttribute("aria-expanded", String(shown));
        this.#showWords();
    }

    #showWords() {
        this.#put(".more", t(this.#showsRare ? "updates.less" : "updates.more"));
        this.#put(".opener span", t(this.isOpen ? "updates.close" : "updates.open"));
    }

    async #toggle() {
        if (this.#isBusy) return;
        this.#isBusy = true;
        try {
            if (this.#panel) this.#close();
            else await this.#open();
        } catch (error) {
            this.#ask("trouble", error);
        } finally {
            this.#isBusy = false;
        }
        this.#find(".opener").setAttribute("aria-expanded", String(this.isOpen));
        this.toggleAttribute("data-open", this.isOpen);
        this.#showWords();
    }

    async #open() {
        const { openTraffic } = await import("./traffic-panel.js");
        this.#panel = await openTraffic(this.#find(".wire"), () => this.#ask("join"));
        this.#panel.traffic = this.traffic;
        if (this.status) this.#panel.show(this.status);
    }

    #close() {
        this.#panel?.close();
        this.#panel = null;
    }

    /** @type {() => import("../feed/traffic.js").Traffic | null} what is drawn */
    traffic = () => null;

    /** @param {"choose" | "join" | "trouble"} type @param {unknown} [detail] */
    #ask(type, detail) {
        this.dispatchEvent(new CustomEvent(type, { detail }));
    }
}

/**
 * It never promises news that the transport cannot bring yet.
 * @param {Status} status
 * @returns {string}
 */
function sentenceOf(status) {
    const { state, choice, transport, pending, reason } = status;
    if (state === "idle") return t(`updates.idle.${choice}`, { every: secondsOf(status.everyMs) });
    if (pending && transport) {
        return t("updates.switching", { name: nameOf(pending), old: nameOf(transport) });
    }
    if (state !== "live" || !transport) return notLive(status);
    const live = t(`updates.live.${transport}`, {
        every: secondsOf(status.everyMs),
        next: secondsUp(status.nextMs ?? 0),
    });
    if (choice !== "auto") return live;
    return [t("updates.auto", { name: nameOf(transport) }), reason ? t(`reason.${reason}`) : live]
        .filter(Boolean)
        .join(" ");
}

/** @param {Status} status */
function notLive({ state, choice, transport, ageMs, nextMs }) {
    const name = nameOf(transport ?? choice);
    const age = secondsOf(ageMs);
    if (state === "reconnecting" && nextMs !== null) {
        return t("updates.reconnecting", { name, age, next: secondsUp(nextMs) });
    }
    if (state === "reconnecting") return t("updates.trying", { name, age });
    return t(`updates.${state}`, { name, age });
}

/** @param {string} transport */
export const nameOf = (transport) => t(`transport.${transport}`);

/** @param {number} ms left, never less than there is */
export const secondsUp = (ms) => secondsOf(Math.ceil(ms / 1_000) * 1_000);

customElements.define("transport-bar", TransportBar);
