// @ts-check
/** The reader's batches as cards: a few of the photos, the name, what is in it, and what can be done. */

import { batchPage } from "../base/addresses.js";
import { find, stamp } from "../base/dom.js";
import { t, words } from "../base/i18n.js";
import { pictureOf } from "./earlier-batches.js";

/** @typedef {import("../base/api.js").OwnBatch} OwnBatch */

export class BatchList {
    /** @type {Map<string, {card: Element, shown: string}>} */ #cards = new Map();

    /**
     * @param {HTMLElement} list
     * @param {(act: "rename" | "delete", batch: OwnBatch) => void} onAct
     */
    constructor(list, onAct) {
        this.list = list;
        this.onAct = onAct;
    }

    /** @param {OwnBatch[]} batches */
    show(batches) {
        const gone = new Set(this.#cards.keys());
        for (const batch of batches) {
            gone.delete(batch.id);
            const shown = JSON.stringify([batch, words.language]);
            const known = this.#cards.get(batch.id);
            if (known?.shown === shown) continue;
            const card = this.#cardOf(batch);
            if (known) known.card.replaceWith(card);
            else this.list.append(card);
            this.#cards.set(batch.id, { card, shown });
        }
        for (const id of gone) this.#cards.get(id)?.card.remove();
        for (const id of gone) this.#cards.delete(id);
    }

    /** @param {string} id @param {string} part of its card, which gets the focus */
    focus(id, part) {
        const found = this.#cards.get(id)?.card.querySelector(part);
        /** @type {HTMLElement | null | undefined} */ (found)?.focus();
    }

    /** @param {OwnBatch} batch */
    #cardOf(batch) {
        const { id, createdAt, expiresAt, images, name, renditions, state } = batch;
        const card = /** @type {Element} */ (stamp("batch-template").firstElementChild);
        const title = name ?? words.moment(createdAt);
        const link = find(card, "a.title", HTMLAnchorElement);
        link.href = batchPage(id);
        link.textContent = title;
        const sheet = find(card, ".sheet", HTMLElement);
        sheet.dataset.count = String(renditions.length);
        sheet.append(...renditions.map(pictureOf));
        const facts = [
            name === undefined ? "" : words.moment(createdAt),
            t("batch.total", { count: images }),
            state === "open" ? t("batches.open") : "",
            expiresAt && t("batch.until", { when: words.date(expiresAt) }),
        ];
        find(card, ".facts", HTMLElement).textContent = facts.filter(Boolean).join(" · ");
        for (const act of /** @type {const} */ (["rename", "delete"])) {
            const button = find(card, `[data-act=${act}]`, HTMLButtonElement);
            const label = t(`batches.${act}`);
            button.textContent = label;
            button.setAttribute("aria-label", `${label}: ${title}`);
            button.addEventListener("click", () => this.onAct(act, batch));
        }
        return card;
    }
}
