// @ts-check
/** The batch in one line: how many, how far, how long still, and which of them to show. */

import { find, put, stamp } from "../base/dom.js";
import { t, words } from "../base/i18n.js";
import { BatchMenu } from "./batch-menu.js";

/** @type {import("../model/photo-state.js").Standing[]} in their order */
const COUNTED = [
    "ready",
    "active",
    "paused",
    "interrupted",
    "held",
    "failed",
    "cancelled",
    "expired",
];

/** What it tells of: which photos are wanted, and in which order. */
const CHOICES = new Set(["filter", "sort", "search"]);
/** So few are found by looking. */
const FEW = 8;

/** @typedef {import("../model/batch-progress.js").Summary} Summary */
/** @typedef {{archive: string | null, originals: string | null, isOwner: boolean, canAdd: boolean,
 *             isGuests: boolean, canNotify: boolean, name?: string, end?: string}} Batch `archive`, `originals`:
 *   addresses, once there is a batch; `isGuests`: it came by a drop link; `end`: when it is deleted */

/** @param {Summary} summary */
function paceOf({ secondsLeft, bytesPerSecond }) {
    const time = secondsLeft === null ? "" : words.left("batch.left", secondsLeft);
    const size = bytesPerSecond === null ? "" : words.bytes(Math.round(bytesPerSecond));
    return inLine([time, size && t("batch.speed", { size })]);
}

/**
 * A line ends between two parts, and in none of them.
 * @param {string[]} parts those that are empty are left out
 */
const inLine = (parts) =>
    parts
        .filter(Boolean)
        .map((part) => part.replaceAll(" ", "\u00a0"))
        .join("\u00a0· ");

export class BatchBar extends HTMLElement {
    connectedCallback() {
        if (this.firstElementChild) return;
        this.append(stamp("batch-bar-template"));
        // What a template holds is in English.
        words.translate(this);
        this.addEventListener("input", ({ target }) => {
            const { name, value } = /** @type {HTMLInputElement} */ (target);
            if (!CHOICES.has(name)) return;
            this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail: value }));
        });
    }

    /** @param {Summary} summary @param {Batch} batch */
    show(summary, batch) {
        const { name, end } = batch;
        const { total, ready, active, received, done } = summary;
        const unfinished = active + summary.paused + summary.interrupted;
        const all = t("batch.total", { count: total });
        this.#put(".total", name ?? all);
        this.toggleAttribute("data-named", name !== undefined);
        const counts = COUNTED.filter((what) => summary[what] > 0);
        const inWords = counts.map((what) => t(`batch.${what}`, { count: summary[what] }));
        const until = end ? t("batch.until", { when: words.date(end) }) : "";
        this.#put(".counts", inLine([name ? all : "", ...inWords, until]));
        this.#put(".pace", paceOf(summary));
        const whole = find(this, ".whole", HTMLElement);
        whole.style.setProperty("--received", received.toFixed(4));
        whole.style.setProperty("--done", done.toFixed(4));
        whole.setAttribute("aria-label", t("batch.progress"));
        whole.setAttribute("aria-valuenow", String(Math.floor(done * 100)));
        this.toggleAttribute("data-settled", unfinished === 0);
        find(this, ".finding", HTMLElement).hidden = total <= FEW;
        this.#showDropped(summary.cancelled + summary.expired > 0);
        this.#showMenu(summary, batch);
        const download = find(this, ".download", HTMLAnchorElement);
        download.hidden = ready === 0 || batch.archive === null;
        if (batch.archive) download.href = batch.archive;
    }

    /** @param {Summary} summary @param {Batch} batch */
    #showMenu(summary, { archive, originals, isOwner, canAdd, isGuests, canNotify }) {
        const unfinished = summary.active + summary.paused + summary.interrupted;
        const offers = {
            pause: summary.sending > 0,
            resume: summary.paused > 0,
            retry: canAdd && summary.retryable > 0,
            cancel: canAdd && unfinished > 0,
            notify: summary.active > 0 && canNotify,
            rename: isOwner && archive !== null,
            keep: isOwner && archive !== null,
            share: archive !== null,
            drop: isOwner && !isGuests && archive !== null,
            delete: isOwner && archive !== null,
        };
        find(this, "batch-menu", BatchMenu).show({
            offers,
            archive: summary.ready > 0 ? archive : null,
            originals: isOwner && summary.total > 0 ? originals : null,
        });
    }

    /**
     * A filter that nothing would pass is offered only while it is in use.
     * @param {boolean} areAny
     */
    #showDropped(areAny) {
        const choice = find(this, ".filters [value=dropped]", HTMLInputElement);
        const label = /** @type {HTMLElement} */ (choice.closest("label"));
        label.hidden = !areAny && !choice.checked;
    }

    /** @param {string} selector @param {string} text */
    #put(selector, text) {
        put(find(this, selector, HTMLElement), text);
    }
}

customElements.define("batch-bar", BatchBar);
