// @ts-check
/** A problem's code, turned into a sentence that says what to do, with its numbers in words. */

import { words } from "./i18n.js";

/** Codes whose limit and actual value are bytes. */
const IN_BYTES = new Set([
    "file-too-large",
    "length-exceeded",
    "upload-incomplete",
    "disk-full",
    "too-many-bytes",
    "owner-full",
]);
/** Codes whose values are pixels: shown in megapixels. */
const IN_PIXELS = new Set(["too-many-pixels"]);

/** @param {import("../model/types.js").Problem} problem @returns {string} */
export function explain(problem) {
    const key = `problem.${problem.code}`;
    if (!words.knows(key)) return problem.title ?? problem.detail ?? words.t("problem.internal");
    const show = (/** @type {number | string | undefined} */ value) =>
        quantity(problem.code, value);
    const isNumbered = problem.limit !== undefined && problem.actual !== undefined;
    const numbered = `${key}.numbers`;
    return isNumbered && words.knows(numbered)
        ? words.t(numbered, { limit: show(problem.limit), actual: show(problem.actual) })
        : words.t(key, { status: problem.status ?? "" });
}

/**
 * What the server, or somebody between, has said; where nobody has, it was not reached.
 * @param {unknown} error
 * @returns {string}
 */
export function explainError(error) {
    const { body } = /** @type {{body?: import("../model/types.js").Problem}} */ (error);
    return explain(body ?? { code: "unreachable" });
}

/** @param {string} code @param {number | string | undefined} value */
function quantity(code, value) {
    if (typeof value !== "number") return String(value ?? "");
    if (IN_BYTES.has(code)) return words.bytes(value);
    if (IN_PIXELS.has(code)) return words.t("unit.megapixels", { n: words.number(value / 1e6, 1) });
    return words.number(value);
}
