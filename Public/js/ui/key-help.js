// @ts-check
/** The list of keys. */

import { find } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { loadStyle } from "../base/style.js";

/** @type {Record<string, [keys: string[], what: string][]>} by their place; keys as `keys.*` or themselves */
const KEYS = {
    page: [
        [["← → ↑ ↓"], "keys.page.move"],
        [["Home", "End"], "keys.page.ends"],
        [["keys.space"], "keys.page.select"],
        [["Shift + ← →"], "keys.page.range"],
        [["keys.click"], "keys.page.to"],
        [["Ctrl + A"], "keys.page.all"],
        [["Esc"], "keys.page.none"],
        [["Delete"], "keys.page.remove"],
        [["Ctrl + Shift + ← →"], "keys.page.order"],
        [["?"], "keys.page.help"],
    ],
    viewer: [
        [["←", "→"], "keys.viewer.turn"],
        [["+", "−"], "keys.viewer.zoom"],
        [["0"], "keys.viewer.fit"],
        [["1"], "keys.viewer.actual"],
        [["C"], "keys.viewer.compare"],
        [["I"], "keys.viewer.panel"],
        [["Esc"], "keys.viewer.close"],
    ],
};

/** @param {HTMLDialogElement} dialog */
export async function showKeys(dialog) {
    await loadStyle("keys");
    const sections = Object.entries(KEYS).map(([place, keys]) => {
        const section = document.createElement("section");
        const heading = document.createElement("h3");
        const list = document.createElement("dl");
        heading.textContent = t(`keys.${place}`);
        list.append(...keys.flatMap(termAndMeaning));
        section.append(heading, list);
        return section;
    });
    find(dialog, ".lists", HTMLElement).replaceChildren(...sections);
    if (!dialog.open) dialog.showModal();
}

/** @param {[keys: string[], what: string]} line */
function termAndMeaning([keys, what]) {
    const term = document.createElement("dt");
    const meaning = document.createElement("dd");
    for (const key of keys) {
        const cap = document.createElement("kbd");
        cap.textContent = key.startsWith("keys.") ? t(key) : key;
        term.append(cap, " ");
    }
    meaning.textContent = t(what);
    return [term, meaning];
}
