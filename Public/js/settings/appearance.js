// @ts-check
/** The settings that only change how a page looks. `before-modules.js` does the same before the first paint. */

/** @param {import("./settings-store.js").Settings} settings */
export function dress({ theme, density }) {
    const { dataset } = document.documentElement;
    if (theme === "system") delete dataset.theme;
    else dataset.theme = theme;
    if (density === "cosy") delete dataset.density;
    else dataset.density = density;
}
