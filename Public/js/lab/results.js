// @ts-check
/** A run on the page: while it goes on, and as its record shows it afterwards. */

import { t } from "../base/i18n.js";
import { AdviceView } from "./advice-view.js";
import { drawDistribution, drawGrowth } from "./curves.js";
import { signOf } from "./drawing.js";
import { certainFrom, committed, figuresOf } from "./figures.js";
import { LanesView } from "./lanes-view.js";
import { notesOf } from "./notes.js";
import { recoveriesOf } from "./recovery.js";
import { fillEvents, fillFigures, fillRecoveries } from "./tables.js";
import { axisEnd } from "./timeline.js";
import { nameOf, second, size, time } from "./words.js";

/** @typedef {import("./record.js").RunRecord} RunRecord */
/** @typedef {import("./record.js").LaneRecord} LaneRecord */

/**
 * Which of a `Bytes` entry are summed up.
 * @type {{[part: string]: number[]}}
 */
const PARTS = {
    all: [1, 2, 3, 4],
    "head-up": [1],
    "payload-up": [2],
    "head-down": [3],
    "payload-down": [4],
};

/** @template {Element} [E=HTMLElement] @param {string} id @returns {E} */
const byID = (id) => /** @type {E} */ (/** @type {unknown} */ (document.getElementById(id)));

export class Results {
    #lanes = new LanesView();
    #advice = new AdviceView();
    #part = /** @type {HTMLSelectElement} */ (byID("part"));
    #details = /** @type {HTMLDetailsElement} */ (byID("details"));
    /** @type {RunRecord | null} */ record = null;

    constructor() {
        this.#part.addEventListener("change", () => this.#drawBytes());
        this.#details.addEventListener("toggle", () => this.#fillDetails());
        addEventListener("resize", () => this.draw());
    }

    /** @param {readonly string[]} ids of the lanes */
    begin(ids) {
        byID("results").hidden = false;
        byID("advice").hidden = true;
        byID("recovery").hidden = true;
        this.record = null;
        this.#lanes.begin(ids);
        byID("key").replaceChildren(
            ...ids.map((id) => {
                const item = document.createElement("li");
                item.dataset.lane = id;
                item.textContent = `${signOf(id)} ${nameOf(id)}`;
                return item;
            }),
        );
    }

    /** @param {RunRecord} record of a run that is over */
    show(record) {
        this.draw(record);
        fillFigures(byID("figures"), record);
        byID("recovery").hidden = record.faults.length === 0;
        fillRecoveries(byID("recoveries"), record);
        byID("notes").replaceChildren(
            ...notesOf(record).map((note) => {
                const item = document.createElement("li");
                item.textContent = note;
                return item;
            }),
        );
        this.#fillDetails();
        this.#advice.show(record);
    }

    /** @param {RunRecord | null} [record] of a run, also while it goes on */
    draw(record = this.record) {
        if (!record) return;
        const figures = figuresOf(record);
        this.drawLanes(record, figures);
        const certain = certainFrom(record);
        const certainMs = Number.isFinite(certain) ? certain : 0;
        const words = { time, uncertain: t("lab.uncertain") };
        drawDistribution(byID("delays"), figures, certainMs, words);
        const asked = record.lanes.map(({ id, requests }) => ({
            id,
            steps: requests.map(({ at }, index) => pair(at, index + 1)),
        }));
        const sum = (/** @type {number} */ value) => String(Math.round(value));
        drawGrowth(byID("requests"), asked, axisEnd(record), { second, sum });
        this.#drawBytes();
    }

    /** @param {RunRecord} record */
    drawLanes(record, figures = figuresOf(record)) {
        this.record = record;
        const marks = [...record.marks, ...recoveriesOf(record)];
        const span = { commits: committed(record), endsAt: axisEnd(record), marks };
        this.#lanes.show(record.lanes, figures, span, certainFrom(record));
    }

    #drawBytes() {
        const { record } = this;
        if (!record) return;
        const wanted = PARTS[this.#part.value];
        const lanes = record.lanes.map(({ id, bytes }) => ({ id, steps: growthOf(bytes, wanted) }));
        const words = { second, sum: size };
        drawGrowth(byID("bytes"), lanes, axisEnd(record), words, 1_024);
    }

    #fillDetails() {
        if (this.#details.open && this.record) fillEvents(byID("events"), this.record);
    }
}

/** @param {number} at @param {number} sum @returns {[number, number]} */
const pair = (at, sum) => [at, sum];

/** @param {LaneRecord["bytes"]} bytes @param {readonly number[]} wanted @returns {[number, number][]} */
function growthOf(bytes, wanted) {
    let sum = 0;
    return bytes.map((entry) => {
        for (const index of wanted) sum += entry[index];
        return pair(entry[0], sum);
    });
}
