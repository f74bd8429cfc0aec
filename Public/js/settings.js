// @ts-check
/** The settings page: a plain form whose every change is kept, and followed, at once. */

import { speak, t, words } from "./i18n.js";
import { CHOICES, SettingsStore } from "./settings-store.js";

const NUMBERS = new Set(["intervalSeconds", "parallel"]);
const SAVED_MS = 1_500;

const store = new SettingsStore();
const form = /** @type {HTMLFormElement} */ (document.getElementById("settings"));
const saved = /** @type {HTMLElement} */ (document.getElementById("saved"));

/** @param {string} id */
const stamp = (id) => {
    const template = /** @type {HTMLTemplateElement} */ (document.getElementById(id));
    return /** @type {DocumentFragment} */ (template.content.cloneNode(true));
};

/** @param {string} choice */
function transportCard(choice) {
    const card = stamp("transport-template");
    const input = /** @type {HTMLInputElement} */ (card.querySelector("input"));
    input.value = choice;
    const title = /** @type {HTMLElement} */ (card.querySelector(".title"));
    const text = /** @type {HTMLElement} */ (card.querySelector(".text"));
    title.dataset.i18n = `transport.${choice}`;
    text.dataset.i18n = `transport.${choice}.text`;
    text.id = `about-${choice}`;
    input.setAttribute("aria-describedby", text.id);
    if (choice === "polling") card.querySelector(".transport")?.append(stamp("interval-template"));
    return card;
}

function fill() {
    for (const [name, value] of Object.entries(store.current)) {
        const field = /** @type {any} */ (form.elements.namedItem(name));
        if (field && field !== document.activeElement) field.value = String(value);
    }
}

function dress() {
    const { language, theme } = store.current;
    speak(language);
    document.title = `${t("settings.title")} · Revela`;
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
}

let savedTimer = 0;
function saySaved() {
    clearTimeout(savedTimer);
    saved.textContent = words.t("settings.saved");
    savedTimer = window.setTimeout(() => {
        saved.textContent = "";
    }, SAVED_MS);
}

document.getElementById("transports")?.append(...CHOICES.map(transportCard));
dress();
fill();

form.addEventListener("input", ({ target }) => {
    const { name, value, validity } = /** @type {HTMLInputElement} */ (target);
    if (!validity.valid) return;
    store.save({ [name]: NUMBERS.has(name) ? Number(value) : value });
    saySaved();
});
form.addEventListener("focusout", () => setTimeout(fill));
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", (event) => {
    event.preventDefault();
    store.reset();
    fill();
    saySaved();
});
store.follow(() => {
    dress();
    fill();
});
