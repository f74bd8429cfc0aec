// @ts-check
/** Why a transport stopped, in the terms the feed decides by. */

export class FeedError extends Error {
    /** @param {string} message @param {{retryAfterMs?: number, gone?: boolean}} [why] */
    constructor(message, why = {}) {
        const { retryAfterMs, gone = false } = why;
        super(message);
        this.name = "FeedError";
        this.retryAfterMs = retryAfterMs;
        this.gone = gone;
    }

    /** @param {Response} answer one that is not a success */
    static from(answer) {
        const gone = answer.status === 404 || answer.status === 410;
        const retryAfterMs = retryAfter(answer.headers.get("Retry-After"));
        return new FeedError(`the events answered ${answer.status}`, { gone, retryAfterMs });
    }
}

/**
 * `Retry-After` (RFC 9110 §10.2.3), as seconds or as a date.
 * @param {string | null} value
 * @param {number} [now] milliseconds since 1970
 * @returns {number | undefined} milliseconds from now
 */
export function retryAfter(value, now = Date.now()) {
    if (!value) return undefined;
    if (/^\d+$/.test(value.trim())) return Number(value) * 1_000;
    const date = Date.parse(value);
    return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
