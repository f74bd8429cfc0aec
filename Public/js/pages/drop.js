// @ts-check
/**
 * What a guest sees who opens a drop link, whose secret stands behind `#` of the address: what it is for and
 * what it takes. Then they go to a batch of their own.
 */

import { batchPage } from "../base/addresses.js";
import * as api from "../base/api.js";
import { byID, find } from "../base/dom.js";
import { speak, t, whenSpoken, words } from "../base/i18n.js";
import { explain, explainError } from "../base/problems.js";
import { dress } from "../settings/appearance.js";
import { SettingsStore } from "../settings/settings-store.js";

const { current } = new SettingsStore();
const answer = byID("answer", HTMLElement);
const form = byID("enter", HTMLFormElement);
const title = byID("title", HTMLElement);
const secret = location.hash.slice(1);

await speak(current.language);
dress(current);
document.title = `${t("drop.title")} · Revela`;

/** @param {string} text */
function say(text) {
    answer.hidden = false;
    answer.textContent = text;
}

/** @param {api.DropTerms} terms */
function show(terms) {
    const { until, files, bytes } = terms;
    delete title.dataset.i18n;
    title.textContent = terms.title;
    document.title = `${terms.title} · Revela`;
    const lines = [
        t("guest.until", { when: words.moment(until) }),
        files !== undefined && t("guest.files", { count: files }),
        bytes !== undefined && t("guest.bytes", { size: words.bytes(bytes) }),
    ];
    const items = lines.filter(Boolean).map((line) => {
        const item = document.createElement("li");
        item.textContent = String(line);
        return item;
    });
    byID("terms", HTMLElement).replaceChildren(...items);
    askFor("name", terms.asksName);
    askFor("password", terms.asksPassword);
    answer.hidden = true;
    form.hidden = false;
}

/** @param {"name" | "password"} what @param {boolean} isAsked */
function askFor(what, isAsked) {
    byID(what, HTMLElement).hidden = !isAsked;
    fieldOf(what).disabled = !isAsked;
}

/** @param {"name" | "password"} what */
const fieldOf = (what) => find(byID(what, HTMLElement), "input", HTMLInputElement);

/** @param {"name" | "password"} what @returns {string | undefined} what was not asked for is not sent */
function written(what) {
    const { disabled, value } = fieldOf(what);
    return disabled ? undefined : value;
}

/** Without a link that works there is nothing to be asked for. */
function close(/** @type {unknown} */ error) {
    form.hidden = true;
    find(document, ".eyebrow", HTMLElement).hidden = true;
    find(document, ".lede", HTMLElement).hidden = true;
    say(explainError(error));
}

async function begin() {
    if (!secret) return close(noLink());
    say(t("guest.looking"));
    try {
        const terms = await api.readDrop(secret);
        show(terms);
        whenSpoken(() => show(terms));
    } catch (error) {
        close(error);
    }
}

const noLink = () => ({ body: { code: "no-such-drop-link" } });

form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = find(form, "button", HTMLButtonElement);
    button.disabled = true;
    try {
        const { batch } = await api.enterDrop(secret, written("name"), written("password"));
        location.assign(batchPage(batch));
    } catch (error) {
        const { body } = /** @type {{body?: import("../model/types.js").Problem}} */ (error);
        if (body?.code === "no-such-drop-link") close(error);
        else say(body ? explain(body) : explainError(error));
        if (body?.code === "wrong-password") fieldOf("password").select();
        button.disabled = false;
    }
});

// From Back the page may come as it was left.
addEventListener("pageshow", () => {
    find(form, "button", HTMLButtonElement).disabled = false;
});
addEventListener("hashchange", () => location.reload());
void begin();
