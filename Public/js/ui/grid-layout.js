// @ts-check
/**
 * Where each card of the grid lies, and which of them are near the window: all rows are of one
 * height, so that is arithmetic, and nothing jumps when a card changes what it says.
 */

/** @typedef {{columns: number, column: number, row: number, pitch: number}} Grid pixels; `column` is
 *   the width of a card, `pitch` is from one row to the next */

/** Height by width of the paper. */
export const PAPER = 2 / 3;
/** Rows kept ready on each side of the window. */
const MARGIN_ROWS = 2;

/**
 * @param {{width: number, columnMin: number, columnGap: number, rowGap: number,
 *         captionOf: (column: number) => number}} measures pixels; `captionOf` is the height of the words under
 *   a card of that width
 * @returns {Grid}
 */
export function gridOf({ width, columnMin, columnGap, rowGap, captionOf }) {
    const columns = Math.max(1, Math.floor((width + columnGap) / (columnMin + columnGap)));
    const column = (width - columnGap * (columns - 1)) / columns;
    const row = Math.ceil(column * PAPER + captionOf(column));
    return { columns, column, row, pitch: row + rowGap };
}

/**
 * @param {Grid} grid
 * @param {number} count of cards
 * @param {{top: number, height: number}} view the window, from the top of the first row
 * @returns {{first: number, end: number}} indexes; `end` is one past the last
 */
export function nearWindow({ columns, pitch }, count, { top, height }) {
    const rows = Math.ceil(count / columns);
    const within = (/** @type {number} */ row) => Math.min(rows, Math.max(0, row));
    const firstRow = within(Math.floor(top / pitch) - MARGIN_ROWS);
    const endRow = within(Math.ceil((top + height) / pitch) + MARGIN_ROWS);
    return { first: firstRow * columns, end: Math.min(count, endRow * columns) };
}

/** @param {Grid} grid @param {number} index @returns {string} a CSS `grid-area` */
export function areaOf({ columns }, index) {
    return `${Math.floor(index / columns) + 1} / ${(index % columns) + 1}`;
}

/** @typedef {{index: number, into: number}} Place the first card of a row, and how much of the row
 *   lies above the window, 0…1 */

/** @param {Grid} grid @param {number} top of the window, from the first row @returns {Place} */
export function placeAt({ columns, pitch }, top) {
    const rows = top / pitch;
    return { index: Math.floor(rows) * columns, into: rows - Math.floor(rows) };
}

/** @param {Grid} grid perhaps another one than that of the place @param {Place} place */
export const topOf = ({ columns, pitch }, { index, into }) =>
    (Math.floor(index / columns) + into) * pitch;
