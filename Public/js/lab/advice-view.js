// @ts-check
/** The advice in words, what a crowd would cost, and the article's table with this run's numbers. */

import { t, words } from "../base/i18n.js";
import { adviceOf, crowdOf, isLasting, pollingOf } from "./advice.js";
import { certainFrom, figuresOf } from "./figures.js";
import { measured } from "./measured.js";
import { cell, fill, row, wayCell } from "./tables.js";
import { delay, nameOf, size, time } from "./words.js";

/** @typedef {import("./record.js").RunRecord} RunRecord */

const ASPECTS = /** @type {const} */ ([
    "connection",
    "direction",
    "complexity",
    "browsers",
    "latency",
    "resources",
    "reconnecting",
    "ideal",
    "format",
]);
/** The three that articles compare, and the lane that stands for each. */
const COLUMNS = /** @type {const} */ ([
    ["polling", "polling5"],
    ["sse", "sse"],
    ["websocket", "websocket"],
]);

/** @param {string} id @returns {any} */
const byID = (id) => document.getElementById(id);

export class AdviceView {
    #readers = /** @type {HTMLInputElement} */ (byID("readers"));
    /** @type {RunRecord | null} */ #record = null;

    constructor() {
        this.#readers.addEventListener("input", () => this.#fillCrowd());
    }

    /** @param {RunRecord} record */
    show(record) {
        this.#record = record;
        const advice = adviceOf(record);
        byID("advice").hidden = advice === null;
        if (!advice) return;
        const certain = certainFrom(record);
        const { lane, why, id } = advice;
        const told = {
            way: nameOf(id),
            p50: delay(lane.p50, certain),
            p95: delay(lane.p95, certain),
            count: lane.requests,
            bytes: size(lane.traffic.all),
        };
        // What was broken on purpose recommends nothing.
        const isBroken = record.faults.length > 0;
        byID("advised").textContent = t(isBroken ? "lab.advice.faults" : "lab.advice", told);
        byID("why").textContent = t(`lab.advice.${isBroken ? "faults.text" : why}`);
        byID("instead").textContent = isBroken ? "" : inWords(pollingOf(record), certain);
        const machine = { when: words.day(measured.when) };
        byID("crowd-note").textContent = t("lab.crowd.note", machine);
        this.#fillCrowd();
        fillArticle(byID("article"), record);
    }

    #fillCrowd() {
        const readers = Number(this.#readers.value);
        if (!this.#record || !this.#readers.validity.valid || readers < 1) return;
        const head = ["way", "requests", "traffic", "work", "rest"].map((key) =>
            cell("th", t(key === "way" ? "lab.table.way" : `lab.crowd.${key}`), "col"),
        );
        const body = crowdOf(this.#record, readers).map(({ id, requestsASecond, bytesASecond }) => {
            const [work, rest] = cpuOf(id);
            return row([
                wayCell(id),
                cell("td", isLasting(id) ? t("lab.crowd.once") : aSecond(requestsASecond)),
                cell("td", t("lab.crowd.a-second", { n: size(bytesASecond) })),
                cell("td", cores(readers * work)),
                cell("td", cores(readers * rest)),
            ]);
        });
        fill(byID("crowd"), [row(head)], body);
    }
}

/** @param {string} id @returns {readonly number[]} milliseconds a minute, at work and at rest */
const cpuOf = (id) => /** @type {Record<string, {cpu: number[]}>} */ (measured.ways)[id].cpu;

/** @param {number} requests */
const aSecond = (requests) => t("lab.crowd.a-second", { n: words.number(requests, 1) });

/** @param {number} msAMinute */
const cores = (msAMinute) => t("lab.crowd.cores", { n: words.number(msAMinute / 60_000, 3) });

/** @param {import("./advice.js").Polling | null} polling @param {number} certain */
function inWords(polling, certain) {
    if (!polling || !Number.isFinite(certain)) return "";
    const { p50, max, requestsAMinute, isMeasured } = polling;
    const values = { p50: time(p50), max: time(max), count: requestsAMinute };
    return t(isMeasured ? "lab.advice.polling" : "lab.advice.polling.computed", values);
}

/** @param {HTMLElement} table @param {RunRecord} record */
function fillArticle(table, record) {
    const certain = certainFrom(record);
    const lanes = figuresOf(record);
    const head = [
        cell("th", t("lab.article.aspect"), "col"),
        ...COLUMNS.map(([name]) => cell("th", t(`lab.article.${name}`), "col")),
    ];
    const body = ASPECTS.map((aspect) => {
        const cells = COLUMNS.map(([name, id]) => {
            const lane = lanes.find((one) => one.id === id);
            return cell("td", said(aspect, name, lane, certain));
        });
        return row([cell("th", t(`lab.article.${aspect}`), "row"), ...cells]);
    });
    fill(table, [row(head)], body);
}

/**
 * @param {typeof ASPECTS[number]} aspect @param {"polling" | "sse" | "websocket"} name
 * @param {import("./figures.js").Figures | undefined} lane @param {number} certain
 */
function said(aspect, name, lane, certain) {
    if (aspect === "complexity") {
        const { page, server } = measured.lines[name];
        return t("lab.article.lines", { page, server });
    }
    if (aspect !== "latency" && aspect !== "resources") return t(`lab.article.${aspect}.${name}`);
    if (!lane) return t("lab.article.absent");
    if (aspect === "latency") {
        const [p50, p99] = [delay(lane.p50, certain), delay(lane.p99, certain)];
        return t("lab.article.delays", { p50, p99 });
    }
    const { head, payload } = lane.traffic.down;
    const heads = size(lane.traffic.up.head + head);
    return t("lab.article.cost", { count: lane.requests, heads, payload: size(payload) });
}
