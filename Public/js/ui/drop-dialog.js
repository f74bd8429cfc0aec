// @ts-check
/** The drop links of a batch: one is made, and shown once; those that were made tell who sent how much, and are ended. */

import { batchPage } from "../base/addresses.js";
import * as api from "../base/api.js";
import { make } from "../base/dom.js";
import { t, words } from "../base/i18n.js";
import { loadStyle } from "../base/style.js";
import { answerTo, attempts, closeForm, shortDialog } from "./dialogs.js";
import { showNewLink } from "./new-link.js";

const DAY_SECONDS = 86_400;
/** @type {[key: string, days: number][]} */
const TIMES = [
    ["drop.day", 1],
    ["drop.week", 7],
    ["drop.month", 30],
];
const GIGABYTE = 1024 ** 3;

/** @param {string} batch whose links are shown */
export async function showDrops(batch) {
    await loadStyle("drop-links");
    await new DropDialog(batch).open();
}

class DropDialog {
    #attempts = attempts();
    #made = make("div", { className: "made" });
    #heading = make("h3", { hidden: true, tabIndex: -1 }, t("drop.given"));
    #given = make("ul", { className: "given" });

    /** @param {string} batch */
    constructor(batch) {
        this.batch = batch;
        this.dialog = shortDialog(
            "drops",
            make("h2", { id: "drops-title" }, t("drop.title")),
            make("p", {}, t("drop.text")),
            formOf((terms) => this.#attempts.perform(() => this.#make(terms))),
            this.#attempts.line,
            this.#made,
            this.#heading,
            this.#given,
            closeForm(),
        );
        this.dialog.classList.add("drops");
    }

    async open() {
        const listed = this.#attempts.perform(() => this.#list());
        await Promise.all([answerTo(this.dialog), listed]);
    }

    async #list() {
        const { drops } = await api.dropLinks(this.batch);
        const end = (/** @type {api.DropLink} */ drop) =>
            this.#attempts.perform(() => this.#end(drop));
        this.#heading.hidden = drops.length === 0;
        this.#given.replaceChildren(...drops.map((drop) => lineOf(drop, end)));
    }

    /** @param {object} terms */
    async #make(terms) {
        const link = await api.makeDropLink(this.batch, terms);
        showNewLink(this.#made, link.page, t("drop.title"), t("drop.made"));
        await this.#list();
    }

    /** @param {api.DropLink} drop */
    async #end(drop) {
        await api.endDropLink(this.batch, drop.id);
        await this.#list();
        // The button that was pressed is there no more.
        this.#heading.focus();
    }
}

/** @param {(terms: object) => unknown} onMake */
function formOf(onMake) {
    const title = make("input", {
        type: "text",
        required: true,
        maxLength: 80,
        autocomplete: "off",
    });
    const time = make(
        "select",
        {},
        ...TIMES.map(([key, days]) => make("option", { value: String(days) }, t(key))),
    );
    time.value = "7";
    const files = make("input", { type: "number", min: "1", max: "1000000", step: "1" });
    const size = make("input", { type: "number", min: "1", max: "1000", step: "1" });
    const password = make("input", { type: "text", maxLength: 200, autocomplete: "off" });
    const asksName = make("input", { type: "checkbox", checked: true });
    const button = make("button", { className: "button primary" }, t("drop.make"));
    const form = make(
        "form",
        { className: "make" },
        make("label", { className: "wide" }, t("drop.for"), title),
        make("label", {}, t("drop.time"), time),
        make("label", {}, t("drop.files"), files),
        make("label", {}, t("drop.size"), size),
        make("label", { className: "wide" }, t("drop.password"), password),
        make("label", { className: "check wide" }, asksName, t("drop.asks-name")),
        button,
    );
    form.addEventListener("submit", async (event) => {
        event.preventDefault();
        button.disabled = true;
        await onMake({
            title: title.value.trim(),
            asksName: asksName.checked,
            password: password.value || null,
            seconds: Number(time.value) * DAY_SECONDS,
            files: files.value ? Number(files.value) : null,
            bytes: size.value ? Number(size.value) * GIGABYTE : null,
        });
        button.disabled = false;
    });
    return form;
}

/** @param {api.DropLink} drop @param {(drop: api.DropLink) => unknown} end */
function lineOf(drop, end) {
    const { title, until, over, guests } = drop;
    const photos = guests.reduce((sum, { images }) => sum + images, 0);
    const facts = [
        over ? t("drop.over") : t("drop.open", { when: words.moment(until) }),
        t("batch.total", { count: photos }),
        drop.asksPassword && t("drop.has-password"),
        drop.files !== undefined && t("guest.files", { count: drop.files }),
        drop.bytes !== undefined && t("guest.bytes", { size: words.bytes(drop.bytes) }),
    ];
    const line = make("li", {}, make("strong", {}, title));
    if (!over) {
        const button = make("button", { className: "text-button", type: "button" }, t("drop.end"));
        button.setAttribute("aria-label", t("drop.end.of", { title }));
        button.addEventListener("click", () => end(drop));
        line.append(button);
    }
    line.append(make("p", {}, facts.filter(Boolean).join(" · ")));
    if (guests.length > 0) line.append(make("ul", {}, ...guests.map(guestLine)));
    return line;
}

/** @param {api.DropLink["guests"][number]} guest */
function guestLine({ batch, name, images }) {
    const link = make("a", { href: batchPage(batch) }, name ?? t("drop.guest"));
    return make("li", {}, link, ` · ${t("batch.total", { count: images })}`);
}
