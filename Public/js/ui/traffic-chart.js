// @ts-check
/**
 * The last minute of traffic as a chart that runs to the left: a line for as long as a
 * request is open, a dot for each message at the moment it came. What comes at once is piled up.
 */

import { KEPT_MS } from "../feed/traffic.js";

/** @typedef {import("../feed/traffic.js").Kind} Kind */
/** @typedef {import("../feed/traffic.js").Mark} Mark */
/** @typedef {Record<Kind | "open" | "hole" | "frame", string>} Colours */
/** @typedef {{brush: CanvasRenderingContext2D, width: number, height: number, now: number,
 *             colours: Colours, glows: boolean}} Drawing */

export const CHART_HEIGHT = 92;
/** Right of the gate nothing has come yet. */
const MARGIN = 14;
const HOLE_MS = 2_000;
const FRAME_MS = 10_000;
const GLOW_MS = 500;
/** News nearer than this to one another is piled up. */
const PILE_PX = 7.5;
const PILE_HEIGHT = 30;
const PILE_ROWS = 5;
const PILE_COLUMNS = 4;
const NEWS_Y = 50;
const LOW_Y = 60;
const SPAN_Y = 70;
const RADII = { news: 3.4, live: 1.8, none: 2.6, said: 2.2 };

/** @param {Drawing} drawing @param {number} at */
const xOf = ({ width, now }, at) => width - MARGIN - ((now - at) / KEPT_MS) * (width - MARGIN);

/** @param {Drawing} drawing @param {import("../feed/traffic.js").Traffic | null} traffic @returns {number} dots drawn */
export function drawTraffic(drawing, traffic) {
    const { brush, width, height } = drawing;
    brush.clearRect(0, 0, width, height);
    drawHoles(drawing);
    drawGate(drawing);
    if (!traffic) return 0;
    drawSpans(drawing, traffic.spans);
    const marks = traffic.marks.filter(({ at }) => at >= drawing.now - KEPT_MS);
    if (drawing.glows) drawGlow(drawing, marks);
    return drawMarks(drawing, marks);
}

/** @param {Drawing} drawing */
function drawHoles(drawing) {
    const { brush, height, now, colours } = drawing;
    brush.strokeStyle = colours.hole;
    brush.lineWidth = 5;
    for (let at = now - (now % HOLE_MS) + HOLE_MS; at > now - KEPT_MS - HOLE_MS; at -= HOLE_MS) {
        const x = xOf(drawing, at);
        for (const y of [8, height - 8]) {
            drawLine(brush, x - 2, x + 2, y);
        }
    }
    brush.fillStyle = colours.frame;
    for (let at = now - (now % FRAME_MS); at > now - KEPT_MS; at -= FRAME_MS) {
        brush.fillRect(Math.round(xOf(drawing, at)), 15, 1, height - 30);
    }
}

/** @param {CanvasRenderingContext2D} brush @param {number} from @param {number} to @param {number} y */
function drawLine(brush, from, to, y) {
    brush.lineCap = "round";
    brush.beginPath();
    brush.moveTo(from, y);
    brush.lineTo(to, y);
    brush.stroke();
}

/** @param {Drawing} drawing */
function drawGate({ brush, width, height, colours }) {
    brush.fillStyle = colours.news;
    brush.fillRect(width - MARGIN, 2, 1.5, height - 4);
}

/**
 * Each connection on the other line than the one before: a switch overlaps.
 * @param {Drawing} drawing @param {import("../feed/traffic.js").Span[]} spans
 */
function drawSpans(drawing, spans) {
    const { brush, now, colours } = drawing;
    brush.strokeStyle = colours.open;
    brush.lineWidth = 3;
    for (const { gen, from, to } of spans) {
        const left = Math.max(0, xOf(drawing, from));
        const right = Math.max(left + 2, xOf(drawing, to ?? now));
        drawLine(brush, left, right, SPAN_Y + (gen % 2) * 5);
    }
}

/**
 * What has just come glows.
 * @param {Drawing} drawing @param {Mark[]} marks
 */
function drawGlow(drawing, marks) {
    const { brush, now, colours } = drawing;
    for (const { at, kind } of marks.slice(-40)) {
        // A frame's time may lie before what came just ahead of it.
        const part = Math.max(0, now - at) / GLOW_MS;
        if (part >= 1 || kind === "said") continue;
        brush.globalAlpha = 0.35 * (1 - part);
        brush.fillStyle = colours[kind];
        brush.beginPath();
        brush.arc(
            xOf(drawing, at),
            kind === "news" ? NEWS_Y : LOW_Y,
            5 + 14 * part,
            0,
            2 * Math.PI,
        );
        brush.fill();
    }
    brush.globalAlpha = 1;
}

/** @param {Drawing} drawing @param {Mark[]} marks @returns {number} */
function drawMarks(drawing, marks) {
    const pileMs = (PILE_PX * KEPT_MS) / (drawing.width - MARGIN);
    /** @type {Map<number, number>} */
    const piles = new Map();
    for (const { at, kind } of marks) {
        const pile = Math.floor(at / pileMs);
        if (kind === "news") piles.set(pile, (piles.get(pile) ?? 0) + 1);
        else drawDot(drawing, kind, { x: xOf(drawing, at), y: LOW_Y, radius: RADII[kind] });
    }
    for (const [pile, count] of piles) drawPile(drawing, xOf(drawing, pile * pileMs), count);
    return marks.length;
}

/**
 * A high pile is made of smaller dots, side by side.
 * @param {Drawing} drawing @param {number} x @param {number} count
 */
function drawPile(drawing, x, count) {
    const columns = Math.min(PILE_COLUMNS, Math.ceil(count / PILE_ROWS));
    const rows = Math.ceil(count / columns);
    const step = Math.min(PILE_PX, PILE_HEIGHT / Math.max(1, rows - 1));
    const radius = Math.max(1.2, Math.min(RADII.news, step * 0.42));
    for (let index = 0; index < count; index += 1) {
        const column = index % columns;
        const y = NEWS_Y - Math.floor(index / columns) * step;
        drawDot(drawing, "news", { x: x - column * Math.max(step, 2 * radius), y, radius });
    }
}

/** @param {Drawing} drawing @param {Kind} kind @param {{x: number, y: number, radius: number}} dot */
function drawDot({ brush, colours }, kind, { x, y, radius }) {
    brush.beginPath();
    brush.arc(x, y, radius, 0, 2 * Math.PI);
    if (kind === "none" || kind === "said") {
        brush.strokeStyle = colours[kind];
        brush.lineWidth = 1.25;
        brush.stroke();
    } else {
        brush.fillStyle = colours[kind];
        brush.fill();
    }
}
