// @ts-check
/** The reader's manage link: it is made, and shown once; how many browsers have taken it; it is ended. */

import * as api from "../base/api.js";
import { make, put } from "../base/dom.js";
import { t, words } from "../base/i18n.js";
import { loadStyle } from "../base/style.js";
import { answerTo, attempts, closeForm, shortDialog } from "./dialogs.js";
import { showNewLink } from "./new-link.js";

export async function showManageLink() {
    await loadStyle("drop-links");
    await new ManageDialog().open();
}

class ManageDialog {
    #attempts = attempts();
    #state = make("p");
    #make = make("button", { className: "button primary", type: "button" }, t("manage.make"));
    #end = make(
        "button",
        { className: "button quiet", type: "button", hidden: true },
        t("manage.end"),
    );
    #made = make("div", { className: "made" });

    constructor() {
        this.#state.setAttribute("role", "status");
        this.dialog = shortDialog(
            "manage-link",
            make("h2", { id: "manage-link-title" }, t("manage.title")),
            make("p", {}, t("manage.text")),
            this.#state,
            make("div", { className: "choices" }, this.#make, this.#end),
            this.#attempts.line,
            this.#made,
            closeForm(),
        );
        this.dialog.classList.add("drops");
        this.#make.addEventListener("click", () => this.#attempts.perform(() => this.#renew()));
        this.#end.addEventListener("click", () => this.#attempts.perform(() => this.#withdraw()));
    }

    async open() {
        await this.#attempts.perform(() => this.#show());
        await answerTo(this.dialog);
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
