// @ts-check
/** Asks for the name of a batch. */

import { make } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { answerTo, saveOrCancel, shortDialog } from "./dialogs.js";

/**
 * @param {string} name that it has, or nothing
 * @returns {Promise<string | null | undefined>} null where it is to have none; undefined where it stays
 */
export async function askName(name) {
    const field = make("input", {
        className: "name-field",
        type: "text",
        maxLength: 200,
        autocomplete: "off",
        value: name,
    });
    field.setAttribute("aria-labelledby", "name-title");
    field.setAttribute("aria-describedby", "name-text");
    field.addEventListener("focus", () => field.select(), { once: true });
    const form = make(
        "form",
        { method: "dialog" },
        make("h2", { id: "name-title" }, t("name.title")),
        make("p", { id: "name-text" }, t("name.text")),
        field,
        saveOrCancel(),
    );
    const answer = await answerTo(shortDialog("name", form));
    const given = field.value.trim();
    const isMeant = answer === "save" && given !== name;
    return isMeant ? given || null : undefined;
}
