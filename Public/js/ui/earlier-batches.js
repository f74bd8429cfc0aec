// @ts-check
/** The sheets this reader made before, under the invitation to make one. */

import { batchPage } from "../base/addresses.js";
import { ownBatches } from "../base/api.js";
import { t, words } from "../base/i18n.js";

/** @typedef {import("../base/api.js").OwnBatch} OwnBatch */

const SHOWN = 6;

/** @type {OwnBatch[]} those that hold photos, as far as they were asked for */
let known = [];
/** @type {string | undefined} where the list goes on */
let next;
let shown = SHOWN;

/**
 * @param {HTMLElement} section
 * @param {(act: () => Promise<void>) => unknown} perform says what goes wrong
 */
export async function loadEarlier(section, perform) {
    section.querySelector("button")?.addEventListener("click", () => {
        void perform(() => showMore(section));
    });
    add(await ownBatches());
    await fill(SHOWN + 1);
    showEarlier(section);
}

/** @param {HTMLElement} section */
async function showMore(section) {
    const before = shown;
    if (known.length <= shown) await fill(shown + 1);
    shown = known.length;
    showEarlier(section);
    section.querySelectorAll("a")[before]?.focus();
}

/**
 * Asks on until so many are known or there are no more.
 * @param {number} count
 */
async function fill(count) {
    while (next !== undefined && known.length < count) add(await ownBatches(next));
}

/** @param {{batches: OwnBatch[], next?: string}} page */
function add(page) {
    known = known.concat(page.batches.filter(({ images }) => images > 0));
    next = page.next;
}

/**
 * Also called when the language changes.
 * @param {HTMLElement} section
 */
export function showEarlier(section) {
    section.hidden = known.length === 0;
    section.querySelector("ul")?.replaceChildren(...known.slice(0, shown).map(itemOf));
    const more = /** @type {HTMLElement} */ (section.querySelector("button"));
    more.hidden = shown >= known.length && next === undefined;
    more.textContent =
        next === undefined ? t("earlier.all", { count: known.length }) : t("earlier.more");
}

/** @param {OwnBatch} batch */
function itemOf({ id, createdAt, images, renditions }) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    const pile = document.createElement("span");
    const moment = document.createElement("span");
    const count = document.createElement("span");
    link.href = batchPage(id);
    pile.className = "pile";
    pile.append(
        ...(renditions.length > 0 ? renditions.map(printOf) : [document.createElement("i")]),
    );
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
