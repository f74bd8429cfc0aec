// @ts-check
/** The reader's manage link: it is made, and shown once; how many browsers have taken it; it is ended. */

import * as api from "../base/api.js";
import { make, put } from "../base/dom.js";
import { t, words } from "../base/i18n.js";
import { explainError } from "../base/problems.js";
import { loadStyle } from "../base/style.js";
import { showNewLink } from "./new-link.js";

export async function showManageLink() {
    await loadStyle("drop");
    await new ManageDialog().open();
}

class ManageDialog {
    #trouble = make("p", { className: "notice", hidden: true });
    #state = make("p");
    #make = make("button", { className: "button primary", type: "button" });
    #end = make("button", { className: "button quiet", type: "button" }, t("manage.end"));
    #made = make("div", { className: "made" });
    #dialog = make("dialog", { className: "question drops" });

    constructor() {
        this.#trouble.setAttribute("role", "status");
        this.#state.setAttribute("role", "status");
        this.#dialog.setAttribute("aria-labelledby", "manage-title");
        const close = make("button", { className: "text-button" }, t("details.close"));
        this.#dialog.append(
            make("h2", { id: "manage-title" }, t("manage.title")),
            make("p", {}, t("manage.text")),
            this.#state,
            make("div", { className: "choices" }, this.#make, this.#end),
            this.#trouble,
            this.#made,
            make("form", { method: "dialog" }, close),
        );
        this.#make.addEventListener("click", () => this.#perform(() => this.#renew()));
        this.#end.addEventListener("click", () => this.#perform(() => this.#withdraw()));
        this.#dialog.addEventListener("close", () => this.#dialog.remove());
    }

    async open() {
        await this.#perform(() => this.#show());
        document.body.append(this.#dialog);
        this.#dialog.showModal();
    }

    /** @param {() => unknown} act what goes wrong is said here: the page lies under the dialog */
    async #perform(act) {
        this.#trouble.hidden = true;
        try {
            await act();
        } catch (error) {
            this.#trouble.textContent = explainError(error);
            this.#trouble.hidden = false;
        }
    }

    async #show() {
        const link = await api.manageLink();
        put(this.#state, stateOf(link));
        put(this.#make, t(link ? "manage.renew" : "manage.make"));
        this.#end.hidden = !link;
    }

    async #renew() {
        const { page } = await api.makeManageLink();
        showNewLink(this.#made, page, t("manage.link"), t("manage.made"));
        await this.#show();
    }

    async #withdraw() {
        await api.endManageLink();
        this.#made.replaceChildren();
        await this.#show();
        // The button that was pressed is there no more.
        this.#make.focus();
    }
}

/** @param {{madeAt: string, devices: number} | undefined} link */
function stateOf(link) {
    if (!link) return t("manage.none");
    const values = { when: words.moment(link.madeAt), count: link.devices };
    return t(link.devices === 0 ? "manage.untaken" : "manage.open", values);
}
