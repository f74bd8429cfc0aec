// @ts-check
/** When a batch ends: how late that may be, and when its keeper is told of it again. */

export const DAY_MS = 86_400_000;

/** @typedef {{createdAt?: string, expiresAt?: string}} Times */

/** @param {Times} batch @param {number} now whether its last day has begun */
export const endsSoon = ({ expiresAt }, now) =>
    expiresAt !== undefined && Date.parse(expiresAt) - now <= DAY_MS;

/**
 * @param {Times} batch
 * @param {number} [keepDays] for so many a batch is kept here; for ever without
 * @returns {number | undefined} the latest end that may be chosen; undefined where any may
 */
export function latestEnd({ createdAt, expiresAt }, keepDays) {
    // One that had no end before there was a limit may be given any.
    if (keepDays === undefined || !createdAt || !expiresAt) return undefined;
    return Math.max(Date.parse(createdAt) + keepDays * DAY_MS, Date.parse(expiresAt));
}

/** @param {number} time @returns {string} its day where the reader is, as a date field has it */
export function dayOf(time) {
    const date = new Date(time);
    const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
    return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/**
 * @param {string} day
 * @param {number} [latest]
 * @returns {string} the end of that day where the reader is, never later than `latest`
 */
export function endOfDay(day, latest = Number.POSITIVE_INFINITY) {
    return new Date(Math.min(Date.parse(`${day}T23:59:59`), latest)).toISOString();
}
