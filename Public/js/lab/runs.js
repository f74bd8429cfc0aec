// @ts-check
/** The runs of this visit, and those loaded from files: shown, compared, kept and printed. */

import { t, words } from "../base/i18n.js";
import { csvOf } from "./figures.js";
import { readRecord } from "./record.js";
import { fillPairs } from "./tables.js";

/** @typedef {import("./record.js").RunRecord} RunRecord */
/** @typedef {{record: RunRecord, number: number | null}} Kept `number`: null for one from a file */

/** @param {string} id @returns {any} */
const byID = (id) => document.getElementById(id);

export class Runs {
    /** @type {Kept[]} */ #kept = [];
    #measured = 0;

    /** @param {(record: RunRecord) => void} onShow */
    constructor(onShow) {
        this.onShow = onShow;
        byID("shown").addEventListener("change", () => this.#show());
        byID("beside").addEventListener("change", () => this.#compare());
        byID("import").addEventListener("change", () => this.#load());
        byID("print").addEventListener("click", () => print());
        offer(byID("json"), "json", "application/json", () => JSON.stringify(this.shown));
        offer(byID("csv"), "csv", "text/csv", () => csvOf(this.shown));
        printOnPaper();
    }

    /** @returns {RunRecord} */
    get shown() {
        return this.#kept[Number(byID("shown").value)].record;
    }

    /** @param {RunRecord} record */
    add(record) {
        this.#measured += 1;
        this.#keep({ record, number: this.#measured });
    }

    /** Words may have changed their language. */
    name() {
        const options = this.#kept.map(({ record, number }, index) => {
            const when = words.moment(record.at);
            const name = number ? t("lab.run.name", { number, when }) : t("lab.run.file", { when });
            return new Option(name, String(index));
        });
        const [shown, beside] = [byID("shown").value, byID("beside").value];
        byID("shown").replaceChildren(...options);
        const none = new Option(t("lab.runs.none"), "");
        byID("beside").replaceChildren(none, ...options.map((one) => one.cloneNode(true)));
        byID("shown").value = shown;
        byID("beside").value = beside;
    }

    /** @param {Kept} kept */
    #keep(kept) {
        this.#kept.push(kept);
        this.name();
        byID("runs").hidden = false;
        for (const id of ["shown-label", "json", "csv", "print", "repeat"]) {
            byID(id).hidden = false;
        }
        byID("beside-label").hidden = this.#kept.length < 2;
        byID("shown").value = String(this.#kept.length - 1);
        this.#show();
    }

    #show() {
        this.onShow(this.shown);
        this.#compare();
    }

    #compare() {
        const { value } = byID("beside");
        byID("compared").hidden = value === "";
        if (value !== "") fillPairs(byID("pairs"), this.shown, this.#kept[Number(value)].record);
    }

    async #load() {
        const [file] = byID("import").files ?? [];
        byID("import").value = "";
        if (!file) return;
        const record = readRecord(await file.text());
        if (record) this.#keep({ record, number: null });
        byID("said").textContent = record
            ? t("lab.imported", { browser: record.browser })
            : t("lab.import.bad");
    }
}

/**
 * A link that saves what `make` gives at the moment it is clicked.
 * @param {HTMLAnchorElement} link @param {string} ending @param {string} type @param {() => string} make
 */
function offer(link, ending, type, make) {
    link.download = `revela-lab.${ending}`;
    link.addEventListener("click", () => {
        const url = URL.createObjectURL(new Blob([make()], { type }));
        link.href = url;
        setTimeout(() => URL.revokeObjectURL(url), 60_000);
    });
}

/** Paper is light, whatever the page is. */
function printOnPaper() {
    const { dataset } = document.documentElement;
    /** @type {string | undefined} */
    let before;
    const draw = () => dispatchEvent(new Event("resize"));
    addEventListener("beforeprint", () => {
        before = dataset.theme;
        dataset.theme = "light";
        draw();
    });
    addEventListener("afterprint", () => {
        if (before) dataset.theme = before;
        else delete dataset.theme;
        draw();
    });
}
