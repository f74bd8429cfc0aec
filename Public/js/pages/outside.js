// @ts-check
/** What the batch tells where the page is not looked at: the tab, a notice, and a screen that stays on. */

import { areOn } from "../settings/notifications.js";
import { FinishedNotice } from "../ui/finished-notice.js";
import { TabProgress } from "../ui/tab-progress.js";
import { WakeLock } from "./wake-lock.js";

/**
 * @param {import("../settings/settings-store.js").SettingsStore} settings
 * @param {() => string | undefined} name what the batch is called
 * @returns {(summary: import("../model/batch-progress.js").Summary) => void}
 */
export function tellOutside(settings, name) {
    const tab = new TabProgress();
    const wakeLock = new WakeLock();
    const finished = new FinishedNotice({ isOn: () => areOn(settings), name });
    return (summary) => {
        tab.show(summary);
        finished.follow(summary);
        wakeLock.want(summary.bytesToSend > 0);
    };
}
