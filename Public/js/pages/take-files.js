// @ts-check
/** The ways of giving files on the upload page, and what was given before it could take any. */

import { byID } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { takeIn } from "../uploads/pick-and-drop.js";
import { takeEarly } from "./given-early.js";

/**
 * @param {object} parts
 * @param {import("../uploads/incoming-files.js").IncomingFiles} parts.incoming
 * @param {() => void} parts.clear what was said before
 * @param {(sentence: string) => void} parts.note
 */
export function takeFiles({ incoming, clear, note }) {
    const pickers = /** @type {NodeListOf<HTMLInputElement>} */ (
        document.querySelectorAll("input.picker")
    );
    const drop = takeIn({
        overlay: byID("overlay", HTMLElement),
        pickers,
        onBegin: () => {
            clear();
            incoming.begin();
        },
        onFound: (found) => incoming.take(found),
        onUnreadable: (name) => incoming.leaveOut(name),
        onTrouble: (error) => {
            reportError(error);
            note(t("intake.trouble"));
        },
    });
    takeEarly(pickers, drop);
}
