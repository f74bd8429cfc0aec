// @ts-check
/** Every figure as a table: of one run, of each event, of two runs side by side. */

import { t, words } from "../base/i18n.js";
import { certainFrom, committed, figuresOf } from "./figures.js";
import { signOf } from "./drawing.js";
import { recoveriesOf } from "./recovery.js";
import { delay, nameOf, size, time } from "./words.js";

/** @typedef {import("./record.js").RunRecord} RunRecord */
/** @typedef {import("./figures.js").Figures} Figures */
/** @typedef {[key: string, show: (lane: Figures, certain: number) => string]} Column */

const count = (/** @type {number} */ value) => words.number(value);

/** @type {Column[]} */
const DELAYS = [
    ["p50", ({ p50 }, certain) => delay(p50, certain)],
    ["p95", ({ p95 }, certain) => delay(p95, certain)],
    ["p99", ({ p99 }, certain) => delay(p99, certain)],
    ["max", ({ max }, certain) => delay(max, certain)],
];

/** @type {Column[]} */
const COLUMNS = [
    ["events", ({ events }) => count(events)],
    ["lost", ({ lost }) => count(lost)],
    ["repeated", ({ repeated }) => count(repeated)],
    ["reconnects", ({ reconnects }) => count(reconnects)],
    ...DELAYS,
    ["requests", ({ requests }) => count(requests)],
    ["head-up", ({ traffic }) => size(traffic.up.head)],
    ["payload-up", ({ traffic }) => size(traffic.up.payload)],
    ["head-down", ({ traffic }) => size(traffic.down.head)],
    ["payload-down", ({ traffic }) => size(traffic.down.payload)],
    ["waited", ({ waitedMs }) => (waitedMs === null ? "–" : time(waitedMs))],
    ["turn", ({ turnMs }) => time(turnMs)],
];

/** @param {"th" | "td"} name @param {string} text @param {"row" | "col" | "colgroup"} [scope] */
export function cell(name, text, scope) {
    const made = document.createElement(name);
    made.textContent = text;
    if (scope) made.setAttribute("scope", scope);
    return made;
}

/** @param {readonly HTMLElement[]} cells */
export function row(cells) {
    const made = document.createElement("tr");
    made.append(...cells);
    return made;
}

/** @param {HTMLElement} table @param {readonly HTMLElement[]} head @param {readonly HTMLElement[]} body */
export function fill(table, head, body) {
    const [top, rest] = [document.createElement("thead"), document.createElement("tbody")];
    top.append(...head);
    rest.append(...body);
    table.replaceChildren(top, rest);
}

/** @param {string} id @returns {HTMLElement} */
export function wayCell(id) {
    const made = cell("th", `${signOf(id)} ${nameOf(id)}`, "row");
    made.dataset.lane = id;
    return made;
}

/** @param {HTMLElement} table @param {RunRecord} record */
export function fillFigures(table, record) {
    const certain = certainFrom(record);
    const head = ["way", ...COLUMNS.map(([key]) => key)].map((key) =>
        cell("th", t(`lab.table.${key}`), "col"),
    );
    const body = figuresOf(record).map((lane) => {
        const values = COLUMNS.map(([key, show]) => {
            const value = cell("td", show(lane, certain));
            value.dataset.figure = key;
            return value;
        });
        return row([wayCell(lane.id), ...values]);
    });
    fill(table, [row(head)], body);
}

/**
 * A line a fault: how long after its end each lane was whole again.
 * @param {HTMLElement} table @param {RunRecord} record
 */
export function fillRecoveries(table, record) {
    const certain = certainFrom(record);
    const names = record.lanes.map(({ id }) => wayCell(id));
    for (const name of names) name.setAttribute("scope", "col");
    const head = [
        cell("th", t("lab.recovery.fault"), "col"),
        cell("th", t("lab.recovery.lasted"), "col"),
        cell("th", t("lab.recovery.next"), "col"),
        ...names,
    ];
    const body = recoveriesOf(record).map(({ number, kind, from, to, nextAt, wholeAt }) => {
        const values = wholeAt.map((at, index) => {
            const text =
                at === null ? t("lab.recovery.never") : delay(Math.max(0, at - to), certain);
            const value = cell("td", text);
            value.dataset.lane = record.lanes[index].id;
            return value;
        });
        const name = cell("th", `${number}. ${t(`lab.fault.${kind}`)}`, "row");
        const line = row([
            name,
            cell("td", time(to - from)),
            cell("td", nextAt === null ? "–" : time(nextAt - to)),
            ...values,
        ]);
        line.dataset.fault = kind;
        return line;
    });
    fill(table, [row(head)], body);
}

/** @param {HTMLElement} table @param {RunRecord} record */
export function fillEvents(table, record) {
    const certain = certainFrom(record);
    const commits = committed(record);
    const heard = record.lanes.map(({ arrivals }) => new Map(arrivals));
    const names = record.lanes.map(({ id }) => wayCell(id));
    for (const name of names) name.setAttribute("scope", "col");
    const head = [
        cell("th", t("lab.details.event"), "col"),
        cell("th", t("lab.details.committed"), "col"),
        ...names,
    ];
    const body = record.events.map(([seq, , type]) => {
        const at = commits.get(seq) ?? 0;
        const delays = heard.map((lane) => {
            const arrived = lane.get(seq);
            return cell("td", delay(arrived === undefined ? null : arrived - at, certain));
        });
        return row([cell("th", `${seq} ${type}`, "row"), cell("td", time(at)), ...delays]);
    });
    fill(table, [row(head)], body);
}

/**
 * @param {HTMLElement} table @param {RunRecord} first @param {RunRecord} second
 */
export function fillPairs(table, first, second) {
    /** @type {Column[]} */
    const columns = [
        ...DELAYS.slice(0, 3),
        ["lost", ({ lost }) => count(lost)],
        ["requests", ({ requests }) => count(requests)],
        ["bytes", ({ traffic }) => size(traffic.all)],
    ];
    const [ones, others] = [figuresOf(first), figuresOf(second)];
    const ids = [...new Set([...ones, ...others].map(({ id }) => id))];
    const titles = columns.map(([key]) => {
        const made = cell("th", t(key === "bytes" ? "lab.bytes" : `lab.table.${key}`), "colgroup");
        made.setAttribute("colspan", "2");
        return made;
    });
    const kinds = columns.flatMap(() => [
        cell("th", t("lab.beside.first"), "col"),
        cell("th", t("lab.beside.second"), "col"),
    ]);
    const body = ids.map((id) => {
        const pair = [
            { lane: ones.find((one) => one.id === id), certain: certainFrom(first) },
            { lane: others.find((one) => one.id === id), certain: certainFrom(second) },
        ];
        const values = columns.flatMap(([, show]) =>
            pair.map(({ lane, certain }) => cell("td", lane ? show(lane, certain) : "–")),
        );
        return row([wayCell(id), ...values]);
    });
    const way = cell("th", t("lab.table.way"), "col");
    way.setAttribute("rowspan", "2");
    fill(table, [row([way, ...titles]), row(kinds)], body);
}
