// @ts-check
/** The sentences between the bar and the photos, each in its place. */

import { byID, find } from "../base/dom.js";
import { t } from "../base/i18n.js";

/** @param {import("./announcer.js").Announcer} announcer */
export function notices(announcer) {
    const notice = byID("notice", HTMLElement);
    const unfinished = byID("unfinished", HTMLElement);
    let waiting = 0;
    const note = (/** @type {string} */ sentence) => {
        notice.hidden = false;
        notice.textContent = sentence;
        announcer.say(sentence);
    };
    return {
        note,

        clear() {
            notice.hidden = true;
        },

        showNetwork() {
            byID("offline", HTMLElement).hidden = navigator.onLine;
        },

        /** @param {number} [count] uploads that a person may let go on; without one as before */
        showUnfinished(count = waiting) {
            waiting = count;
            unfinished.hidden = count === 0;
            find(unfinished, "span", HTMLElement).textContent = t("unfinished.text", { count });
        },

        /**
         * Of an earlier visit; those that can be read again go on.
         * @param {number} unsent how many were never sent
         * @param {number} lost how many files this browser cannot give again
         */
        noteUnsent(unsent, lost) {
            const sentences = [
                unsent > 0 && t("unfinished.unsent", { count: unsent }),
                lost > 0 && t("unfinished.lost", { count: lost }),
            ].filter(Boolean);
            if (sentences.length > 0) note(sentences.join(" "));
        },

        /** @param {() => void} act */
        onGoOn(act) {
            unfinished.querySelector("button")?.addEventListener("click", act);
        },
    };
}
