// @ts-check
/** The settings as a page of their own. */

import { dress } from "../settings/appearance.js";
import { speak, t } from "../base/i18n.js";
import { SettingsForm } from "../settings/settings-form.js";
import { SettingsStore } from "../settings/settings-store.js";

const store = new SettingsStore();
const form = new SettingsForm(store);

async function show() {
    await speak(store.current.language);
    document.title = `${t("settings.title")} · Revela`;
    dress(store.current);
    form.show();
}

await show();
store.follow(show);
// Where they lay over a sheet before they were loaded anew, the browser takes the sheet's address
// for one of this page.
addEventListener("popstate", () => location.reload());
