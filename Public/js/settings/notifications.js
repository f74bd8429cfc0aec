// @ts-check
/** Notifications of this browser: whether there are any, and asking for them, at the press of a button. */

/** @typedef {import("./settings-store.js").SettingsStore} SettingsStore */

/** @typedef {"default" | "denied" | "granted" | "missing"} Permission `missing`: on plain http, and on some phones */

/** @type {Permission | null} what the browser said last: the answer takes it long, and is wanted often */
let known = null;
// A person changes it outside of the page, and comes back.
globalThis.addEventListener?.("focus", () => {
    known = null;
});

/** @returns {Permission} */
function permission() {
    known ??= ask();
    return known;
}

/** @returns {Permission} */
const ask = () =>
    typeof Notification === "function" && globalThis.isSecureContext
        ? Notification.permission
        : "missing";

/** @param {SettingsStore} settings @returns {boolean} whether they are wanted, and come */
export const areOn = (settings) => settings.current.notify && permission() === "granted";

/** @param {SettingsStore} settings @returns {boolean} whether they are off, and could come */
export const canTurnOn = (settings) =>
    !areOn(settings) && ["default", "granted"].includes(permission());

/** @param {SettingsStore} settings */
export async function turnOn(settings) {
    const answer = await Notification.requestPermission();
    known = answer;
    settings.save({ notify: answer === "granted" });
}

/**
 * The button of the settings, and what there is to say about it.
 * @param {HTMLElement} row
 * @param {SettingsStore} settings
 * @param {(key: string) => string} t
 * @returns {() => void} shows how it stands
 */
export function notifyButton(row, settings, t) {
    const button = /** @type {HTMLButtonElement} */ (row.querySelector("button"));
    const state = /** @type {HTMLElement} */ (row.querySelector("small"));
    const show = () => {
        const isOn = areOn(settings);
        const allowed = permission();
        button.hidden = allowed === "missing" || allowed === "denied";
        button.textContent = t(isOn ? "notify.off" : "notify.on");
        const why = { missing: "notify.missing", denied: "notify.denied" };
        state.textContent = allowed === "missing" || allowed === "denied" ? t(why[allowed]) : "";
    };
    button.addEventListener("click", async () => {
        if (areOn(settings)) settings.save({ notify: false });
        else await turnOn(settings);
        show();
    });
    return show;
}
