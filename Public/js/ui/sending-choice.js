// @ts-check
/** On the drop area: whether files are sent at once, or when “Send” is pressed. */

import { put } from "../base/dom.js";
import { t } from "../base/i18n.js";

/**
 * @param {HTMLFieldSetElement} fieldset
 * @param {HTMLElement} overlay which says what a drop will do
 * @param {import("../settings/settings-store.js").SettingsStore} settings
 * @returns {() => void} shows the choice, also in another language
 */
export function sendingChoice(fieldset, overlay, settings) {
    fieldset.addEventListener("input", ({ target }) => {
        const { value } = /** @type {HTMLInputElement} */ (target);
        settings.save({ sending: value === "review" ? "review" : "at-once" });
    });
    const show = () => {
        const { sending } = settings.current;
        for (const choice of fieldset.querySelectorAll("input")) {
            choice.checked = choice.value === sending;
        }
        put(overlay, t(sending === "review" ? "intake.release.review" : "intake.release"));
    };
    settings.follow(show);
    show();
    return show;
}
