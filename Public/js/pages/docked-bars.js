// @ts-check
/** The bars at the foot of the upload page: each comes, with what it does, once there is something for it. */

import { byID, listen } from "../base/dom.js";
import { once, onceAFrame } from "../base/once.js";

/** @typedef {Parameters<typeof import("./selecting.js").followSelection>[0]} Selecting */
/** @typedef {Parameters<typeof import("./reviewing.js").reviewUploads>[0]} Reviewing */

/**
 * @param {object} page
 * @param {Selecting["grid"]} page.grid
 * @param {Selecting["session"]} page.session
 * @param {() => Promise<Pick<Reviewing, "actions" | "held">>} page.acts once there are uploads
 * @param {Selecting["confirm"]} page.confirm
 * @param {Selecting["perform"]} page.perform
 * @param {import("../ui/announcer.js").Announcer} page.announcer
 * @param {(error: unknown) => void} page.report
 * @returns {() => void} to be called when other files are held than before
 */
export function dockedBars({ acts, report, announcer, ...page }) {
    const say = announcer.say.bind(announcer);
    const dock = once(async () =>
        (await import("../ui/dock.js")).followDock(byID("dock", HTMLElement)),
    );
    const selecting = once(async () => {
        const onBar = await dock();
        const { followSelection } = await import("./selecting.js");
        return followSelection({ ...page, ...(await acts()), onBar });
    });
    const reviewing = once(async () => {
        await dock();
        const { reviewUploads } = await import("./reviewing.js");
        return reviewUploads({ ...page, ...(await acts()), say });
    });
    listen(page.grid, "selection", (selected) => {
        selecting()
            .then((show) => show(selected))
            .catch(report);
    });
    return onceAFrame(() => {
        reviewing()
            .then((show) => show())
            .catch(report);
    });
}
