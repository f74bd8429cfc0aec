// @ts-check
/** The browser's tab tells how far the batch is: in its title, and by a ring for its icon. */

import { byID, find } from "../base/dom.js";
import { t, words } from "../base/i18n.js";

/** The icon is drawn anew so seldom: each is a picture that the browser decodes. */
const STEP = 0.05;
const NAME = "Revela";

export class TabProgress {
    #icon = find(document, "link[rel=icon]", HTMLLinkElement);
    #own = this.#icon.href;
    #shown = "";
    /** @type {import("../model/batch-progress.js").Summary | null} */ #last = null;

    constructor() {
        const again = () => this.#last && this.show(this.#last);
        document.addEventListener("visibilitychange", again);
        // The settings put back the title that they found.
        byID("settings-over", HTMLElement).addEventListener("close", () => setTimeout(again));
    }

    /** @param {import("../model/batch-progress.js").Summary} summary */
    show(summary) {
        const { active, ready, failed, done } = summary;
        this.#last = summary;
        const isOver = active === 0;
        this.#title(isOver ? this.#ending(ready, failed) : `${words.percent(done)} · ${NAME}`);
        const href = isOver ? this.#own : ringOf(Math.floor(done / STEP) * STEP);
        if (href === this.#shown) return;
        this.#shown = href;
        this.#icon.href = href;
    }

    /** @param {number} ready @param {number} failed what a tab in the background has come to */
    #ending(ready, failed) {
        if (!document.hidden || ready + failed === 0) return NAME;
        return `${t(failed > 0 ? "batch.failed" : "batch.ready", { count: failed || ready })} · ${NAME}`;
    }

    /** @param {string} title */
    #title(title) {
        // While the settings lie over the page, theirs is shown.
        const isCovered = document.querySelector("#settings-over[open]") !== null;
        if (!isCovered && document.title !== title) document.title = title;
    }
}

/** @param {number} part 0…1 @returns {string} a `data:` URL, with colours that both themes show */
function ringOf(part) {
    const circle = 'cx="16" cy="16" r="12" fill="none" stroke-width="7"';
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle ${circle} stroke="#b9a58c"/><circle ${circle} stroke="#c4472b" pathLength="100" stroke-dasharray="${Math.round(part * 100)} 100" transform="rotate(-90 16 16)"/></svg>`;
    return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
