// @ts-check
/** Asks until when a batch is to be kept. */

import { find } from "../base/dom.js";
import { t, words } from "../base/i18n.js";
import { dayOf, endOfDay } from "../model/batch-end.js";

/**
 * @param {HTMLDialogElement} dialog
 * @param {{end?: string, latest?: number}} times `end` that it has, `latest` that it may have
 * @returns {Promise<string | null | undefined>} null where it is kept for ever; undefined where it stays
 */
export function askEnd(dialog, { end, latest }) {
    const field = find(dialog, "input", HTMLInputElement);
    const before = end === undefined ? "" : dayOf(Date.parse(end));
    field.value = before;
    field.min = dayOf(Date.now());
    field.max = latest === undefined ? "" : dayOf(latest);
    field.required = latest !== undefined;
    find(dialog, "p", HTMLElement).textContent =
        latest === undefined
            ? t("keep.any")
            : t("keep.latest", { when: words.moment(new Date(latest).toISOString()) });
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((resolve) => {
        const answer = () => {
            const day = field.value;
            const isMeant = dialog.returnValue === "save" && day !== before;
            const wish = day ? endOfDay(day, latest) : null;
            resolve(isMeant ? wish : undefined);
        };
        dialog.addEventListener("close", answer, { once: true });
    });
}
