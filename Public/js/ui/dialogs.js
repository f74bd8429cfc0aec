// @ts-check
/** The short dialogs: a question before what cannot be undone, the link to share, and what all of them have in common. */

import { copyButton } from "./copy-text.js";
import { make } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { explainError } from "../base/problems.js";
import { loadStyle } from "../base/style.js";

/**
 * A short dialog, named by the heading with the id `id`-title.
 * @param {string} id
 * @param {(Node | string)[]} children
 */
export function shortDialog(id, ...children) {
    const dialog = make("dialog", { className: "question", id }, ...children);
    dialog.setAttribute("aria-labelledby", `${id}-title`);
    return dialog;
}

/**
 * Shows the dialog and takes it away when it is closed.
 * @param {HTMLDialogElement} dialog
 * @returns {Promise<string>} the value of the button that closed it; empty after Escape
 */
export async function answerTo(dialog) {
    await loadStyle("question");
    document.body.append(dialog);
    dialog.showModal();
    await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
    dialog.remove();
    return dialog.returnValue;
}

/** The buttons of a dialog that asks for a value. */
export const saveOrCancel = () =>
    make(
        "div",
        { className: "choices" },
        make("button", { className: "button primary", value: "save" }, t("name.save")),
        make(
            "button",
            { className: "button quiet", value: "", formNoValidate: true },
            t("name.cancel"),
        ),
    );

/**
 * Says what goes wrong with a dialog's own requests: the page and its notices lie under it.
 * @returns {{line: HTMLElement, perform: (act: () => unknown) => Promise<void>}}
 */
export function attempts() {
    const line = make("p", { className: "notice", hidden: true });
    line.setAttribute("role", "status");
    const perform = async (/** @type {() => unknown} */ act) => {
        line.hidden = true;
        try {
            await act();
        } catch (error) {
            line.textContent = explainError(error);
            line.hidden = false;
        }
    };
    return { line, perform };
}

/** @returns {HTMLFormElement} a way out of a dialog that asks for nothing */
export const closeForm = (className = "text-button") =>
    make("form", { method: "dialog" }, make("button", { className }, t("details.close")));

/**
 * @param {{about: "cancel" | "delete" | "discard" | "manage" | "remove" | "remove-many", count?: number, name?: string}} question
 * @returns {Promise<boolean>}
 */
export async function ask({ about, ...values }) {
    const dialog = shortDialog(
        "confirm",
        make("h2", { id: "confirm-title" }, t(`confirm.${about}.title`, values)),
        make("p", { id: "confirm-text" }, t(`confirm.${about}.text`, values)),
        make(
            "form",
            { className: "choices", method: "dialog" },
            make(
                "button",
                { className: "button quiet", value: "yes" },
                t(`confirm.${about}.yes`, values),
            ),
            make(
                "button",
                { className: "button primary", value: "no", autofocus: true },
                t(`confirm.${about}.no`),
            ),
        ),
    );
    dialog.setAttribute("aria-describedby", "confirm-text");
    return (await answerTo(dialog)) === "yes";
}

/** @param {string} link */
export async function share(link) {
    const field = make("input", { type: "text", readOnly: true, value: link, autofocus: true });
    field.setAttribute("aria-label", t("share.link"));
    const button = make(
        "button",
        { className: "button primary copy", type: "button" },
        t("copy.do"),
    );
    copyButton(button, field, copyWords);
    field.addEventListener("focus", () => {
        field.select();
        field.scrollLeft = 0;
    });
    await answerTo(
        shortDialog(
            "share",
            make("h2", { id: "share-title" }, t("share.title")),
            make("p", {}, t("share.text")),
            make("div", { className: "link-row" }, field, button),
            closeForm(),
        ),
    );
}

export const copyWords = {
    copy: () => t("copy.do"),
    copied: () => t("copy.done"),
    byHand: () => t("copy.by-hand"),
};
