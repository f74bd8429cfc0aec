// @ts-check
/** How the lab writes its figures. */

import { t, words } from "../base/i18n.js";

/** @param {number} ms as exact as it is of use */
export function time(ms) {
    if (Math.abs(ms) >= 10_000) return t("lab.unit.s", { n: words.number(ms / 1_000, 1) });
    if (Math.abs(ms) >= 1_000) return t("lab.unit.s", { n: words.number(ms / 1_000, 2) });
    return t("lab.unit.ms", { n: words.number(ms, Math.abs(ms) < 10 ? 1 : 0) });
}

/**
 * A delay, and nothing that the clocks do not allow to be said.
 * @param {number | null} ms @param {number} certainFrom
 */
export function delay(ms, certainFrom) {
    if (ms === null || !Number.isFinite(certainFrom)) return "–";
    return ms < certainFrom ? t("lab.under", { time: time(certainFrom) }) : time(ms);
}

/** @param {string} id of the lane */
export const nameOf = (id) => t(`lab.way.${id}`);

/** @param {number} seconds */
export const second = (seconds) => t("lab.unit.s", { n: words.number(seconds, 1) });

/** @param {number} bytes */
export const size = (bytes) => words.bytes(bytes);
