// @ts-check
/** The list of keys. */

import { make } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { loadStyle } from "../base/style.js";
import { answerTo, closeForm, shortDialog } from "./dialogs.js";

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

export async function showKeys() {
    await loadStyle("keys");
    if (document.getElementById("keys")) return;
    const title = make("h2", { id: "keys-title", tabIndex: -1, autofocus: true }, t("keys.title"));
    const lists = make("div", { className: "lists" }, ...Object.entries(KEYS).map(sectionOf));
    const dialog = shortDialog("keys", title, lists, closeForm("button quiet"));
    dialog.classList.add("keys-help");
    await answerTo(dialog);
}

/** @param {[place: string, keys: [keys: string[], what: string][]]} section */
const sectionOf = ([place, keys]) =>
    make(
        "section",
        {},
        make("h3", {}, t(`keys.${place}`)),
        make("dl", {}, ...keys.flatMap(termAndMeaning)),
    );

/** @param {[keys: string[], what: string]} line */
function termAndMeaning([keys, what]) {
    const caps = keys.map((key) => make("kbd", {}, key.startsWith("keys.") ? t(key) : key));
    return [make("dt", {}, ...caps.flatMap((cap) => [cap, " "])), make("dd", {}, t(what))];
}
