// @ts-check
/** What the batch tells where the page is not looked at: the tab, a notice, and a screen that stays on. */

import { areOn, canTurnOn, turnOn } from "../settings/notifications.js";
import { FinishedNotice } from "../ui/finished-notice.js";
import { TabProgress } from "../ui/tab-progress.js";
import { WakeLock } from "./wake-lock.js";

/**
 * @param {import("../settings/settings-store.js").SettingsStore} settings
 * @param {() => string | undefined} name what the batch is called
 * @returns {{follow(summary: import("../model/batch-progress.js").Summary): void, canNotify(): boolean,
 *     notify(): Promise<void>}} `canNotify`: notices are off, and `notify` turns them on: only at a press of a button
 */
export function tellOutside(settings, name) {
    const tab = new TabProgress();
    const wakeLock = new WakeLock();
    const finished = new FinishedNotice({ isOn: () => areOn(settings), name });
    return {
        follow(summary) {
            tab.show(summary);
            finished.follow(summary);
            wakeLock.want(summary.bytesToSend > 0);
        },
        canNotify: () => canTurnOn(settings),
        notify: () => turnOn(settings),
    };
}
