// @ts-check
/**
 * Takes the invitation whose secret stands behind `#` of the address, and goes to the photos. Without one
 * the page only explains itself.
 */

import * as api from "../base/api.js";
import { speak, t } from "../base/i18n.js";
import { explainError } from "../base/problems.js";
import { dress } from "../settings/appearance.js";
import { SettingsStore } from "../settings/settings-store.js";

const { current } = new SettingsStore();
await speak(current.language);
dress(current);
document.title = `${t("invitation.page")} · Revela`;

const answer = /** @type {HTMLElement} */ (document.getElementById("answer"));

/** @param {string} text */
function say(text) {
    answer.hidden = false;
    answer.textContent = text;
}

/** @param {string} secret */
async function accept(secret) {
    say(t("invitation.accepting"));
    try {
        await api.acceptInvitation(secret);
    } catch (error) {
        return say(explainError(error));
    }
    // Back shall not lead here again, with a secret that is used.
    location.replace("/");
}

const secret = location.hash.slice(1);
if (secret) void accept(secret);
addEventListener("hashchange", () => location.reload());
