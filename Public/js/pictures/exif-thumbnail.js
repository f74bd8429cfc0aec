// @ts-check
/**
 * The small picture that a camera leaves in its own file (Exif 2.32, 4.6.3 and 4.6.5): there
 * before twelve megapixels are decoded. It can show what was cut away later, so it is drawn in the
 * browser that has the file, until the picture itself is, and goes nowhere.
 */

const APP1 = 0xe1;
const SCAN = 0xda;
const ORIENTATION = 0x0112;
const COMPRESSION = 0x0103;
const OFFSET = 0x0201;
const LENGTH = 0x0202;
const JPEG = 6;

/** As many bytes of a file as may matter: a segment has 64 KiB at most, and others may be before it. */
export const EXIF_REACH = 160 * 1024;

/** @typedef {{jpeg: Uint8Array, orientation: number}} Thumbnail `orientation`: 1 to 8 */

/** @param {Uint8Array} bytes the beginning of a file @returns {Thumbnail | null} */
export function embeddedThumbnail(bytes) {
    try {
        const exif = exifOf(bytes);
        return exif && thumbnailOf(exif);
    } catch (error) {
        // A length or an offset that leads out of the bytes: then there is none.
        if (error instanceof RangeError) return null;
        throw error;
    }
}

/**
 * The TIFF structure within a JPEG's first APP1 that is Exif. Throws a `RangeError` where the bytes end too soon.
 * @param {Uint8Array} bytes
 */
export function exifOf(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < 4 || view.getUint16(0) !== 0xffd8) return null;
    let at = 2;
    while (view.getUint8(at) === 0xff && view.getUint8(at + 1) !== SCAN) {
        const length = view.getUint16(at + 2);
        const isExif = view.getUint8(at + 1) === APP1 && view.getUint32(at + 4) === 0x45786966;
        if (isExif) return bytes.subarray(at + 10, at + 2 + length);
        at += 2 + Math.max(2, length);
    }
    return null;
}

/** @param {Uint8Array} exif @returns {Thumbnail | null} */
function thumbnailOf(exif) {
    const view = new DataView(exif.buffer, exif.byteOffset, exif.byteLength);
    const little = view.getUint16(0) === 0x4949;
    const main = directory(view, view.getUint32(4, little), little);
    if (main.next === 0) return null;
    const { values } = directory(view, main.next, little);
    const [offset, length] = [values.get(OFFSET) ?? 0, values.get(LENGTH) ?? 0];
    if ((values.get(COMPRESSION) ?? JPEG) !== JPEG || length === 0) return null;
    if (view.getUint16(offset) !== 0xffd8 || offset + length > exif.length) return null;
    const orientation = main.values.get(ORIENTATION) ?? 1;
    return {
        jpeg: exif.subarray(offset, offset + length),
        orientation: orientation >= 1 && orientation <= 8 ? orientation : 1,
    };
}

/** Bytes of a value of each type (TIFF 6.0, section 2; Exif adds none). */
const BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];

/** @typedef {{type: number, count: number, at: number}} Field `at`: where its values begin */

/**
 * The fields of an image file directory, those with one short or long number as that number, and where the
 * next directory is. Throws a `RangeError` where it leads out of the bytes.
 * @param {DataView} view @param {number} at @param {boolean} little
 */
export function directory(view, at, little) {
    /** @type {Map<number, number>} */
    const values = new Map();
    /** @type {Map<number, Field>} */
    const fields = new Map();
    const length = view.getUint16(at, little);
    for (let entry = at + 2; entry < at + 2 + 12 * length; entry += 12) {
        const tag = view.getUint16(entry, little);
        const type = view.getUint16(entry + 2, little);
        const count = view.getUint32(entry + 4, little);
        const isInside = (BYTES[type] ?? 0) * count <= 4;
        fields.set(tag, {
            type,
            count,
            at: isInside ? entry + 8 : view.getUint32(entry + 8, little),
        });
        if (type === 3) values.set(tag, view.getUint16(entry + 8, little));
        if (type === 4) values.set(tag, view.getUint32(entry + 8, little));
    }
    return { values, fields, next: view.getUint32(at + 2 + 12 * length, little) };
}

/**
 * A picture drawn upright.
 * @param {ImageBitmap} picture @param {number} orientation 1 to 8
 */
export function upright(picture, orientation) {
    const { width, height } = picture;
    const isTurned = orientation >= 5;
    const canvas = document.createElement("canvas");
    canvas.width = isTurned ? height : width;
    canvas.height = isTurned ? width : height;
    const context = canvas.getContext("2d");
    context?.setTransform(...uprightMatrix(orientation, width, height));
    context?.drawImage(picture, 0, 0);
    return canvas;
}

/**
 * @param {number} orientation @param {number} width @param {number} height as stored
 * @returns {[number, number, number, number, number, number]} as for setTransform
 */
export function uprightMatrix(orientation, width, height) {
    switch (orientation) {
        case 2:
            return [-1, 0, 0, 1, width, 0];
        case 3:
            return [-1, 0, 0, -1, width, height];
        case 4:
            return [1, 0, 0, -1, 0, height];
        case 5:
            return [0, 1, 1, 0, 0, 0];
        case 6:
            return [0, 1, -1, 0, height, 0];
        case 7:
            return [0, -1, -1, 0, height, width];
        case 8:
            return [0, -1, 1, 0, 0, width];
        default:
            return [1, 0, 0, 1, 0, 0];
    }
}
