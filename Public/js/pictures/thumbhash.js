// @ts-check
/**
 * Reads a ThumbHash (https://evanw.github.io/thumbhash/): some 25 bytes that hold the lowest
 * frequencies of a picture, enough for a blur in its place. Lightness, two colour differences and
 * alpha are short cosine series of four bits a coefficient.
 */

/** @typedef {{width: number, height: number, pixels: Uint8ClampedArray}} Blur pixels are RGBA */
/** @typedef {{columns: number, rows: number, mean: number, waves: number[]}} Channel */

const LONGEST_SIDE = 32;

/** @param {string} base64 @returns {Blur | null} null for what is no ThumbHash */
export function readThumbHash(base64) {
    const bytes = bytesOf(base64);
    if (!bytes || bytes.length < 5) return null;
    const head = bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);
    const tail = bytes[3] | (bytes[4] << 8);
    const hasAlpha = head >> 23 === 1;
    const isLandscape = tail >> 15 === 1;
    const longer = hasAlpha ? 5 : 7;
    const shorter = tail & 7;
    const [columns, rows] = isLandscape ? [longer, shorter] : [shorter, longer];
    const nibbles = new Nibbles(bytes, hasAlpha ? 6 : 5);
    const channel = (
        /** @type {[number, number]} */ [x, y],
        /** @type {number} */ mean,
        /** @type {number} */ scale,
    ) => /** @type {Channel} */ ({ columns: x, rows: y, mean, waves: nibbles.waves(x, y, scale) });

    const light = channel(
        [Math.max(3, columns), Math.max(3, rows)],
        (head & 63) / 63,
        ((head >> 18) & 31) / 31,
    );
    const yellowBlue = channel(
        [3, 3],
        ((head >> 6) & 63) / 31.5 - 1,
        (((tail >> 3) & 63) / 63) * 1.25,
    );
    const redGreen = channel(
        [3, 3],
        ((head >> 12) & 63) / 31.5 - 1,
        (((tail >> 9) & 63) / 63) * 1.25,
    );
    const alpha = hasAlpha ? channel([5, 5], (bytes[5] & 15) / 15, (bytes[5] >> 4) / 15) : null;
    return paint({ light, yellowBlue, redGreen, alpha }, columns / rows);
}

/** @param {string} base64 */
function bytesOf(base64) {
    try {
        return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    } catch {
        return null;
    }
}

class Nibbles {
    #at = 0;

    /** @param {Uint8Array} bytes @param {number} start */
    constructor(bytes, start) {
        this.bytes = bytes;
        this.start = start;
    }

    /**
     * The waves of one channel, the triangle of low frequencies, row by row.
     * @param {number} columns
     * @param {number} rows
     * @param {number} scale
     */
    waves(columns, rows, scale) {
        const waves = [];
        for (const [,] of triangle(columns, rows)) waves.push((this.#next() / 7.5 - 1) * scale);
        return waves;
    }

    #next() {
        const byte = this.bytes[this.start + (this.#at >> 1)] ?? 0;
        const nibble = this.#at % 2 === 0 ? byte & 15 : byte >> 4;
        this.#at += 1;
        return nibble;
    }
}

/** @param {number} columns @param {number} rows @returns {Generator<[number, number]>} */
function* triangle(columns, rows) {
    for (let y = 0; y < rows; y += 1) {
        for (let x = y === 0 ? 1 : 0; x * rows < columns * (rows - y); x += 1) yield [x, y];
    }
}

/** @param {{light: Channel, yellowBlue: Channel, redGreen: Channel, alpha: Channel | null}} channels @param {number} ratio */
function paint({ light, yellowBlue, redGreen, alpha }, ratio) {
    const width = Math.round(ratio > 1 ? LONGEST_SIDE : LONGEST_SIDE * ratio);
    const height = Math.round(ratio > 1 ? LONGEST_SIDE / ratio : LONGEST_SIDE);
    const [l, p, q] = [light, yellowBlue, redGreen].map((one) => planeOf(one, width, height));
    const opacity = alpha && planeOf(alpha, width, height);
    const pixels = new Uint8ClampedArray(width * height * 4);
    for (let at = 0; at < width * height; at += 1) {
        const blue = l[at] - (2 / 3) * p[at];
        const red = (3 * l[at] - blue + q[at]) / 2;
        pixels[at * 4] = red * 255;
        pixels[at * 4 + 1] = (red - q[at]) * 255;
        pixels[at * 4 + 2] = blue * 255;
        pixels[at * 4 + 3] = (opacity ? opacity[at] : 1) * 255;
    }
    return { width, height, pixels };
}

/**
 * A channel at each pixel, row by row. Wave by wave, for then a cosine is worked out once a column
 * and once a row, and not for each pixel.
 * @param {Channel} channel @param {number} width @param {number} height
 */
function planeOf({ columns, rows, mean, waves }, width, height) {
    const plane = new Float64Array(width * height).fill(mean);
    let index = 0;
    for (const [cx, cy] of triangle(columns, rows)) {
        const across = cosines(cx, width);
        const down = cosines(cy, height);
        for (let at = 0; at < plane.length; at += 1) {
            plane[at] += 2 * waves[index] * across[at % width] * down[Math.floor(at / width)];
        }
        index += 1;
    }
    return plane;
}

/** @param {number} frequency @param {number} size */
const cosines = (frequency, size) =>
    Float64Array.from({ length: size }, (_, at) =>
        Math.cos((Math.PI * frequency * (at + 0.5)) / size),
    );
