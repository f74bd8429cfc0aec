// @ts-check
/** The recipes in the settings form: which there are, what each makes, and the reader's own. */

import { formatName } from "../model/format-names.js";
import { t } from "../base/i18n.js";
import { normalizeRecipe, OWN } from "../model/own-recipe.js";

/** @typedef {import("./settings-store.js").SettingsStore} SettingsStore */
/** @typedef {import("../model/types.js").Capabilities} Capabilities */

/** @param {HTMLFormElement} form */
const choiceIn = (form) => /** @type {HTMLSelectElement} */ (form.elements.namedItem("recipe"));

/** @returns {import("./recipe-editor.js").RecipeEditor} */
const editor = () => /** @type {any} */ (document.querySelector("recipe-editor"));

/**
 * @param {HTMLFormElement} form
 * @param {Capabilities} capabilities
 * @param {SettingsStore} store
 * @param {() => void} onKept
 */
export function fillRecipes(form, capabilities, store, onKept) {
    const options = Object.keys(capabilities.recipes).map((name) => new Option(name, name));
    const own = new Option(t("settings.recipe.mine"), OWN);
    own.dataset.i18n = "settings.recipe.mine";
    choiceIn(form).append(...options, own);
    editor().know(capabilities.limits.recipe, capabilities.formats.output);
    editor().addEventListener("recipe", (/** @type {any} */ { detail }) => {
        store.save({ ownRecipe: detail });
        onKept();
    });
}

/**
 * One's own begins as a copy of what was chosen before.
 * @param {string} choice
 * @param {Capabilities | null} capabilities null while unknown
 * @param {SettingsStore} store
 */
export function chooseRecipe(choice, capabilities, store) {
    const { recipe: before, ownRecipe } = store.current;
    const start = normalizeRecipe(capabilities?.recipes?.[before || "web"]);
    const isFirst = choice === OWN && !ownRecipe;
    store.save({ recipe: choice, ownRecipe: isFirst ? start : ownRecipe });
}

/** @param {HTMLFormElement} form @param {Capabilities | null} capabilities null while unknown @param {SettingsStore} store */
export function showRecipe(form, capabilities, store) {
    const text = /** @type {HTMLElement} */ (document.getElementById("recipe-text"));
    const isOwn = choiceIn(form).value === OWN;
    const named = capabilities?.recipes?.[choiceIn(form).value || "web"];
    const recipe = isOwn ? store.current.ownRecipe : named;
    text.textContent = (recipe?.renditions ?? []).map(inWords).join(" · ");
    editor().show(isOwn ? store.current.ownRecipe : null);
}

/** @param {any} rendition */
function inWords({ name, longerSide, width, height, format }) {
    const pixels = longerSide ?? width ?? height;
    return t("settings.recipe.rendition", {
        name,
        pixels: pixels ? String(pixels) : "",
        format: formatName(format ?? ""),
    });
}
