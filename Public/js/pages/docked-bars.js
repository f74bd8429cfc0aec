// @ts-check
/** The bars at the foot of the upload page: each comes, with what it does, once there is something for it. */

import { listen } from "../base/dom.js";
import { onceAFrame } from "../base/once-a-frame.js";

/**
 * @param {Parameters<typeof import("./selecting.js").followSelection>[0]
 *     & Parameters<typeof import("./reviewing.js").reviewUploads>[0]} parts
 * @returns {() => void} to be called when other files are held than before
 */
export function dockedBars(parts) {
    const { grid, perform } = parts;
    /** @type {ReturnType<typeof import("./selecting.js").followSelection> | null} */
    let selecting = null;
    /** @type {ReturnType<typeof import("./reviewing.js").reviewUploads> | null} */
    let reviewing = null;
    listen(grid, "selection", async (selected) => {
        // What is selected goes on changing until it is there.
        if (!selecting && selected.entries.length === 0) return;
        await perform(async () => {
            const { followSelection } = await import("./selecting.js");
            selecting ??= followSelection(parts);
            (await selecting)(selected);
        });
    });
    return onceAFrame(() =>
        perform(async () => {
            const { reviewUploads } = await import("./reviewing.js");
            reviewing ??= reviewUploads(parts);
            (await reviewing)();
        }),
    );
}
