// @ts-check
/**
 * What a camera wrote into its file about itself (Exif 2.32, 4.6.4 to 4.6.6): who took nothing more from
 * it than a look. It is read where it is shown and goes nowhere.
 */

import { directory, exifOf } from "./exif-thumbnail.js";

const MAKE = 0x010f;
const MODEL = 0x0110;
const EXIF_DIRECTORY = 0x8769;
const GPS_DIRECTORY = 0x8825;
const EXPOSURE_TIME = 0x829a;
const F_NUMBER = 0x829d;
const SENSITIVITY = 0x8827;
const TAKEN = 0x9003;
const TAKEN_OFFSET = 0x9011;
const BIAS = 0x9204;
const FOCAL_LENGTH = 0x920a;
const FOCAL_LENGTH_35 = 0xa405;
const LENS = 0xa434;
/** Of the place: north or south, latitude, east or west, longitude, below the sea or not, altitude. */
const GPS = { northOrSouth: 1, latitude: 2, eastOrWest: 3, longitude: 4, below: 5, altitude: 6 };

const ASCII = 2;
const UTF8 = 129;
const RATIONAL = 5;
const SIGNED_RATIONAL = 10;
/** No name of a camera is longer, whatever the file says. */
const LONGEST = 120;

/** @typedef {{latitude: number, longitude: number, altitude?: number}} Place in degrees and metres */
/** @typedef {{camera?: string, lens?: string, seconds?: number, aperture?: number, sensitivity?: number,
 *             focalLength?: number, focalLength35?: number, bias?: number, taken?: string, offset?: string,
 *             place?: Place}} CameraFacts lengths in millimetres; `taken`: by the camera's own clock, as
 *   `2024-05-01T10:20:30`; `offset`: of that clock from UTC, as `+02:00`, where the camera says it */

/**
 * @param {Uint8Array} bytes the beginning of a file
 * @returns {CameraFacts | null} null where there is nothing of the kind
 */
export function cameraFacts(bytes) {
    try {
        const tiff = tiffIn(bytes);
        const facts = tiff && factsOf(new Tiff(tiff));
        return facts && Object.keys(facts).length > 0 ? facts : null;
    } catch (error) {
        // A length or an offset that leads out of the bytes: then it is not to be had.
        if (error instanceof RangeError) return null;
        throw error;
    }
}

/** Before a TIFF structure, in HEIC and AVIF, PNG and WebP. */
const MARK = /(?:Exif\0\0|eXIf|EXIF[\s\S]{4})(?=II\*\0|MM\0\*)/;

/** @param {Uint8Array} bytes @returns {Uint8Array | null} */
function tiffIn(bytes) {
    if (bytes[0] === 0xff) return exifOf(bytes);
    // A letter for each byte, so that places in the text are places in the bytes.
    const found = MARK.exec(new TextDecoder("latin1").decode(bytes));
    return found && bytes.subarray(found.index + found[0].length);
}

/** Values of fields, each undefined where it is missing or makes no sense. */
class Tiff {
    /** @param {Uint8Array} bytes */
    constructor(bytes) {
        this.bytes = bytes;
        this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        this.little = this.view.getUint16(0) === 0x4949;
        this.main = directory(this.view, this.view.getUint32(4, this.little), this.little);
    }

    /** @param {number} tag of the main directory's field that says where another is */
    under(tag) {
        const at = this.main.values.get(tag);
        return at === undefined ? null : directory(this.view, at, this.little);
    }

    /** @param {ReturnType<typeof directory> | null} within @param {number} tag */
    text(within, tag) {
        const field = within?.fields.get(tag);
        if (!field || (field.type !== ASCII && field.type !== UTF8)) return undefined;
        const bytes = this.bytes.subarray(field.at, field.at + Math.min(field.count, LONGEST));
        const [text] = new TextDecoder().decode(bytes).split("\0");
        return text.replace(/[\p{Cc}\ufffd]/gu, "").trim() || undefined;
    }

    /**
     * @param {ReturnType<typeof directory> | null} within @param {number} tag
     * @param {number} [index] which of its values
     */
    rational(within, tag, index = 0) {
        const field = within?.fields.get(tag);
        if (!field || index >= field.count) return undefined;
        const at = field.at + 8 * index;
        const read = {
            [RATIONAL]: (/** @type {number} */ where) => this.view.getUint32(where, this.little),
            [SIGNED_RATIONAL]: (/** @type {number} */ where) =>
                this.view.getInt32(where, this.little),
        }[field.type];
        const value = read && read(at) / read(at + 4);
        return Number.isFinite(value) ? value : undefined;
    }
}

/** @param {Tiff} tiff @returns {CameraFacts} what is known of it, and nothing else */
function factsOf(tiff) {
    const exif = tiff.under(EXIF_DIRECTORY);
    const above0 = (/** @type {number | undefined} */ value) =>
        value && value > 0 ? value : undefined;
    const facts = {
        camera: cameraOf(tiff.text(tiff.main, MAKE), tiff.text(tiff.main, MODEL)),
        lens: tiff.text(exif, LENS),
        seconds: above0(tiff.rational(exif, EXPOSURE_TIME)),
        aperture: above0(tiff.rational(exif, F_NUMBER)),
        sensitivity: above0(exif?.values.get(SENSITIVITY)),
        focalLength: above0(tiff.rational(exif, FOCAL_LENGTH)),
        focalLength35: above0(exif?.values.get(FOCAL_LENGTH_35)),
        bias: tiff.rational(exif, BIAS) || undefined,
        ...takenOf(tiff.text(exif, TAKEN), tiff.text(exif, TAKEN_OFFSET)),
        place: placeOf(tiff),
    };
    return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

/**
 * Many makers begin the model with their name.
 * @param {string} [make] @param {string} [model]
 */
function cameraOf(make, model) {
    if (!make || !model) return model ?? make;
    const [first] = make.split(/\s/);
    return model.toLowerCase().startsWith(first.toLowerCase()) ? model : `${make} ${model}`;
}

/** @param {string} [text] as `2024:05:01 10:20:30` @param {string} [offset] */
function takenOf(text = "", offset = "") {
    const found = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)/.exec(text);
    if (!found) return {};
    const [year, month, day, hour, minute, second] = found.slice(1);
    const taken = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
    // A clock that was never set says zeros.
    if (Number.isNaN(Date.parse(`${taken}Z`))) return {};
    return /^[+-]\d\d:\d\d$/.test(offset) ? { taken, offset } : { taken };
}

/** @param {Tiff} tiff @returns {Place | undefined} */
function placeOf(tiff) {
    const gps = tiff.under(GPS_DIRECTORY);
    const latitude = degreesOf(tiff, gps, GPS.latitude, GPS.northOrSouth, "S", 90);
    const longitude = degreesOf(tiff, gps, GPS.longitude, GPS.eastOrWest, "W", 180);
    if (latitude === undefined || longitude === undefined) return undefined;
    const height = tiff.rational(gps, GPS.altitude);
    const below = gps?.fields.get(GPS.below);
    const sign = below && tiff.view.getUint8(below.at) === 1 ? -1 : 1;
    return height === undefined
        ? { latitude, longitude }
        : { latitude, longitude, altitude: sign * height };
}

/**
 * @param {Tiff} tiff @param {ReturnType<typeof directory> | null} gps @param {number} tag
 * @param {number} side the field that says to which side @param {string} negative @param {number} most
 */
function degreesOf(tiff, gps, tag, side, negative, most) {
    const [degrees, minutes = 0, seconds = 0] = [0, 1, 2].map((index) =>
        tiff.rational(gps, tag, index),
    );
    const where = tiff.text(gps, side);
    if (degrees === undefined || where === undefined) return undefined;
    const value = degrees + minutes / 60 + seconds / 3_600;
    if (value > most) return undefined;
    return where === negative ? -value : value;
}
