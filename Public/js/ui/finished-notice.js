// @ts-check
/** A batch that is finished while nobody looks at its tab says so, where that was allowed. */

import { t } from "../base/i18n.js";

export class FinishedNotice {
    #wasActive = false;

    /**
     * @param {object} parts
     * @param {() => boolean} parts.isOn
     * @param {() => string | undefined} parts.name what the batch is called
     * @param {(title: string, options: NotificationOptions) => Notification} [parts.make]
     */
    constructor({ isOn, name, make = (title, options) => new Notification(title, options) }) {
        this.isOn = isOn;
        this.name = name;
        this.make = make;
    }

    /** @param {{active: number, ready: number, failed: number}} summary */
    follow({ active, ready, failed }) {
        const isOver = this.#wasActive && active === 0;
        this.#wasActive = active > 0;
        if (isOver && document.hidden && this.isOn()) this.#tell(ready, failed);
    }

    /** @param {number} ready @param {number} failed */
    #tell(ready, failed) {
        const counts = [
            t("batch.ready", { count: ready }),
            failed > 0 && t("batch.failed", { count: failed }),
        ];
        const title = this.name() ?? t("notify.finished");
        const options = { body: counts.filter(Boolean).join(" · "), icon: "/icons/192.png" };
        try {
            const notice = this.make(title, { ...options, tag: location.pathname });
            notice.onclick = () => {
                window.focus();
                notice.close();
            };
        } catch {
            // Chrome on Android has them of service workers alone: the tab's title tells it there.
        }
    }
}
