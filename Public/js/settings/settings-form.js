// @ts-check
/** The settings: a plain form whose every change is kept, and followed, at once. */

import "./recipe-editor.js";

import * as api from "../base/api.js";
import { byID, find, stamp } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { chooseRecipe, fillRecipes, showRecipe } from "./recipes.js";
import { notifyButton } from "./notifications.js";
import { keepFile } from "./settings-file.js";
import { CHOICES } from "./settings-store.js";
import { tryButton } from "./try-button.js";

/** @typedef {import("./settings-store.js").SettingsStore} SettingsStore */

const NUMBERS = new Set(["intervalSeconds", "parallel"]);
const SAVED_MS = 1_500;

/** @param {import("./settings-store.js").Choice} choice @param {SettingsStore} store */
function transportCard(choice, store) {
    const card = stamp("transport-template");
    const input = find(card, "input", HTMLInputElement);
    input.value = choice;
    const title = find(card, ".title", HTMLElement);
    const text = find(card, ".text", HTMLElement);
    title.dataset.i18n = `transport.${choice}`;
    text.dataset.i18n = `transport.${choice}.text`;
    text.id = `about-${choice}`;
    input.setAttribute("aria-describedby", text.id);
    const trying = find(card, ".try", HTMLElement);
    tryButton(trying, choice, () => store.current.intervalSeconds * 1_000);
    if (choice === "polling") trying.before(stamp("interval-template"));
    return card;
}

export class SettingsForm {
    /** @type {import("../model/types.js").Capabilities | null} null while unknown */ #capabilities =
        null;
    #savedTimer = 0;

    /** @param {SettingsStore} store */
    constructor(store) {
        this.store = store;
        this.form = byID("settings", HTMLFormElement);
        this.saved = byID("saved", HTMLElement);
        const cards = CHOICES.map((choice) => transportCard(choice, store));
        document.querySelector("#transports .about-trying")?.before(...cards);
        this.showNotify = notifyButton(byID("notify", HTMLElement), store, t);
        this.#listen();
        keepFile(store, (sentence) => this.#say(sentence));
        void this.#loadRecipes();
    }

    show() {
        const { form, store } = this;
        for (const [name, value] of Object.entries(store.current)) {
            const field = /** @type {any} */ (form.elements.namedItem(name));
            if (field && field !== document.activeElement) field.value = String(value);
        }
        showRecipe(form, this.#capabilities, store);
        this.showNotify();
        form.hidden = false;
    }

    #listen() {
        const { form, store } = this;
        // “Saved” is about what was typed before: whether this is, is said below, or where it stands.
        form.addEventListener("input", () => this.#say(""), { capture: true });
        form.addEventListener("input", ({ target }) => {
            const { name, value, validity } = /** @type {HTMLInputElement} */ (target);
            if (!validity.valid || !(name in store.current)) return;
            if (name === "recipe") chooseRecipe(value, this.#capabilities, store);
            else store.save({ [name]: NUMBERS.has(name) ? Number(value) : value });
            this.#say(t("settings.saved"));
        });
        form.addEventListener("focusout", () => setTimeout(() => this.show()));
        form.addEventListener("submit", (event) => event.preventDefault());
        form.addEventListener("reset", (event) => {
            event.preventDefault();
            store.reset();
            this.show();
            this.#say(t("settings.saved"));
        });
    }

    async #loadRecipes() {
        // Without the list of recipes the server's own stays the only choice.
        const told = await api.capabilities().catch(() => null);
        if (!told) return;
        this.#capabilities = told;
        fillRecipes(this.form, told, this.store, () => this.#say(t("settings.saved")));
        this.show();
    }

    /** @param {string} sentence */
    #say(sentence) {
        clearTimeout(this.#savedTimer);
        this.saved.textContent = sentence;
        this.#savedTimer = window.setTimeout(() => {
            this.saved.textContent = "";
        }, SAVED_MS);
    }
}
