// @ts-check
/**
 * The address of the batch. While the settings lie over the page theirs is shown, and a change is
 * kept until one is back.
 */

import { SETTINGS_PAGE } from "../base/addresses.js";

/** @type {string | null} */
let later = null;

export const isUnderSettings = () => history.state?.over === SETTINGS_PAGE;

/** @param {string} path */
export function setAddress(path) {
    if (isUnderSettings()) later = path;
    else history.replaceState(null, "", path);
}

/** @param {() => void} open called in place of going to the page of the settings, Forward too */
export function onSettings(open) {
    addEventListener("popstate", () => isUnderSettings() && open());
    document.addEventListener("click", (event) => {
        const link = /** @type {Element} */ (event.target).closest(`a[href="${SETTINGS_PAGE}"]`);
        const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
        if (!link || !isPlain || event.button !== 0) return;
        event.preventDefault();
        open();
    });
}

addEventListener("popstate", () => {
    if (later === null || isUnderSettings()) return;
    history.replaceState(null, "", later);
    later = null;
});
