// @ts-check
/**
 * A very small picture as a `data:` URL, without a canvas, which costs more than such a picture: a
 * Windows bitmap is its pixels and a head of fixed size (BITMAPV4HEADER).
 */

const FILE_HEAD = 14;
const HEAD = 108;
const BITFIELDS = 3;
const SRGB = 0x73524742;
/** Of red, green, blue and opacity, as little-endian numbers hold the bytes of RGBA. */
const MASKS = [0x000000ff, 0x0000ff00, 0x00ff0000, 0xff000000];

/**
 * @param {{width: number, height: number, pixels: Uint8ClampedArray}} picture RGBA, row by row from
 *   the top
 * @returns {string}
 */
export function bitmapURL({ width, height, pixels }) {
    const start = FILE_HEAD + HEAD;
    const bytes = new Uint8Array(start + pixels.length);
    const head = new DataView(bytes.buffer);
    const long = (/** @type {number} */ at, /** @type {number} */ value) =>
        head.setInt32(at, value, true);
    bytes.set([0x42, 0x4d]);
    long(2, bytes.length);
    long(10, start);
    long(14, HEAD);
    long(18, width);
    long(22, -height); // from the top
    head.setUint16(26, 1, true);
    head.setUint16(28, 32, true);
    long(30, BITFIELDS);
    long(34, pixels.length);
    MASKS.forEach((mask, index) => {
        long(54 + 4 * index, mask);
    });
    long(70, SRGB);
    bytes.set(pixels, start);
    return `data:image/bmp;base64,${btoa(String.fromCharCode(...bytes))}`;
}
