// @ts-check
/** What a camera says, as terms and values in the reader's language. */

import { t, words } from "../base/i18n.js";

/** @typedef {import("../pictures/camera-facts.js").CameraFacts} CameraFacts */
/** @typedef {import("../pictures/camera-facts.js").Place} Place */

/** From here on photographers write a time in seconds, below as a part of one. */
const LONG = 0.3;

/** @param {number} seconds as on the dial of a camera: 1/4000, in any language */
const shutter = (seconds) =>
    t("camera.seconds", {
        time: seconds >= LONG ? words.number(seconds, 1) : `1/${Math.round(1 / seconds)}`,
    });

/** @param {number} length @param {number | undefined} equivalent of a 35 mm film */
function focal(length, equivalent) {
    const own = { length: words.number(length, 1), equivalent: equivalent ?? 0 };
    const isOther = equivalent && Math.round(length) !== equivalent;
    return t(isOther ? "camera.focal.equivalent" : "camera.focal", own);
}

/** @param {number} bias */
const exposureValue = (bias) => `${bias > 0 ? "+" : "−"}${words.number(Math.abs(bias), 1)} EV`;

/** @param {CameraFacts} facts */
function exposureOf({ seconds, aperture, sensitivity, focalLength, focalLength35, bias }) {
    const parts = [
        seconds && shutter(seconds),
        aperture && `f/${words.number(aperture, 1)}`,
        sensitivity && `ISO ${sensitivity}`,
        focalLength && focal(focalLength, focalLength35),
        bias && exposureValue(bias),
    ];
    return parts.filter(Boolean).join(" · ");
}

/** @param {number} degrees @param {string} positive @param {string} negative */
const angle = (degrees, positive, negative) =>
    `${words.number(Math.abs(degrees), 5)}° ${degrees < 0 ? negative : positive}`;

/** @param {Place} place */
function placeLine({ latitude, longitude, altitude }) {
    const south = angle(latitude, t("camera.north"), t("camera.south"));
    const west = angle(longitude, t("camera.east"), t("camera.west"));
    const height = altitude === undefined ? "" : `${words.number(altitude)} m`;
    return [south, west, height].filter(Boolean).join(" · ");
}

/**
 * @param {CameraFacts} facts
 * @param {boolean} isOwner the place is told to no one else
 * @returns {[string, string][]}
 */
export function cameraLines(facts, isOwner) {
    const { camera, lens, taken, offset = "", place } = facts;
    /** @type {[string, string | undefined][]} */
    const lines = [
        [t("camera.camera"), camera],
        [t("camera.lens"), lens],
        [t("camera.exposure"), exposureOf(facts)],
        [t("camera.taken"), taken && `${words.written(taken)} ${offset}`.trim()],
        [t("camera.place"), isOwner && place ? placeLine(place) : undefined],
    ];
    return /** @type {[string, string][]} */ (lines.filter(([, value]) => value));
}
