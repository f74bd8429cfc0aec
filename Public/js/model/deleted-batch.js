// @ts-check
/** What this browser remembers of a batch goes with it. */

import { forgetBatch } from "../uploads/upload-memory.js";

/** Where the batch is noted that the page opens by itself; `before-modules.js` reads it, too. */
export const LAST = "revela.batch";

/** @param {string} batch that is no more */
export function forgetDeleted(batch) {
    forgetBatch(batch);
    if (localStorage.getItem(LAST) === batch) localStorage.removeItem(LAST);
}
