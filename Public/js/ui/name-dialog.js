// @ts-check
/** Asks for the name of a batch. */

import { find } from "../base/dom.js";

/**
 * @param {HTMLDialogElement} dialog
 * @param {string} name that it has, or nothing
 * @returns {Promise<string | null | undefined>} null where it is to have none; undefined where it stays
 */
export function askName(dialog, name) {
    const field = find(dialog, "input", HTMLInputElement);
    field.value = name;
    dialog.returnValue = "";
    dialog.showModal();
    field.select();
    return new Promise((resolve) => {
        const answer = () => {
            const given = field.value.trim();
            const isMeant = dialog.returnValue === "save" && given !== name;
            resolve(isMeant ? given || null : undefined);
        };
        dialog.addEventListener("close", answer, { once: true });
    });
}
