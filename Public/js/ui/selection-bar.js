// @ts-check
/** How many photos are selected, and what can be done with them. */

import { find, put, stamp } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { archiveOf, canRetry } from "../actions/selection-actions.js";

/** @typedef {import("../model/photos.js").Entry} Entry */

export class SelectionBar extends HTMLElement {
    /** @type {Entry[]} */ #entries = [];

    connectedCallback() {
        if (this.firstElementChild) return;
        this.className = "docked";
        this.setAttribute("role", "group");
        this.append(stamp("selection-bar-template"));
        this.addEventListener("click", ({ target }) => {
            const button = /** @type {HTMLElement | null} */ (
                /** @type {Element} */ (target).closest("[data-act]")
            );
            if (!button) return;
            const detail = { act: button.dataset.act, entries: this.#entries };
            this.dispatchEvent(new CustomEvent("selection-action", { bubbles: true, detail }));
        });
    }

    /**
     * @param {{entries: Entry[], shown: number}} selected `shown`: how many photos the filter lets be seen
     * @param {{batch: string | null, isOwner: boolean}} of
     */
    show({ entries, shown }, { batch, isOwner }) {
        this.#entries = entries;
        this.hidden = entries.length === 0;
        this.setAttribute("aria-label", t("selection.label"));
        put(find(this, ".count", HTMLElement), t("selection.count", { count: entries.length }));
        const all = find(this, "[data-act=all]", HTMLElement);
        all.hidden = entries.length >= shown;
        put(all, t("selection.all", { count: shown }));
        const retryable = isOwner ? entries.filter(canRetry).length : 0;
        this.#offer("retry", retryable, t("selection.retry", { count: retryable }));
        this.#offer("remove", isOwner ? entries.length : 0, t("action.remove"));
        this.#showDownload(archiveOf(batch, entries));
        const close = find(this, "[data-act=clear]", HTMLElement);
        close.setAttribute("aria-label", t("selection.clear"));
        close.title = t("selection.clear");
    }

    /** @param {string} act @param {number} count @param {string} words */
    #offer(act, count, words) {
        const button = find(this, `[data-act=${act}]`, HTMLElement);
        button.hidden = count === 0;
        put(button, words);
    }

    /** @param {ReturnType<typeof archiveOf>} archive */
    #showDownload(archive) {
        const link = find(this, ".download", HTMLAnchorElement);
        link.hidden = archive === null;
        if (!archive) return;
        link.href = archive.url;
        const { count, isWhole } = archive;
        put(link, isWhole ? t("selection.download.whole") : t("selection.download", { count }));
    }
}

customElements.define("selection-bar", SelectionBar);
