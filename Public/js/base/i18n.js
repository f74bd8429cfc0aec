// @ts-check
/**
 * Words in the reader's language. A language is a module of flat keys; numbers, sizes, dates and
 * plurals come from `Intl`. Markup names its words by `data-i18n`, and `data-i18n-label` for what
 * only a screen reader says, `data-i18n-placeholder` for what stands in an empty field.
 */

import { keepLoading } from "./keep-loading.js";

/** @typedef {"en" | "pt-BR"} Language */
/** @typedef {Record<string, string>} Words */
/** @typedef {() => Promise<{default: Words}>} Load */

/**
 * Only what is spoken is loaded. `before-modules.js` has the browser fetch it ahead.
 * @type {Record<Language, Load[]>}
 */
const sources = {
    en: [() => import("../../i18n/en.js")],
    "pt-BR": [() => import("../../i18n/pt-BR.js")],
};

/** @type {Record<Language, Words>} those that were learned */
const languages = { en: {}, "pt-BR": {} };

/**
 * More words, of one page alone: the others do not load them.
 * @param {Record<Language, Load>} more
 */
export function teach(more) {
    sources.en.push(more.en);
    sources["pt-BR"].push(more["pt-BR"]);
}

/** @param {Language} language whose words are needed, however long they take */
export async function learn(language) {
    const loaded = await Promise.all(sources[language].map((load) => keepLoading(load)));
    Object.assign(languages[language], ...loaded.map((module) => module.default));
}

/** Powers of 1,024 (IEC 80000-13), as the server sets its limits. */
const UNITS = ["KiB", "MiB", "GiB", "TiB"];

/**
 * @param {"auto" | Language} choice
 * @param {readonly string[]} preferred of the browser, the dearest first
 * @returns {Language}
 */
export function chooseLanguage(choice, preferred) {
    if (choice !== "auto") return choice;
    const known = preferred.find((tag) => /^(en|pt)\b/i.test(tag)) ?? "en";
    return known.toLowerCase().startsWith("pt") ? "pt-BR" : "en";
}

/**
 * Words are in one English and one Portuguese; dates and numbers are as the reader writes them.
 * @param {Language} language
 * @param {readonly string[]} preferred
 * @returns {string}
 */
export function localeOf(language, preferred) {
    const own = preferred.find((tag) => tag.toLowerCase().split("-")[0] === language.slice(0, 2));
    return own ?? language;
}

export class Translator {
    /**
     * By their options: to make one costs a hundred times what using it does.
     * @type {Map<string, Intl.NumberFormat>}
     */
    #formats = new Map();

    /**
     * @param {Language} language
     * @param {string} [locale] the reader's own region of it, for numbers and dates
     */
    constructor(language, locale = language) {
        this.language = language;
        this.locale = locale;
        this.words = languages[language];
        this.plurals = new Intl.PluralRules(language);
    }

    /**
     * @param {string} key
     * @param {Record<string, string | number>} [values] `count` also chooses the plural
     * @returns {string} the key itself where no word is known, so that the gap is seen
     */
    t(key, values = {}) {
        const sentence = this.words[this.#pluralKey(key, values.count)] ?? key;
        return sentence.replace(/\{(\w+)\}/g, (gap, name) => this.#show(values[name] ?? gap));
    }

    /** @param {string} key */
    knows(key) {
        return key in this.words;
    }

    /** @param {number} bytes never more than there are; a line never ends between number and unit */
    bytes(bytes) {
        const power = Math.min(UNITS.length, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
        if (power === 0) {
            return this.#format(bytes, { style: "unit", unit: "byte", unitDisplay: "long" });
        }
        const value = bytes / 1_024 ** power;
        const digits = value >= 100 ? 0 : 1;
        return `${this.number(Math.floor(value * 10 ** digits) / 10 ** digits, digits)}\u00a0${UNITS[power - 1]}`;
    }

    /** @param {number} value @param {number} [digits] */
    number(value, digits = 0) {
        return this.#format(value, { maximumFractionDigits: digits });
    }

    /** @param {number} fraction 0…1; never rounded up to the whole */
    percent(fraction) {
        const shown = fraction >= 1 ? 1 : Math.floor(fraction * 100) / 100;
        return this.#format(shown, { style: "percent" });
    }

    /** @param {number} seconds @param {"short" | "long"} [unitDisplay] */
    duration(seconds, unitDisplay = "long") {
        const [value, unit] = seconds < 60 ? [seconds, "second"] : [seconds / 60, "minute"];
        return this.#format(value, { style: "unit", unit, unitDisplay, maximumFractionDigits: 0 });
    }

    /**
     * @param {string} key of a sentence about the time that is left @param {number} seconds
     * @param {"short" | "long"} [unitDisplay]
     */
    left(key, seconds, unitDisplay) {
        const count = Math.round(seconds < 60 ? seconds : seconds / 60);
        return this.t(key, { count, time: this.duration(seconds, unitDisplay) });
    }

    /** @param {string} iso */
    moment(iso) {
        const options = /** @type {const} */ ({ dateStyle: "medium", timeStyle: "short" });
        return new Intl.DateTimeFormat(this.locale, options).format(new Date(iso));
    }

    /** @param {string} iso a moment, told by its day where the reader is */
    date(iso) {
        return new Intl.DateTimeFormat(this.locale, { dateStyle: "medium" }).format(new Date(iso));
    }

    /** @param {string} local a date and time as a clock somewhere showed it, without its zone */
    written(local) {
        const options = /** @type {const} */ ({
            dateStyle: "medium",
            timeStyle: "medium",
            timeZone: "UTC",
        });
        return new Intl.DateTimeFormat(this.locale, options).format(new Date(`${local}Z`));
    }

    /** @param {string} iso a date alone */
    day(iso) {
        const options = /** @type {const} */ ({ dateStyle: "long", timeZone: "UTC" });
        return new Intl.DateTimeFormat(this.locale, options).format(new Date(iso));
    }

    /**
     * Puts words into marked elements.
     * @param {ParentNode} root
     */
    translate(root) {
        for (const element of root.querySelectorAll("[data-i18n]")) {
            element.textContent = this.t(/** @type {HTMLElement} */ (element).dataset.i18n ?? "");
        }
        for (const element of root.querySelectorAll("[data-i18n-label]")) {
            const key = /** @type {HTMLElement} */ (element).dataset.i18nLabel ?? "";
            element.setAttribute("aria-label", this.t(key));
        }
        for (const element of root.querySelectorAll("[data-i18n-placeholder]")) {
            const key = /** @type {HTMLElement} */ (element).dataset.i18nPlaceholder ?? "";
            element.setAttribute("placeholder", this.t(key));
        }
    }

    /** @param {number} value @param {Intl.NumberFormatOptions} options */
    #format(value, options) {
        const key = JSON.stringify(options);
        const known = this.#formats.get(key);
        const format = known ?? new Intl.NumberFormat(this.locale, options);
        if (!known) this.#formats.set(key, format);
        return format.format(value);
    }

    /** @param {string} key @param {unknown} count */
    #pluralKey(key, count) {
        if (typeof count !== "number") return key;
        if (count === 0 && `${key}.zero` in this.words) return `${key}.zero`;
        const plural = `${key}.${this.plurals.select(count)}`;
        if (plural in this.words) return plural;
        return `${key}.other` in this.words ? `${key}.other` : key;
    }

    /** @param {string | number} value */
    #show(value) {
        return typeof value === "number" ? this.number(value) : value;
    }
}

/** The page's own translator; `speak` replaces it when the language changes. */
export let words = new Translator("en");

/** @type {Language | null} what is to be spoken once its words are there */
let wanted = null;

/** @type {Set<() => void>} */
const listeners = new Set();

/** @param {() => void} act called whenever another language is spoken, with its words there */
export const whenSpoken = (act) => listeners.add(act);

/** @param {"auto" | Language} choice what is marked in the document is in it at the end */
export async function speak(choice) {
    const language = chooseLanguage(choice, navigator.languages);
    wanted = language;
    await learn(language);
    if (wanted !== language) return;
    words = new Translator(language, localeOf(language, navigator.languages));
    document.documentElement.lang = words.language;
    words.translate(document);
    for (const act of listeners) act();
}

/** @param {number} ms @returns {string} whole seconds, never more than there are */
export const secondsOf = (ms) => t("unit.seconds", { n: Math.floor(ms / 1_000) });

/** @param {string} key @param {Record<string, string | number>} [values] */
export const t = (key, values) => words.t(key, values);
