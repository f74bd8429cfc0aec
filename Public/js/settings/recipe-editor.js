// @ts-check
/**
 * One's own recipe as rows of fields. What is wrong is said at its field while one types; only a
 * recipe that the server will take is handed on, so a half-written one is never used.
 */

import { formatName } from "../model/format-names.js";
import { find, stamp } from "../base/dom.js";
import { t, words } from "../base/i18n.js";
import { newRendition, normalizeRecipe, troublesOf } from "../model/own-recipe.js";

/** @typedef {import("../model/own-recipe.js").Recipe} Recipe */
/** @typedef {import("../model/own-recipe.js").Rendition} Rendition */
/** @typedef {import("../model/own-recipe.js").Bounds} Bounds */
/** @typedef {import("../model/own-recipe.js").Trouble} Trouble */

const NUMBERS = new Set(["width", "height", "quality"]);

/** @typedef {HTMLInputElement | HTMLSelectElement} Field */

export class RecipeEditor extends HTMLElement {
    /** @type {Bounds | null} */ #bounds = null;
    /** @type {string[]} */ #formats = [];
    /** What was last shown or handed on. */
    #known = "";
    /** @type {Recipe} */ #recipe = { name: "own", renditions: [] };
    #lastID = 0;

    connectedCallback() {
        this.addEventListener("input", () => this.#read());
        this.addEventListener("click", ({ target }) => {
            const button = /** @type {Element} */ (target).closest("button");
            if (button?.dataset.act === "add") this.#add();
            if (button?.dataset.act === "drop") this.#drop(button);
        });
    }

    /** @param {Bounds} bounds @param {string[]} formats that the server writes */
    know(bounds, formats) {
        this.#bounds = bounds;
        this.#formats = formats;
    }

    /** @param {Recipe | null} recipe what is kept now; a row one is writing in stays as it is */
    show(recipe) {
        this.hidden = recipe === null || this.#bounds === null;
        if (this.hidden || !recipe) return;
        const given = JSON.stringify(recipe);
        if (given !== this.#known) {
            this.#known = given;
            this.#recipe = recipe;
            this.#list.replaceChildren(
                ...recipe.renditions.map((rendition) => this.#row(rendition)),
            );
        }
        this.#explain();
    }

    get #list() {
        return /** @type {HTMLElement} */ (this.querySelector("ol"));
    }

    get #rows() {
        return /** @type {HTMLElement[]} */ ([...this.#list.children]);
    }

    /** @param {Rendition} rendition */
    #row(rendition) {
        const row = find(stamp("recipe-rendition-template"), "li", HTMLElement);
        words.translate(row);
        row.dataset.hidden = JSON.stringify({
            enlarge: rendition.enlarge,
            animated: rendition.animated,
        });
        const formats = this.#formats.map((format) => new Option(formatName(format), format));
        find(row, "[data-field=format]", HTMLSelectElement).append(...formats);
        for (const field of fieldsOf(row)) {
            this.#lastID += 1;
            const help = field.parentElement?.querySelector(".help");
            if (help) help.id = `recipe-help-${this.#lastID}`;
            const value = rendition[/** @type {keyof Rendition} */ (field.dataset.field)];
            field.value = value === undefined ? "" : String(value);
        }
        return row;
    }

    #add() {
        const rendition = newRendition(this.#recipe.renditions);
        const row = this.#row(rendition);
        this.#list.append(row);
        this.#read();
        fieldsOf(row)[0].select?.();
        fieldsOf(row)[0].focus();
    }

    /** @param {HTMLElement} button */
    #drop(button) {
        const row = /** @type {HTMLElement} */ (button.closest("li"));
        const heir = row.nextElementSibling ?? row.previousElementSibling;
        row.remove();
        this.#read();
        const next = heir?.querySelector("input") ?? this.querySelector("[data-act=add]");
        /** @type {HTMLElement} */ (next).focus();
    }

    #read() {
        this.#recipe = { name: "own", renditions: this.#rows.map(renditionIn) };
        if (this.#explain().length > 0) return;
        const detail = normalizeRecipe(this.#recipe);
        this.#known = JSON.stringify(detail);
        this.dispatchEvent(new CustomEvent("recipe", { bubbles: true, detail }));
    }

    /** @returns {Trouble[]} */
    #explain() {
        const troubles = troublesOf(this.#recipe, /** @type {Bounds} */ (this.#bounds));
        for (const [index, row] of this.#rows.entries()) {
            const legend = /** @type {Element} */ (row.querySelector("legend"));
            legend.textContent = t("recipe.number", { number: index + 1 });
            const ours = troubles.filter((one) => one.index === index);
            for (const field of fieldsOf(row)) explainAt(field, ours);
            const drop = /** @type {HTMLElement} */ (row.querySelector("[data-act=drop]"));
            const { name } = this.#recipe.renditions[index];
            drop.setAttribute("aria-label", t("recipe.drop.label", { name }));
        }
        const whole = troubles.find(({ index }) => index === null);
        const note = /** @type {HTMLElement} */ (this.querySelector(".verdict"));
        const sentence = whole ? inWords(whole) : troubles.length > 0 ? t("recipe.unkept") : "";
        if (note.textContent !== sentence) note.textContent = sentence;
        return troubles;
    }
}

/** @param {HTMLElement} row @returns {any[]} */
const fieldsOf = (row) => [...row.querySelectorAll("[data-field]")];

/** @param {Trouble} trouble */
const inWords = ({ key, values }) => t(`recipe.wrong.${key}`, values);

/** @param {Field} field @param {Trouble[]} troubles of its row */
function explainAt(field, troubles) {
    const trouble = troubles.find((one) => one.field === field.dataset.field);
    const help = /** @type {HTMLElement} */ (field.parentElement?.querySelector(".help"));
    const sentence = trouble ? inWords(trouble) : "";
    if (help.textContent !== sentence) help.textContent = sentence;
    field.toggleAttribute("aria-invalid", Boolean(trouble));
    if (!trouble) return field.removeAttribute("aria-describedby");
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", help.id);
}

/**
 * @param {HTMLElement} row its `data-hidden` holds the members that have no field
 * @returns {import("../model/own-recipe.js").Rendition}
 */
function renditionIn(row) {
    const rendition = JSON.parse(row.dataset.hidden ?? "{}");
    for (const field of fieldsOf(row)) {
        const value = given(field);
        if (value !== undefined) rendition[field.dataset.field] = value;
    }
    return rendition;
}

/** @param {HTMLInputElement} field @returns {string | number | undefined} NaN for no number */
function given({ dataset, value, validity }) {
    if (!NUMBERS.has(dataset.field ?? "")) return value.trim();
    if (validity.badInput) return Number.NaN;
    return value === "" ? (dataset.field === "quality" ? Number.NaN : undefined) : Number(value);
}

customElements.define("recipe-editor", RecipeEditor);
