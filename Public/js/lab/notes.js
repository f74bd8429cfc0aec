// @ts-check
/** What must be known to read a run's figures rightly, in sentences. */

import { t, words } from "../base/i18n.js";
import { figuresOf } from "./figures.js";
import { nameOf, time } from "./words.js";

/** @typedef {import("./record.js").RunRecord} RunRecord */

/** A wait for a connection that is worth a word. */
const WAITED_MS = 100;

/** @param {RunRecord} record @returns {string[]} */
export function notesOf(record) {
    const figures = figuresOf(record);
    const waited = Math.max(0, ...figures.map(({ waitedMs }) => waitedMs ?? 0));
    const unheard = figures.filter((lane) => lane.unheard > 0);
    return [
        clockNote(record.clock),
        t("lab.note.protocol", { protocol: nameOfProtocol(record.protocol) }),
        ...(waited >= WAITED_MS ? [t("lab.note.waited", { time: time(waited) })] : []),
        ...befallen(record),
        ...(record.faults.length > 0
            ? [t("lab.note.faults", { count: record.faults.length })]
            : []),
        ...unheard.map(({ id, unheard }) =>
            t("lab.note.unheard", { way: nameOf(id), count: unheard }),
        ),
        ...(record.lanes.some(({ compressed }) => compressed) ? [t("lab.note.compressed")] : []),
        ...(record.isChecked ? [] : [t("lab.note.unchecked")]),
    ];
}

/** @param {RunRecord["clock"]} clock */
function clockNote(clock) {
    if (!clock) return t("lab.note.clock.none");
    const uncertainty = time(clock.uncertaintyMs);
    if (clock.moved) return t("lab.note.clock.moved", { uncertainty });
    const key = clock.offsetMs < 0 ? "lab.note.clock.behind" : "lab.note.clock";
    const offset = time(Math.abs(clock.offsetMs));
    return t(key, { offset, uncertainty, count: words.number(clock.samples) });
}

/** @param {RunRecord} record */
function befallen({ marks, endedAt }) {
    return ["hidden", "offline"].flatMap((kind) => {
        const lasted = marks
            .filter((mark) => mark.kind === kind)
            .reduce((sum, { from, to }) => sum + (to ?? endedAt) - from, 0);
        return lasted > 0 ? [t(`lab.note.${kind}`, { time: time(lasted) })] : [];
    });
}

/** @param {string} protocol as ALPN calls it (RFC 7301) */
function nameOfProtocol(protocol) {
    /** @type {Record<string, string>} */
    const names = { "http/1.1": "HTTP/1.1", h2: "HTTP/2", h3: "HTTP/3" };
    return names[protocol] ?? (protocol || "HTTP");
}
