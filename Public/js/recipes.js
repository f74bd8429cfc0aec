// @ts-check
/** The recipes the server knows, in the settings form: which there are, and what each makes. */

import { t, words } from "./i18n.js";

/** @param {HTMLFormElement} form */
const choiceIn = (form) => /** @type {HTMLSelectElement} */ (form.elements.namedItem("recipe"));

/** @param {HTMLFormElement} form @param {any} capabilities */
export function fillRecipes(form, capabilities) {
    const options = Object.keys(capabilities.recipes ?? {}).map((name) => new Option(name, name));
    choiceIn(form).append(...options);
}

/** @param {HTMLFormElement} form @param {any} capabilities or null while unknown */
export function showRecipe(form, capabilities) {
    const text = /** @type {HTMLElement} */ (document.getElementById("recipe-text"));
    const recipe = capabilities?.recipes?.[choiceIn(form).value || "web"];
    text.textContent = (recipe?.renditions ?? []).map(inWords).join(" · ");
}

/** @param {any} rendition */
function inWords({ name, longerSide, width, height, format }) {
    const pixels = longerSide ?? width ?? height;
    const type = String(format ?? "").replace("image/", "");
    return t("settings.recipe.print", {
        name,
        pixels: pixels ? words.number(pixels) : "",
        format: type === "webp" ? "WebP" : type.toUpperCase(),
    });
}
