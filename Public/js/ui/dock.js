// @ts-check
/** The foot of the window: what comes into view stays clear of the bars that lie there. */

/**
 * @param {HTMLElement} dock
 * @returns {() => void} tells the style how high it is, which it is told of each change of size, too
 */
export function followDock(dock) {
    const root = document.documentElement;
    const note = () => {
        root.style.setProperty("--dock", `${dock.offsetHeight}px`);
        root.toggleAttribute("data-docked", dock.offsetHeight > 0);
    };
    new ResizeObserver(note).observe(dock);
    return note;
}
