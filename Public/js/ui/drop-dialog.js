// @ts-check
/** The drop links of a batch: one is made, and shown once; those that were made tell who sent how much, and are ended. */

import { batchPage } from "../base/addresses.js";
import * as api from "../base/api.js";
import { t, words } from "../base/i18n.js";
import { explainError } from "../base/problems.js";
import { loadStyle } from "../base/style.js";
import { qrCode } from "../pictures/qr-code.js";
import { copyButton } from "./copy-text.js";
import { copyWords } from "./dialogs.js";

const DAY_SECONDS = 86_400;
/** @type {[key: string, days: number][]} */
const TIMES = [
    ["drop.day", 1],
    ["drop.week", 7],
    ["drop.month", 30],
];
const GIGABYTE = 1024 ** 3;

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Partial<HTMLElementTagNameMap[Tag]>} [members]
 * @param {(Node | string)[]} children
 */
function make(tag, members = {}, ...children) {
    const element = Object.assign(document.createElement(tag), members);
    element.append(...children);
    return element;
}

/** @param {string} batch whose links are shown */
export async function showDrops(batch) {
    await loadStyle("drop");
    const dialog = make("dialog", { className: "question drops" });
    dialog.setAttribute("aria-labelledby", "drops-title");
    const trouble = make("p", { className: "notice", hidden: true });
    trouble.setAttribute("role", "status");
    const made = make("div");
    const given = make("ul", { className: "given" });
    const heading = make("h3", { hidden: true }, t("drop.given"));
    /** @param {() => unknown} act */
    const perform = async (act) => {
        trouble.hidden = true;
        try {
            await act();
        } catch (error) {
            trouble.textContent = explainError(error);
            trouble.hidden = false;
        }
    };
    const list = async () => {
        const { drops } = await api.dropLinks(batch);
        heading.hidden = drops.length === 0;
        given.replaceChildren(...drops.map((drop) => lineOf(drop, end)));
    };
    /** @param {api.DropLink} drop */
    const end = (drop) =>
        perform(async () => {
            await api.endDropLink(batch, drop.id);
            await list();
            dialog.focus();
        });
    const form = formOf((terms) =>
        perform(async () => {
            const link = await api.makeDropLink(batch, terms);
            showLink(made, new URL(link.page, location.href).href);
            await list();
        }),
    );
    dialog.append(
        make("h2", { id: "drops-title" }, t("drop.title")),
        make("p", {}, t("drop.text")),
        form,
        trouble,
        made,
        heading,
        given,
        make(
            "form",
            { method: "dialog" },
            make("button", { className: "text-button" }, t("details.close")),
        ),
    );
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    await perform(list);
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
    const asksName = make("input", { type: "checkbox", checked: true });
    const button = make("button", { className: "button primary" }, t("drop.make"));
    const form = make(
        "form",
        { className: "make" },
        make("label", { className: "wide" }, t("drop.for"), title),
        make("label", {}, t("drop.time"), time),
        make("label", {}, t("drop.files"), files),
        make("label", {}, t("drop.size"), size),
        make("label", { className: "check wide" }, asksName, t("drop.asks-name")),
        button,
    );
    form.addEventListener("submit", async (event) => {
        event.preventDefault();
        button.disabled = true;
        await onMake({
            title: title.value.trim(),
            asksName: asksName.checked,
            seconds: Number(time.value) * DAY_SECONDS,
            files: files.value ? Number(files.value) : null,
            bytes: size.value ? Number(size.value) * GIGABYTE : null,
        });
        button.disabled = false;
    });
    return form;
}

/** @param {HTMLElement} place @param {string} link */
function showLink(place, link) {
    const field = make("input", { type: "text", readOnly: true, value: link });
    field.setAttribute("aria-label", t("drop.title"));
    const copy = make("button", { className: "button primary copy", type: "button" }, t("copy.do"));
    copyButton(copy, field, copyWords);
    const code = qrCode(link);
    code?.setAttribute("aria-label", t("drop.code"));
    place.replaceChildren(
        make("p", {}, t("drop.made")),
        make("div", { className: "link-row" }, field, copy),
        ...(code ? [code] : []),
    );
    copy.focus();
}

/** @param {api.DropLink} drop @param {(drop: api.DropLink) => unknown} end */
function lineOf(drop, end) {
    const { title, until, over, guests } = drop;
    const photos = guests.reduce((sum, { images }) => sum + images, 0);
    const facts = [
        over ? t("drop.over") : t("drop.open", { when: words.moment(until) }),
        t("batch.total", { count: photos }),
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
