// @ts-check
/**
 * Putting photos that wait to be sent in another order: a card is dragged before or after another one,
 * or moved by Ctrl, Shift and an arrow.
 */

/** @typedef {import("../model/photos.js").Entry} Entry */
/** @typedef {import("./photo-grid.js").PhotoGrid} PhotoGrid */

/** No program outside takes it. */
const TYPE = "application/x-revela-photo";
/** @type {Record<string, number>} places */
const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

/**
 * @param {PhotoGrid} grid
 * @param {object} told
 * @param {(entry: Entry, target: Entry, side: "before" | "after") => void} told.onPlace
 * @param {(entry: Entry, by: number) => void} told.onStep
 */
export function reorderIn(grid, { onPlace, onStep }) {
    /** @type {HTMLElement | null} that is being dragged */
    let dragged = null;
    /** @type {HTMLElement | null} over which it is */
    let over = null;
    // Where they stand in another order, by name, there is nothing to be moved.
    const held = "photo-grid:not([data-sorted]) > photo-card[data-state=held]";
    const heldAt = (/** @type {EventTarget | null} */ target) =>
        /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest(held));
    const mark = (/** @type {HTMLElement | null} */ card, /** @type {string} */ side = "") => {
        if (over && over !== card) delete over.dataset.drop;
        over = card;
        if (over) over.dataset.drop = side;
    };
    const end = () => {
        mark(null);
        delete dragged?.dataset.dragged;
        dragged = null;
    };
    grid.addEventListener("dragstart", (event) => {
        dragged = heldAt(event.target);
        if (!dragged || !event.dataTransfer) return;
        event.dataTransfer.setData(TYPE, "");
        event.dataTransfer.effectAllowed = "move";
        dragged.dataset.dragged = "";
    });
    grid.addEventListener("dragover", (event) => {
        const card = dragged && heldAt(event.target);
        if (!card || card === dragged) return mark(null);
        event.preventDefault();
        mark(card, sideOf(card, event.clientX));
    });
    grid.addEventListener("drop", (event) => {
        const [from, to] = [dragged, over];
        const side = to?.dataset.drop === "before" ? "before" : "after";
        end();
        if (!from || !to) return;
        event.preventDefault();
        const [entry, target] = [grid.entryAt(from), grid.entryAt(to)];
        if (entry && target) onPlace(entry, target, side);
    });
    grid.addEventListener("dragend", end);
    grid.addEventListener("keydown", (event) => {
        const by = event.ctrlKey && event.shiftKey ? STEPS[event.key] : undefined;
        const card = by === undefined ? null : heldAt(event.target);
        const entry = card && grid.entryAt(card);
        if (!entry || by === undefined) return;
        event.preventDefault();
        onStep(entry, by);
    });
}

/** @param {HTMLElement} card @param {number} x */
function sideOf(card, x) {
    const { left, width } = card.getBoundingClientRect();
    return x < left + width / 2 ? "before" : "after";
}
