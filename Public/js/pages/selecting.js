// @ts-check
/** Selected photos on the upload page: the bar of what can be done with them, and who does it. */

import { selectionActions } from "../actions/selection-actions.js";
import { byID, keepFocus, listen } from "../base/dom.js";
import { loadStyle } from "../base/style.js";
import { SelectionBar } from "../ui/selection-bar.js";

/** @typedef {import("../model/photos.js").Entry} Entry */

/**
 * @param {object} parts
 * @param {import("../ui/photo-grid.js").PhotoGrid} parts.grid
 * @param {import("../model/session.js").Session} parts.session
 * @param {Record<string, (entry: Entry) => unknown>} parts.actions
 * @param {(question: any) => Promise<boolean>} parts.confirm
 * @param {(act: () => unknown) => unknown} parts.perform says what goes wrong
 * @param {() => void} parts.onBar it has come or gone
 * @returns {Promise<(selected: {entries: Entry[], shown: number, act?: string, last: string | null}) => void>}
 */
export async function followSelection({ grid, session, actions, confirm, perform, onBar }) {
    await loadStyle("dock");
    const bar = Object.assign(new SelectionBar(), { hidden: true });
    byID("dock", HTMLElement).append(bar);
    /** @type {Record<string, (entries: Entry[]) => unknown>} */
    const acts = {
        ...selectionActions({ actions, confirm }),
        all: () => grid.selection?.all(),
        clear: () => grid.selection?.clear(),
    };
    const act = (/** @type {string} */ name, /** @type {Entry[]} */ entries) =>
        perform(() => acts[name](entries));
    listen(bar, "selection-action", ({ act: name, entries }) => act(name, entries));
    return (selected) => {
        const show = () => bar.show(selected, { batch: session.batch, isOwner: session.canAdd });
        const wasHidden = bar.hidden;
        keepFocus(bar, show, { inside: "[data-act=clear]", outside: grid });
        if (wasHidden !== bar.hidden) onBar();
        // The bar may lie over what was selected to have it come.
        if (wasHidden && selected.last) grid.keepInView(selected.last);
        if (selected.act && session.canAdd) void act(selected.act, selected.entries);
    };
}
