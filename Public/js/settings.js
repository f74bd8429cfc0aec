// @ts-check
/** The settings page: a plain form whose every change is kept, and followed, at once. */

import "./elements/recipe-editor.js";

import * as api from "./api.js";
import { dress } from "./appearance.js";
import { speak, t } from "./i18n.js";
import { chooseRecipe, fillRecipes, showRecipe } from "./recipes.js";
import { keepFile } from "./settings-file.js";
import { CHOICES, SettingsStore } from "./settings-store.js";
import { tryButton } from "./try-button.js";

const NUMBERS = new Set(["intervalSeconds", "parallel"]);
const SAVED_MS = 1_500;

const store = new SettingsStore();
const form = /** @type {HTMLFormElement} */ (document.getElementById("settings"));
const saved = /** @type {HTMLElement} */ (document.getElementById("saved"));
/** @type {any} */
let capabilities = null;

/** @param {string} id */
const stamp = (id) => {
    const template = /** @type {HTMLTemplateElement} */ (document.getElementById(id));
    return /** @type {DocumentFragment} */ (template.content.cloneNode(true));
};

/** @param {import("./settings-store.js").Choice} choice */
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
    const trying = /** @type {HTMLElement} */ (card.querySelector(".try"));
    tryButton(trying, choice, () => store.current.intervalSeconds * 1_000);
    if (choice === "polling") trying.before(stamp("interval-template"));
    return card;
}

function fill() {
    for (const [name, value] of Object.entries(store.current)) {
        const field = /** @type {any} */ (form.elements.namedItem(name));
        if (field && field !== document.activeElement) field.value = String(value);
    }
    showRecipe(form, capabilities, store);
}

function show() {
    speak(store.current.language);
    document.title = `${t("settings.title")} · Revela`;
    dress(store.current);
    fill();
}

let savedTimer = 0;
/** @param {string} sentence */
function say(sentence) {
    clearTimeout(savedTimer);
    saved.textContent = sentence;
    savedTimer = window.setTimeout(() => {
        saved.textContent = "";
    }, SAVED_MS);
}

document.querySelector("#transports .about-trying")?.before(...CHOICES.map(transportCard));
show();
form.hidden = false;

form.addEventListener("input", ({ target }) => {
    const { name, value, validity } = /** @type {HTMLInputElement} */ (target);
    if (!validity.valid || !(name in store.current)) return;
    if (name === "recipe") chooseRecipe(value, capabilities, store);
    else store.save({ [name]: NUMBERS.has(name) ? Number(value) : value });
    say(t("settings.saved"));
});
form.addEventListener("focusout", () => setTimeout(fill));
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", (event) => {
    event.preventDefault();
    store.reset();
    fill();
    say(t("settings.saved"));
});
store.follow(show);
keepFile(store, say);

api.capabilities()
    .then((answer) => {
        capabilities = answer;
        fillRecipes(form, capabilities, store, () => say(t("settings.saved")));
        fill();
    })
    .catch(() => {
        // Without the list of recipes the server's own stays the only choice.
    });
