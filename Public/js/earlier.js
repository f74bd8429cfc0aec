// @ts-check
/** The sheets this reader made before, under the invitation to make one. */

import { ownBatches } from "./api.js";
import { t, words } from "./i18n.js";

const SHOWN = 6;

/** @type {any[]} */
let known = [];
let shown = SHOWN;

/** @param {HTMLElement} section */
export async function loadEarlier(section) {
    const { batches = [] } = await ownBatches();
    known = batches.filter((/** @type {any} */ { images }) => images > 0);
    section.querySelector("button")?.addEventListener("click", () => {
        shown = known.length;
        showEarlier(section);
        section.querySelectorAll("a")[SHOWN]?.focus();
    });
    showEarlier(section);
}

/**
 * Also called when the language changes.
 * @param {HTMLElement} section
 */
export function showEarlier(section) {
    section.hidden = known.length === 0;
    section.querySelector("ul")?.replaceChildren(...known.slice(0, shown).map(itemOf));
    const more = /** @type {HTMLElement} */ (section.querySelector("button"));
    more.hidden = shown >= known.length;
    more.textContent = t("earlier.all", { count: known.length });
}

/** @param {{id: string, createdAt: string, images: number, prints: string[]}} batch */
function itemOf({ id, createdAt, images, prints }) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    const pile = document.createElement("span");
    const moment = document.createElement("span");
    const count = document.createElement("span");
    link.href = `/batches/${id}`;
    pile.className = "pile";
    pile.append(...(prints.length > 0 ? prints.map(printOf) : [document.createElement("i")]));
    moment.className = "moment";
    moment.textContent = words.moment(createdAt);
    count.className = "count";
    count.textContent = t("batch.total", { count: images });
    link.append(pile, moment, count);
    item.append(link);
    return item;
}

/** @param {string} url */
function printOf(url) {
    const print = new Image();
    print.src = url;
    print.alt = "";
    print.loading = "lazy";
    return print;
}
