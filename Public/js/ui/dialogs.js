// @ts-check
/** The two short dialogs: a question before what cannot be undone, and the link to share. */

import { copyButton } from "./copy-text.js";
import { t } from "../base/i18n.js";

/**
 * @param {HTMLDialogElement} dialog
 * @param {{about: "cancel" | "delete" | "discard" | "manage" | "remove" | "remove-many", count?: number, name?: string}} question
 * @returns {Promise<boolean>}
 */
export function ask(dialog, { about, ...values }) {
    const put = (/** @type {string} */ selector, /** @type {string} */ text) => {
        const element = dialog.querySelector(selector);
        if (element) element.textContent = text;
    };
    put("h2", t(`confirm.${about}.title`, values));
    put("p", t(`confirm.${about}.text`, values));
    put("[value=yes]", t(`confirm.${about}.yes`, values));
    put("[value=no]", t(`confirm.${about}.no`));
    dialog.returnValue = "no";
    dialog.showModal();
    return new Promise((resolve) => {
        const answer = () => resolve(dialog.returnValue === "yes");
        dialog.addEventListener("close", answer, { once: true });
    });
}

/** @type {WeakSet<HTMLDialogElement>} */
const ready = new WeakSet();

/** @param {HTMLDialogElement} dialog @param {string} link */
export function share(dialog, link) {
    const button = /** @type {HTMLButtonElement} */ (dialog.querySelector(".copy"));
    const field = /** @type {HTMLInputElement} */ (dialog.querySelector("input"));
    if (!ready.has(dialog)) copyButton(button, field, copyWords);
    ready.add(dialog);
    field.value = link;
    button.textContent = t("copy.do");
    dialog.showModal();
    field.select();
    field.scrollLeft = 0;
}

export const copyWords = {
    copy: () => t("copy.do"),
    copied: () => t("copy.done"),
    byHand: () => t("copy.by-hand"),
};
