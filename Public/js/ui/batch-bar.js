// @ts-check
/** The batch in one line: how many, how far, how long still, and which of them to show. */

import "./batch-menu.js";

import { t, words } from "../base/i18n.js";

export class BatchBar extends HTMLElement {
    connectedCallback() {
        if (this.firstElementChild) return;
        const template = /** @type {HTMLTemplateElement} */ (
            document.getElementById("batch-bar-template")
        );
        this.append(template.content.cloneNode(true));
        this.addEventListener("change", ({ target }) => {
            const { name, value } = /** @type {HTMLInputElement} */ (target);
            if (name !== "filter") return;
            this.dispatchEvent(new CustomEvent("filter", { bubbles: true, detail: value }));
        });
    }

    /**
     * @param {import("../model/batch-progress.js").Summary} summary
     * @param {{archive: string | null, isOwner: boolean}} sheet
     */
    show(summary, { archive, isOwner }) {
        const { total, ready, working, refused, received, done, secondsLeft } = summary;
        this.#put(".total", t("batch.total", { count: total }));
        const counts = [
            ready > 0 && t("batch.ready", { count: ready }),
            working > 0 && t("batch.working", { count: working }),
            refused > 0 && t("batch.refused", { count: refused }),
        ];
        this.#put(".counts", counts.filter(Boolean).join(" · "));
        const time = secondsLeft === null ? "" : words.duration(secondsLeft);
        this.#put(".pace", time && working > 0 ? t("batch.left", { time }) : "");
        const whole = /** @type {HTMLElement} */ (this.querySelector(".whole"));
        whole.style.setProperty("--received", received.toFixed(4));
        whole.style.setProperty("--done", done.toFixed(4));
        whole.setAttribute("aria-label", t("batch.progress"));
        whole.setAttribute("aria-valuenow", String(Math.floor(done * 100)));
        this.toggleAttribute("data-settled", working === 0);
        const menu = /** @type {import("./batch-menu.js").BatchMenu} */ (
            this.querySelector("batch-menu")
        );
        const offers = {
            pause: summary.sending > 0,
            resume: summary.paused > 0,
            retry: isOwner && summary.retryable > 0,
            cancel: isOwner && working > 0,
            share: archive !== null,
            delete: isOwner && archive !== null,
        };
        menu.show({ offers, archive: ready > 0 ? archive : null });
        const download = /** @type {HTMLAnchorElement} */ (this.querySelector(".download"));
        download.hidden = ready === 0 || archive === null;
        if (archive) download.href = archive;
    }

    /** @param {string} selector @param {string} text */
    #put(selector, text) {
        const element = this.querySelector(selector);
        if (element && element.textContent !== text) element.textContent = text;
    }
}

customElements.define("batch-bar", BatchBar);
