// @ts-check
/**
 * The settings over the page: what is under way on it goes on. They have the address of their own
 * page, and Back, as Escape and “Close”, leads to the photos again.
 */

import { SETTINGS_PAGE } from "../base/addresses.js";
import { isUnderSettings } from "../pages/page-address.js";
import { Problem } from "../base/api.js";
import { fetchInTime } from "../base/deadline.js";
import { t, whenSpoken, words } from "../base/i18n.js";
import { loadStyle } from "../base/style.js";
import { SettingsForm } from "./settings-form.js";

export class SettingsOverlay {
    /** @type {SettingsForm | null} */ #form = null;
    #title = "";

    /** @param {HTMLDialogElement} dialog @param {import("./settings-store.js").SettingsStore} store */
    constructor(dialog, store) {
        this.dialog = dialog;
        this.store = store;
        dialog.addEventListener("close", () => {
            document.title = this.#title;
            if (isUnderSettings()) history.back();
        });
        addEventListener("popstate", () => {
            if (!isUnderSettings()) dialog.close();
        });
        store.follow(() => this.#form?.show());
        whenSpoken(() => {
            this.#form?.show();
            if (dialog.open) this.#nameIt();
        });
    }

    async open() {
        if (!this.#form) await this.#load();
        if (!isUnderSettings()) history.pushState({ over: SETTINGS_PAGE }, "", SETTINGS_PAGE);
        this.#show();
    }

    /** The form is that of the page; it is put here once, and stays. */
    async #load() {
        const [answer] = await Promise.all([
            fetchInTime(SETTINGS_PAGE),
            loadStyle("settings"),
            loadStyle("recipe-editor"),
        ]);
        if (!answer.ok) throw await Problem.from(answer);
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const main = /** @type {HTMLElement} */ (page.querySelector("main"));
        for (const needless of main.querySelectorAll("noscript, .notice")) needless.remove();
        const place = /** @type {HTMLElement} */ (this.dialog.querySelector(".narrow"));
        place.replaceChildren(...main.children, ...page.querySelectorAll("body > template"));
        place.querySelector("h1")?.setAttribute("id", "settings-title");
        this.#form = new SettingsForm(this.store);
        words.translate(this.dialog);
    }

    #show() {
        this.#form?.show();
        if (this.dialog.open) return;
        this.#title = document.title;
        this.dialog.showModal();
        this.#nameIt();
    }

    #nameIt() {
        document.title = `${t("settings.title")} · Revela`;
    }
}
