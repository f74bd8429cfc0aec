// @ts-check
/** The lamp over the door: which transport carries the events now, and how it is. */

import { t } from "../i18n.js";

/** @typedef {{state: string, transport: string, choice: string, pending: string | null,
 *             reason: string | null}} FeedStatus */

export class TransportBadge extends HTMLElement {
    connectedCallback() {
        if (this.firstElementChild) return;
        const link = document.createElement("a");
        link.href = "/settings.html";
        const lamp = document.createElement("span");
        lamp.className = "lamp";
        const text = document.createElement("span");
        text.className = "text";
        const note = document.createElement("span");
        note.className = "note";
        link.append(lamp, text, note);
        this.append(link);
        this.hidden = true;
    }

    /** @param {FeedStatus} status */
    show({ state, transport, choice, pending, reason }) {
        this.hidden = false;
        this.dataset.state = state;
        this.dataset.transport = transport;
        const name = t(`transport.${transport}`);
        const auto = choice === "auto" ? ` · ${t("badge.auto")}` : "";
        const waitsFor =
            pending && state === "live"
                ? t("badge.switching", { name: t(`transport.${pending}`) })
                : "";
        const why = reason ? t(`reason.${reason}`) : "";
        const put = (/** @type {string} */ selector, /** @type {string} */ text) => {
            const element = this.querySelector(selector);
            if (element && element.textContent !== text) element.textContent = text;
        };
        put(".text", `${name} · ${t(`feed.${state}`)}${auto}`);
        put(".note", waitsFor || why);
        this.querySelector("a")?.setAttribute("title", waitsFor || why || t("badge.title"));
    }
}

/** The quiet proof in the footer. */
export class ProofLine extends HTMLElement {
    /** @param {{events: number, lost: number, repeated: number, reordered: number, resets: number}} ledger */
    show({ events, lost, repeated, reordered, resets }) {
        const parts = [
            t("proof.events", { count: events }),
            t("proof.lost", { count: lost }),
            t("proof.repeated", { count: repeated }),
            reordered > 0 && t("proof.reordered", { count: reordered }),
            resets > 0 && t("proof.resets", { count: resets }),
        ];
        this.dataset.events = String(events);
        this.dataset.lost = String(lost);
        this.dataset.repeated = String(repeated);
        this.textContent = parts.filter(Boolean).join(" · ");
    }
}

customElements.define("transport-badge", TransportBadge);
customElements.define("proof-line", ProofLine);
