// @ts-check
/** The other pictures: how the delays are distributed, and what has gone over the wire by when. */

import { ticks } from "./arithmetic.js";
import { level, sheetOf, signOf, takePen, takeRuler, upright } from "./drawing.js";

/** @typedef {import("./figures.js").Figures} Figures */
/** @typedef {import("./drawing.js").Sheet} Sheet */
/** @typedef {{left: number, right: number, top: number, bottom: number}} Frame */

const LOWEST_MS = 1;
const SHARES = [0.5, 0.95, 0.99];

/** @param {Sheet} sheet @param {number} left @returns {Frame} */
const frameOf = ({ width, height }, left) => ({
    left,
    right: width - 14,
    top: 14,
    bottom: height - 26,
});

/**
 * @param {HTMLCanvasElement} canvas @param {readonly Figures[]} lanes
 * @param {number} certainMs below this the clocks tell nothing
 * @param {{time: (ms: number) => string, uncertain: string}} words
 */
export function drawDistribution(canvas, lanes, certainMs, words) {
    const sheet = sheetOf(canvas);
    if (!sheet) return;
    const frame = frameOf(sheet, 44);
    const { left, right, top, bottom } = frame;
    const longest = Math.max(10_000, ...lanes.map(({ max }) => max ?? 0));
    const decades = Math.log10(longest / LOWEST_MS);
    const across = (/** @type {number} */ ms) =>
        left + (Math.log10(Math.max(ms, LOWEST_MS) / LOWEST_MS) / decades) * (right - left);
    const up = (/** @type {number} */ share) => bottom - share * (bottom - top);
    drawUncertain(sheet, frame, Math.min(right, across(certainMs)), words.uncertain);
    drawLogarithms(sheet, frame, across, longest, words.time);
    drawShares(sheet, frame, up);
    for (const { id, steps } of lanes) drawSteps(sheet, id, steps, { across, up, left });
    for (const lane of lanes) drawPercentiles(sheet, lane, across, up);
}

/** @param {Sheet} sheet @param {Frame} frame @param {number} until @param {string} words */
function drawUncertain(sheet, { left, top, bottom }, until, words) {
    const { brush, ink } = sheet;
    if (until <= left) return;
    brush.save();
    brush.globalAlpha = 0.5;
    brush.fillStyle = ink("groove");
    brush.fillRect(left, top, until - left, bottom - top);
    brush.restore();
    takeRuler(sheet);
    if (brush.measureText(words).width > until - left - 8) return;
    brush.textAlign = "start";
    brush.textBaseline = "top";
    brush.fillText(words, left + 4, top + 4);
}

/**
 * @param {Sheet} sheet @param {Frame} frame @param {(ms: number) => number} across
 * @param {number} longest @param {(ms: number) => string} time
 */
function drawLogarithms(sheet, { left, right, top, bottom }, across, longest, time) {
    const { brush } = sheet;
    takeRuler(sheet);
    brush.textAlign = "center";
    brush.textBaseline = "top";
    for (let ms = LOWEST_MS; ms <= longest; ms *= 10) {
        upright(sheet, across(ms), top, bottom);
        const half = brush.measureText(time(ms)).width / 2;
        const x = Math.min(right + 14 - half, Math.max(left - 6 + half, across(ms)));
        brush.fillText(time(ms), x, bottom + 8);
    }
}

/** @param {Sheet} sheet @param {Frame} frame @param {(share: number) => number} up */
function drawShares(sheet, { left, right }, up) {
    const { brush } = sheet;
    takeRuler(sheet);
    level(sheet, up(0), left, right);
    brush.setLineDash([2, 4]);
    brush.textAlign = "end";
    brush.textBaseline = "middle";
    for (const share of SHARES) {
        level(sheet, up(share), left, right);
        const near = share === 0.95 ? 5 : share === 0.99 ? -5 : 0;
        brush.fillText(`p${share * 100}`, left - 8, up(share) + near);
    }
}

/**
 * @param {Sheet} sheet @param {string} id @param {readonly [number, number][]} steps
 * @param {{across: (ms: number) => number, up: (share: number) => number, left: number}} scale
 */
function drawSteps(sheet, id, steps, { across, up, left }) {
    const { brush } = sheet;
    takePen(sheet, id);
    brush.beginPath();
    let y = up(0);
    brush.moveTo(Math.max(left, across(steps[0]?.[0] ?? LOWEST_MS)), y);
    for (const [value, share] of steps) {
        brush.lineTo(across(value), y);
        y = up(share);
        brush.lineTo(across(value), y);
    }
    brush.stroke();
}

/** @param {Sheet} sheet @param {Figures} lane @param {(ms: number) => number} across @param {(share: number) => number} up */
function drawPercentiles(sheet, { id, p50, p95, p99 }, across, up) {
    const { brush, ink } = sheet;
    brush.textAlign = "center";
    brush.textBaseline = "middle";
    for (const [index, value] of [p50, p95, p99].entries()) {
        if (value === null) continue;
        const [x, y] = [across(value), up(SHARES[index])];
        brush.fillStyle = ink("ground");
        brush.beginPath();
        brush.arc(x, y, 8, 0, 2 * Math.PI);
        brush.fill();
        takePen(sheet, id);
        brush.fillText(signOf(id), x, y + 0.5);
    }
}

/** @typedef {{id: string, steps: readonly [at: number, sum: number][]}} Growth */

/**
 * Sums that grow with time.
 * @param {HTMLCanvasElement} canvas @param {readonly Growth[]} lanes @param {number} endsAt
 * @param {{second: (seconds: number) => string, sum: (value: number) => string}} words
 * @param {number} [base] of the units of `sum`
 */
export function drawGrowth(canvas, lanes, endsAt, words, base) {
    const sheet = sheetOf(canvas);
    if (!sheet) return;
    const { brush } = sheet;
    const most = Math.max(1, ...lanes.map(({ steps }) => steps.at(-1)?.[1] ?? 0));
    const marks = ticks(most, 4, base);
    takeRuler(sheet);
    const room = Math.max(...marks.map((mark) => brush.measureText(words.sum(mark)).width));
    const { left, right, top, bottom } = frameOf(sheet, room + 14);
    const across = (/** @type {number} */ ms) => left + (ms / endsAt) * (right - left);
    const up = (/** @type {number} */ sum) => bottom - (sum / most) * (bottom - top);
    brush.textAlign = "end";
    brush.textBaseline = "middle";
    for (const mark of marks) {
        level(sheet, up(mark), left, right);
        brush.fillText(words.sum(mark), left - 8, up(mark));
    }
    brush.textAlign = "center";
    brush.textBaseline = "top";
    for (const at of ticks(endsAt, (right - left) / 90)) {
        upright(sheet, across(at), top, bottom);
        const half = brush.measureText(words.second(at / 1_000)).width / 2;
        const x = Math.min(right + 14 - half, across(at));
        brush.fillText(words.second(at / 1_000), x, bottom + 8);
    }
    for (const { id, steps } of lanes) drawSum(sheet, id, steps, { across, up, endsAt });
}

/**
 * @param {Sheet} sheet @param {string} id @param {readonly [number, number][]} steps
 * @param {{across: (ms: number) => number, up: (sum: number) => number, endsAt: number}} scale
 */
function drawSum(sheet, id, steps, { across, up, endsAt }) {
    const { brush } = sheet;
    takePen(sheet, id);
    brush.beginPath();
    let [x, y] = [across(0), up(0)];
    brush.moveTo(x, y);
    for (const [at, sum] of steps) {
        x = across(Math.min(at, endsAt));
        brush.lineTo(x, y);
        y = up(sum);
        brush.lineTo(x, y);
    }
    brush.stroke();
    brush.textAlign = "center";
    brush.textBaseline = "middle";
    brush.setLineDash([]);
    brush.fillText(signOf(id), Math.min(x, across(endsAt) - 4), y);
}
