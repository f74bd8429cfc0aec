// @ts-check
/**
 * A module that a page cannot do without: one that is lost on the way is asked for again until it is
 * there, and the page says so meanwhile. `before-modules.js` does the same for the page's entry.
 */

import { sleep } from "./sleep.js";

const RETRY_MS = 2_000;

/** How many are asked for again now. */
let lost = 0;

/**
 * @template Module
 * @param {() => Promise<Module>} load
 * @returns {Promise<Module>}
 */
export async function keepLoading(load) {
    let isLost = false;
    for (;;) {
        try {
            const module = await load();
            if (isLost) count(-1);
            return module;
        } catch (error) {
            reportError(error);
            if (!isLost) count(+1);
            isLost = true;
            await sleep(RETRY_MS);
        }
    }
}

/** @param {number} change */
function count(change) {
    lost += change;
    document.getElementById("stuck")?.toggleAttribute("hidden", lost === 0);
}
