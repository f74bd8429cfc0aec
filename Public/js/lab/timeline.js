// @ts-check
/**
 * The picture that explains it: time runs to the right, the same for all lanes. Above, a mark where
 * each event was committed; below, one where it reached the page; between them, the line whose slant
 * is the delay.
 */

import { ticks } from "./arithmetic.js";
import { band, level, sheetOf, takePen, takeRuler, upright } from "./drawing.js";

/** @typedef {{id: string, arrivals: readonly [seq: number, at: number][]}} LaneView */
/** @typedef {{commits: Map<number, number>, endsAt: number,
 *             marks: readonly Band[]}} Span `endsAt`: the axis's end */
/** @typedef {{kind: string, from: number, to: number | null, number?: number}} Band `number`: of a fault,
 *   as it stands in the table */

const MARGIN = 10;
const TICK = 5;
const DOT = 2.4;

/** How much longer the axis is than it must be: it grows in steps, and does not creep. */
const STEPS = [10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1_200, 3_600];

/**
 * @param {Pick<import("./record.js").RunRecord, "end" | "endedAt">} record
 * @returns {number} milliseconds
 */
export function axisEnd({ end, endedAt }) {
    const step = STEPS.find((seconds) => seconds * 1_000 >= endedAt);
    return end === "running" && step ? step * 1_000 : endedAt * 1.02;
}

/** @param {number} width @param {number} endsAt @returns {(ms: number) => number} */
const placeIn = (width, endsAt) => (ms) => MARGIN + (ms / endsAt) * (width - 2 * MARGIN);

/**
 * One lane's timeline.
 * @param {HTMLCanvasElement} canvas @param {LaneView} lane @param {Span} span
 */
export function drawLane(canvas, { id, arrivals }, { commits, endsAt, marks }) {
    const sheet = sheetOf(canvas);
    if (!sheet) return;
    const { brush, width, height } = sheet;
    const place = placeIn(width, endsAt);
    const [top, bottom] = [MARGIN, height - MARGIN];
    for (const { from, to } of marks) band(sheet, place(from), place(to ?? endsAt));
    takeRuler(sheet);
    for (const at of ticks(endsAt, width / 110)) upright(sheet, place(at), 0, height);
    level(sheet, top, MARGIN, width - MARGIN);
    level(sheet, bottom, MARGIN, width - MARGIN);
    takePen(sheet, id, 1.25);
    brush.setLineDash([]);
    brush.globalAlpha = arrivals.length > 400 ? 0.4 : 0.75;
    brush.beginPath();
    for (const [seq, at] of arrivals) {
        const from = commits.get(seq);
        if (from === undefined) continue;
        brush.moveTo(place(from), top);
        brush.lineTo(place(at), bottom);
    }
    brush.stroke();
    brush.globalAlpha = 1;
    drawMarks(sheet, { id, arrivals }, commits, place);
}

/**
 * @param {import("./drawing.js").Sheet} sheet @param {LaneView} lane
 * @param {Map<number, number>} commits @param {(ms: number) => number} place
 */
function drawMarks(sheet, { id, arrivals }, commits, place) {
    const { brush, height, ink } = sheet;
    brush.strokeStyle = ink("ink");
    brush.beginPath();
    for (const at of commits.values()) {
        brush.moveTo(place(at), MARGIN - TICK);
        brush.lineTo(place(at), MARGIN + TICK);
    }
    brush.stroke();
    takePen(sheet, id);
    brush.beginPath();
    for (const [, at] of arrivals) {
        brush.moveTo(place(at) + DOT, height - MARGIN);
        brush.arc(place(at), height - MARGIN, DOT, 0, 2 * Math.PI);
    }
    brush.fill();
}

/**
 * The axis that all strips share.
 * @param {HTMLCanvasElement} canvas @param {Span} span
 * @param {{second: (seconds: number) => string, mark: (band: Band, isShort: boolean) => string}} words
 */
export function drawAxis(canvas, { endsAt, marks }, words) {
    const sheet = sheetOf(canvas);
    if (!sheet) return;
    const { brush, width, height } = sheet;
    const place = placeIn(width, endsAt);
    takeRuler(sheet);
    brush.textBaseline = "middle";
    brush.textAlign = "center";
    for (const at of ticks(endsAt, width / 110)) {
        upright(sheet, place(at), 0, 5);
        const text = words.second(at / 1_000);
        const half = brush.measureText(text).width / 2;
        const x = Math.min(width - half, Math.max(half, place(at)));
        brush.fillText(text, x, 14);
    }
    brush.textAlign = "start";
    for (const mark of marks) {
        const next = Math.min(...marks.map(({ from }) => (from > mark.from ? from : endsAt)));
        const isNarrow =
            brush.measureText(words.mark(mark, false)).width + MARGIN >
            place(next) - place(mark.from);
        const text = words.mark(mark, isNarrow);
        const room = width - brush.measureText(text).width - MARGIN;
        brush.fillText(text, Math.min(place(mark.from), room), height - 8);
    }
}
