// @ts-check
/** One thing done to many photos, a few requests at a time. */

import { Problem } from "../base/api.js";

/** @typedef {import("../model/photos.js").Entry} Entry */

/** So many requests go at once. */
const AT_ONCE = 4;

/**
 * A refusal of one holds no other up; a server that cannot be reached is not asked on. That one has
 * moved on meanwhile is no failure of what was asked of all.
 * @param {Entry[]} entries
 * @param {(entry: Entry) => unknown} act
 */
export async function inTurns(entries, act) {
    const line = [...entries];
    /** @type {unknown[]} */
    const failures = [];
    const one = async () => {
        for (let entry = line.shift(); entry; entry = line.shift()) {
            try {
                await act(entry);
            } catch (error) {
                if (!(error instanceof Problem)) line.length = 0;
                else if (error.code === "wrong-state") continue;
                failures.push(error);
            }
        }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
    if (failures.length > 0) throw failures[0];
}
