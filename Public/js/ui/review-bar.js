// @ts-check
/** What waits to be sent: how many, how much, and the button that sends it. */

import { find, put, stamp } from "../base/dom.js";
import { t, words } from "../base/i18n.js";

/** @typedef {import("../model/photos.js").Entry} Entry */

export class ReviewBar extends HTMLElement {
    connectedCallback() {
        if (this.firstElementChild) return;
        this.className = "docked";
        this.setAttribute("role", "group");
        this.append(stamp("review-bar-template"));
        this.addEventListener("click", ({ target }) => {
            const button = /** @type {Element} */ (target).closest("[data-act]");
            if (!button) return;
            const { act: detail } = /** @type {HTMLElement} */ (button).dataset;
            this.dispatchEvent(new CustomEvent("review-action", { bubbles: true, detail }));
        });
    }

    /** @param {{count: number, bytes: number}} held */
    show({ count, bytes }) {
        this.hidden = count === 0;
        this.setAttribute("aria-label", t("review.label"));
        const size = words.bytes(bytes);
        put(find(this, ".count", HTMLElement), t("review.count", { count, size }));
        put(find(this, "[data-act=send]", HTMLElement), t("review.send", { count }));
        put(find(this, "[data-act=discard]", HTMLElement), t("review.discard"));
    }
}

customElements.define("review-bar", ReviewBar);
