// @ts-check
/** A link with a secret, which the server tells only once: to be copied, or scanned by another device. */

import { make } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { qrCode } from "../pictures/qr-code.js";
import { copyButton } from "./copy-text.js";
import { copyWords } from "./dialogs.js";

/**
 * @param {HTMLElement} place
 * @param {string} path of the link
 * @param {string} title what it is
 * @param {string} text what to do with it
 */
export function showNewLink(place, path, title, text) {
    const link = new URL(path, location.href).href;
    const field = make("input", { type: "text", readOnly: true, value: link });
    field.setAttribute("aria-label", title);
    const copy = make("button", { className: "button primary copy", type: "button" }, t("copy.do"));
    copyButton(copy, field, copyWords);
    const code = qrCode(link);
    code?.setAttribute("aria-label", t("drop.code"));
    place.replaceChildren(
        make("p", {}, text),
        make("div", { className: "link-row" }, field, copy),
        ...(code ? [code] : []),
    );
    copy.focus();
}
