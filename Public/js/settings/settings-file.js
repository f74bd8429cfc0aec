// @ts-check
/** The settings as a file, to keep or to carry to another browser. What does not fit is left out. */

import { t } from "../base/i18n.js";

/** @param {import("./settings-store.js").SettingsStore} store @param {(sentence: string) => void} say */
export function keepFile(store, say) {
    const link = /** @type {HTMLAnchorElement} */ (document.getElementById("export"));
    const picker = /** @type {HTMLInputElement} */ (document.getElementById("import"));
    link.href = "#";
    link.addEventListener("click", () => {
        const text = JSON.stringify(store.current, null, 2);
        link.href = `data:application/json;charset=utf-8,${encodeURIComponent(text)}`;
    });
    picker.addEventListener("change", async () => {
        const [file] = picker.files ?? [];
        picker.value = "";
        if (file) say((await load(store, file)) ? t("settings.saved") : t("settings.import.bad"));
    });
}

/** @param {import("./settings-store.js").SettingsStore} store @param {File} file */
async function load(store, file) {
    try {
        const read = JSON.parse(await file.text());
        if (typeof read !== "object" || read === null || Array.isArray(read)) return false;
        store.save(read);
        return true;
    } catch {
        return false;
    }
}
