// @ts-check
/**
 * Copying text, also on plain http from another host, where the browser gives no clipboard: there
 * the field's own text is selected and copied, as one would by hand.
 */

import { t } from "../base/i18n.js";

/**
 * @param {HTMLInputElement | HTMLTextAreaElement} field
 * @returns {Promise<boolean>} false where it must be done by hand; the text is selected then
 */
export async function copyFrom(field) {
    field.focus();
    field.select();
    try {
        if (navigator.clipboard) {
            await navigator.clipboard.writeText(field.value);
            return true;
        }
    } catch {
        // A refused permission leaves the older way.
    }
    return document.execCommand("copy");
}

/**
 * A text that stands in no field.
 * @param {string} text
 * @param {Element} root where a field may be for a moment: within an open dialog, if there is one
 * @returns {Promise<boolean>} false where this browser copies nothing
 */
export async function copyText(text, root) {
    const focused = document.activeElement;
    const field = Object.assign(document.createElement("textarea"), {
        value: text,
        readOnly: true,
    });
    field.className = "unseen";
    root.append(field);
    try {
        return await copyFrom(field);
    } finally {
        field.remove();
        if (focused instanceof HTMLElement) focused.focus();
    }
}

/**
 * A button beside a field that copies it and says so for a moment.
 * @param {HTMLButtonElement} button
 * @param {HTMLInputElement | HTMLTextAreaElement} field
 * @param {{copy: () => string, copied: () => string, byHand: () => string}} words
 */
export function copyButton(button, field, words) {
    button.addEventListener("click", async () => {
        button.textContent = (await copyFrom(field)) ? words.copied() : words.byHand();
        button.focus();
        setTimeout(() => {
            button.textContent = words.copy();
        }, 2_000);
    });
}

/** So long the button says that it is done. */
const SAID_MS = 2_000;

/**
 * A link that the button stands for. Where this browser copies nothing, it is shown to be copied by hand.
 * @param {string} link @param {HTMLElement} button
 * @returns {Promise<boolean>} whether it was copied
 */
export async function copyLink(link, button) {
    // What lies under an open dialog takes no focus.
    if (!(await copyText(link, button.closest("dialog") ?? document.body))) {
        prompt(t("copy.by-hand"), link);
        return false;
    }
    button.dataset.copied = "";
    setTimeout(() => delete button.dataset.copied, SAID_MS);
    return true;
}
