// @ts-check
/** What can be done with the photos that are selected. */

import { archiveURL } from "../base/addresses.js";
import { standingOf, viewOf } from "../model/photo-state.js";
import { inTurns } from "./in-turns.js";

/** @typedef {import("../model/photos.js").Entry} Entry */

/** So many ids an address takes: `docs/api.md`. */
export const MOST_AT_ONCE = 200;

/** Of what has come to nothing, nothing is lost. */
const NO_LOSS = new Set(["failed", "cancelled", "expired"]);

/** @param {Entry} entry */
export const canRetry = (entry) => viewOf(entry).actions.includes("retry");

/**
 * @param {string | null} batch
 * @param {Entry[]} entries
 * @returns {{url: string, count: number, isWhole: boolean} | null} of those that are ready, if any are;
 *   `isWhole`: they are too many for an address, and it is the archive of all
 */
export function archiveOf(batch, entries) {
    const ids = entries.flatMap((one) => (standingOf(one) === "ready" && one.image?.id) || []);
    if (!batch || ids.length === 0) return null;
    const isWhole = ids.length > MOST_AT_ONCE;
    const url = archiveURL(batch, isWhole ? {} : { images: ids });
    return { url, count: ids.length, isWhole };
}

/**
 * @param {object} parts
 * @param {Record<string, (entry: Entry) => unknown>} parts.actions what is done to one
 * @param {(question: {about: "remove-many", count: number}) => Promise<boolean>} parts.confirm
 * @returns {Record<string, (entries: Entry[]) => unknown>}
 */
export function selectionActions({ actions, confirm }) {
    return {
        retry: (entries) => inTurns(entries.filter(canRetry), actions.retry),
        remove: async (entries) => {
            const isLoss = entries.some((entry) => !NO_LOSS.has(standingOf(entry)));
            const count = entries.length;
            if (isLoss && !(await confirm({ about: "remove-many", count }))) return;
            await inTurns(entries, actions.discard);
        },
    };
}
