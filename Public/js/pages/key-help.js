// @ts-check
/** “?” and a link at the foot of the page open the list of keys. */

import { byID } from "../base/dom.js";

/** Who writes means the letter. */
const FIELDS = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

/** @param {(act: () => Promise<void>) => unknown} perform says what goes wrong */
export function offerKeyHelp(perform) {
    const open = () =>
        perform(async () => {
            const { showKeys } = await import("../ui/key-help.js");
            await showKeys();
        });
    byID("keys-open", HTMLButtonElement).addEventListener("click", open);
    document.addEventListener("keydown", ({ key, target, ctrlKey, metaKey, altKey }) => {
        const isWritten = /** @type {Element} */ (target).closest(FIELDS) !== null;
        if (key === "?" && !isWritten && !ctrlKey && !metaKey && !altKey) void open();
    });
}
