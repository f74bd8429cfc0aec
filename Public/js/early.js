// @ts-check
/** What somebody gave before the page could take it (see `first.js`). */

/**
 * @param {NodeListOf<HTMLInputElement>} pickers whose own listeners are there now
 * @param {(found: import("./intake.js").Found[]) => void} take
 */
export function takeEarly(pickers, take) {
    /** @type {File[]} */
    const dropped = [];
    const asking = new CustomEvent("revela-take", { detail: dropped });
    document.documentElement.dispatchEvent(asking);
    document.getElementById("given")?.setAttribute("hidden", "");
    if (dropped.length > 0) {
        take(dropped.map((file) => ({ file, name: file.name, fromFolder: false })));
    }
    for (const picker of pickers) {
        if (picker.files?.length) picker.dispatchEvent(new Event("change"));
    }
}
