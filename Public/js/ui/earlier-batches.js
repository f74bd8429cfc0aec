// @ts-check
/** The last batches this reader made, under the invitation to make one. */

import { batchPage } from "../base/addresses.js";
import { t, words } from "../base/i18n.js";
import { OwnBatches } from "../model/own-batches.js";

/** @typedef {import("../base/api.js").OwnBatch} OwnBatch */

const SHOWN = 6;

/** One more than is shown tells whether there are more. */
const own = new OwnBatches(SHOWN + 1);

/** @param {HTMLElement} section */
export async function loadEarlier(section) {
    await own.more(SHOWN + 1);
    showEarlier(section);
}

/**
 * Also called when the language changes.
 * @param {HTMLElement} section
 */
export function showEarlier(section) {
    section.hidden = own.known.length === 0;
    section.querySelector("ul")?.replaceChildren(...own.known.slice(0, SHOWN).map(itemOf));
    const all = /** @type {HTMLElement} */ (section.querySelector(".all"));
    all.hidden = own.isWhole && own.known.length <= SHOWN;
}

/** @param {OwnBatch} batch */
function itemOf({ id, createdAt, images, name, renditions }) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    const pile = document.createElement("span");
    const title = document.createElement("span");
    const count = document.createElement("span");
    link.href = batchPage(id);
    pile.className = "pile";
    pile.append(
        ...(renditions.length > 0 ? renditions.map(pictureOf) : [document.createElement("i")]),
    );
    title.className = "moment";
    title.textContent = name ?? words.moment(createdAt);
    count.className = "count";
    count.textContent = t("batch.total", { count: images });
    link.append(pile, title, count);
    item.append(link);
    return item;
}

/** @param {string} url */
export function pictureOf(url) {
    const picture = new Image();
    picture.src = url;
    picture.alt = "";
    picture.loading = "lazy";
    return picture;
}
