// @ts-check
/** Asks until when a batch is to be kept. */

import { make } from "../base/dom.js";
import { t, words } from "../base/i18n.js";
import { dayOf, endOfDay } from "../model/batch-end.js";
import { answerTo, saveOrCancel, shortDialog } from "./dialogs.js";

/**
 * @param {{end?: string, latest?: number}} times `end` that it has, `latest` that it may have
 * @returns {Promise<string | null | undefined>} null where it is kept for ever; undefined where it stays
 */
export async function askEnd({ end, latest }) {
    const before = end === undefined ? "" : dayOf(Date.parse(end));
    const field = make("input", {
        className: "name-field",
        type: "date",
        value: before,
        min: dayOf(Date.now()),
        max: latest === undefined ? "" : dayOf(latest),
        required: latest !== undefined,
    });
    field.setAttribute("aria-labelledby", "keep-title");
    field.setAttribute("aria-describedby", "keep-text");
    const limit =
        latest === undefined
            ? t("keep.any")
            : t("keep.latest", { when: words.moment(new Date(latest).toISOString()) });
    const form = make(
        "form",
        { method: "dialog" },
        make("h2", { id: "keep-title" }, t("keep.title")),
        make("p", { id: "keep-text" }, limit),
        field,
        saveOrCancel(),
    );
    const answer = await answerTo(shortDialog("keep", form));
    const day = field.value;
    const isMeant = answer === "save" && day !== before;
    const wish = day ? endOfDay(day, latest) : null;
    return isMeant ? wish : undefined;
}
