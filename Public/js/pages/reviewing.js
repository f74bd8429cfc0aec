// @ts-check
/** The review before sending, on the upload page: its bar, and the order of what is sent. */

import { inTurns } from "../actions/in-turns.js";
import { byID, keepFocus, listen } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { loadStyle } from "../base/style.js";
import { sizeOf } from "../model/photo-state.js";
import { reorderIn } from "../ui/photo-reordering.js";
import { ReviewBar } from "../ui/review-bar.js";

/** @typedef {import("../model/photos.js").Entry} Entry */

/**
 * @param {object} parts
 * @param {import("../ui/photo-grid.js").PhotoGrid} parts.grid
 * @param {import("../uploads/held-uploads.js").HeldUploads} parts.held
 * @param {Record<string, (entry: Entry) => unknown>} parts.actions
 * @param {(question: any) => Promise<boolean>} parts.confirm
 * @param {(act: () => unknown) => unknown} parts.perform says what goes wrong
 * @param {(sentence: string) => void} parts.say for those who listen
 * @returns {Promise<() => void>} shows what is held now
 */
export async function reviewUploads({ grid, held, actions, confirm, perform, say }) {
    await Promise.all([loadStyle("dock"), loadStyle("review")]);
    const bar = new ReviewBar();
    byID("dock", HTMLElement).prepend(bar);
    /** @type {Record<string, () => unknown>} */
    const acts = {
        send: () => held.send(),
        discard: async () => {
            const { entries } = held;
            if (!(await confirm({ about: "discard", count: entries.length }))) return;
            await inTurns(entries, actions.discard);
        },
    };
    listen(bar, "review-action", (act) => perform(() => acts[act]()));
    const tell = (/** @type {ReturnType<typeof held.step>} */ place) =>
        place && say(t("details.place", place));
    reorderIn(grid, {
        onPlace: (entry, target, side) => tell(held.place(entry, target, side)),
        onStep: (entry, by) => tell(held.step(entry, by)),
    });
    return () => {
        const { entries } = held;
        const bytes = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
        const show = () => bar.show({ count: entries.length, bytes });
        keepFocus(bar, show, { inside: "[data-act=send]", outside: grid });
    };
}
