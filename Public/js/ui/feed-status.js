// @ts-check
/**
 * How the news reaches the page, and how old it is: put on the bar over the photos, into the proof
 * under it, and onto the cards. Once a second while a number in it goes on by itself.
 */

import { t } from "../base/i18n.js";

const SECOND_MS = 1_000;

export class FeedStatus {
    #timer = 0;
    #secondsOld = 0;
    /** @type {import("../model/session.js").Session | null} none until its module is there */
    session = null;
    /** Called when what is shown has become a second older, or is news again. */
    onAge = () => {};

    /**
     * @param {object} parts
     * @param {import("../feed/transport-choice.js").TransportChoice} parts.transportChoice
     * @param {import("../settings/settings-store.js").SettingsStore} parts.settings
     * @param {import("./transport-bar.js").TransportBar} parts.transportBar
     * @param {HTMLElement} parts.proof
     */
    constructor(parts) {
        this.parts = parts;
        parts.transportBar.traffic = () => this.session?.traffic ?? null;
    }

    /** How old what the server told may be. */
    get ageMs() {
        const feed = this.session?.feed;
        return feed ? feed.machine.age(feed.clock.now()) : 0;
    }

    show() {
        const { transportBar, proof } = this.parts;
        const status = this.#status();
        transportBar.show(status);
        const feed = this.session?.feed;
        if (feed) {
            const { ledger, resets } = feed.machine;
            const { events, lost, repeated, reordered } = ledger;
            showProof(proof, { events, lost, repeated, reordered, resets });
        }
        this.#tick(status);
    }

    /** @returns {import("./transport-bar.js").Status} */
    #status() {
        const { transportChoice, settings } = this.parts;
        const everyMs = settings.current.intervalSeconds * SECOND_MS;
        const own = {
            choice: transportChoice.choice,
            isOwn: transportChoice.own !== null,
            everyMs,
        };
        const machine = this.session?.feed?.machine;
        if (!machine || !this.session?.batch) return { ...IDLE, ...own };
        const { state, reason, candidate, current, wanted } = machine;
        const transport = current?.transport ?? wanted;
        const isSwitch = current && candidate && candidate.transport !== transport;
        const pending = isSwitch && !candidate.climbing ? candidate.transport : null;
        return { ...own, state, reason, transport, pending, ageMs: this.ageMs, ...this.#next() };
    }

    #next() {
        const { feed, traffic } = this.session ?? {};
        const now = feed?.clock.now() ?? 0;
        const pause = feed?.retry ?? traffic?.pause;
        if (!pause || pause.to <= now) return { nextMs: null, pauseMs: 0 };
        return { nextMs: pause.to - now, pauseMs: pause.to - pause.from };
    }

    /** @param {import("./transport-bar.js").Status} status */
    #tick({ ageMs, nextMs }) {
        const secondsOld = Math.floor(ageMs / SECOND_MS);
        if (secondsOld !== this.#secondsOld) this.onAge();
        this.#secondsOld = secondsOld;
        clearTimeout(this.#timer);
        if (ageMs > 0 || nextMs !== null) {
            this.#timer = window.setTimeout(() => this.show(), SECOND_MS - (ageMs % SECOND_MS));
        }
    }
}

/**
 * @param {HTMLElement} line
 * @param {{events: number, lost: number, repeated: number, reordered: number, resets: number}} ledger
 */
function showProof(line, { events, lost, repeated, reordered, resets }) {
    const parts = [
        t("proof.events", { count: events }),
        t("proof.lost", { count: lost }),
        t("proof.repeated", { count: repeated }),
        reordered > 0 && t("proof.reordered", { count: reordered }),
        resets > 0 && t("proof.resets", { count: resets }),
    ];
    line.dataset.events = String(events);
    line.dataset.lost = String(lost);
    line.dataset.repeated = String(repeated);
    line.textContent = parts.filter(Boolean).join(" · ");
}

/** @type {import("./transport-bar.js").Status} */
const IDLE = {
    state: "idle",
    choice: "auto",
    isOwn: false,
    transport: null,
    pending: null,
    reason: null,
    ageMs: 0,
    nextMs: null,
    pauseMs: 0,
    everyMs: 0,
};
