// @ts-check
/** The bars at the foot of the upload page: each comes, with what it does, once there is something for it. */

import { byID, listen } from "../base/dom.js";
import { once } from "../base/once.js";
import { onceAFrame } from "../base/once-a-frame.js";

/**
 * @param {Omit<Parameters<typeof import("./selecting.js").followSelection>[0], "onBar">
 *     & Parameters<typeof import("./reviewing.js").reviewUploads>[0]
 *     & {report: (error: unknown) => void}} parts
 * @returns {() => void} to be called when other files are held than before
 */
export function dockedBars(parts) {
    const { grid, report } = parts;
    const dock = once(async () =>
        (await import("../ui/dock.js")).followDock(byID("dock", HTMLElement)),
    );
    const selecting = once(async () => {
        const onBar = await dock();
        return (await import("./selecting.js")).followSelection({ ...parts, onBar });
    });
    const reviewing = once(async () => {
        await dock();
        return (await import("./reviewing.js")).reviewUploads(parts);
    });
    listen(grid, "selection", (selected) => {
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
