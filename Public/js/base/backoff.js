// @ts-check
/** How long to wait before trying again: full jitter from zero, never sooner than was asked for. */

const BASE_MS = 500;
const CAP_MS = 30_000;

/**
 * @param {number} attempt from 0 @param {number} random 0…1
 * @param {number} [retryAfterMs] as the server asked
 * @returns {number} milliseconds
 */
export function backoff(attempt, random, retryAfterMs = 0) {
    return retryAfterMs + random * Math.min(CAP_MS, BASE_MS * 2 ** attempt);
}
