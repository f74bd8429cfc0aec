// @ts-check
/** What somebody gave before the page could take it (see `before-modules.js`). */

/**
 * @param {NodeListOf<HTMLInputElement>} pickers whose own listeners are there now
 * @param {(transfer: any) => void} take what was dropped
 */
export function takeEarly(pickers, take) {
    /** @type {any[]} */
    const given = [];
    const asking = new CustomEvent("revela-take", { detail: given });
    document.documentElement.dispatchEvent(asking);
    for (const transfer of given) take(transfer);
    for (const picker of pickers) {
        if (picker.files?.length) picker.dispatchEvent(new Event("change"));
    }
}
