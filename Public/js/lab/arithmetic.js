// @ts-check
/** The figures of a run, from plain numbers: percentiles, distributions, and what two clocks say. */

/**
 * Of the values below or at which so great a share lies; the nearest of those that were measured, by
 * the same rule as `scripts/bench`.
 * @param {readonly number[]} sorted the smallest first
 * @param {number} share 0…1
 * @returns {number | null} null where nothing was measured
 */
export function percentile(sorted, share) {
    if (sorted.length === 0) return null;
    const place = Math.floor(share * (sorted.length - 1) + 0.5);
    return sorted[Math.min(sorted.length - 1, place)];
}

/** @param {readonly number[]} values @returns {number[]} */
export const inOrder = (values) => [...values].sort((a, b) => a - b);

/**
 * The empirical distribution: at each value, the share of all that is no greater.
 * @param {readonly number[]} sorted
 * @returns {[value: number, share: number][]} one step for each different value
 */
export function distribution(sorted) {
    /** @type {[number, number][]} */
    const steps = [];
    for (const [index, value] of sorted.entries()) {
        if (value === sorted[index + 1]) continue;
        steps.push([value, (index + 1) / sorted.length]);
    }
    return steps;
}

/** @typedef {{sentAt: number, heardAt: number, serverAt: number}} Sample
 *   in milliseconds: by the page's clock, and by the server's what it said in between */
/** @typedef {{offsetMs: number, uncertaintyMs: number, samples: number, moved: boolean}} Offset
 *   what the server's clock is ahead of the page's, give or take; `moved`: no one offset explains
 *   all samples, so one of the clocks was set or drifts */

/** The server writes whole milliseconds. */
const SERVER_STEP_MS = 1;

/**
 * Each answer bounds the offset: the server looked at its clock after the question left and before
 * the answer came. All bounds together leave the least room; no delay on the way can make it wrong.
 * @param {readonly Sample[]} samples
 * @param {number} [stepMs] of the page's clock
 * @returns {Offset | null}
 */
export function offsetOf(samples, stepMs = 0) {
    if (samples.length === 0) return null;
    const bounds = samples.map(({ sentAt, heardAt, serverAt }) => ({
        low: serverAt - SERVER_STEP_MS - heardAt - stepMs,
        high: serverAt + SERVER_STEP_MS - sentAt + stepMs,
    }));
    const low = Math.max(...bounds.map((one) => one.low));
    const high = Math.min(...bounds.map((one) => one.high));
    const moved = low > high;
    return {
        offsetMs: (low + high) / 2,
        uncertaintyMs: Math.abs(high - low) / 2,
        samples: samples.length,
        moved,
    };
}

/**
 * How late polling would have told these events, averaged over every moment at which it could have
 * begun: each event waits for the next question.
 * @param {readonly number[]} times of the events, in milliseconds
 * @param {number} intervalMs
 * @param {number} [phases]
 * @returns {number[]} sorted
 */
export function pollingDelays(times, intervalMs, phases = 20) {
    const delays = [];
    for (let phase = 0; phase < phases; phase += 1) {
        const first = (phase / phases) * intervalMs;
        for (const time of times) {
            const since = (((time - first) % intervalMs) + intervalMs) % intervalMs;
            delays.push(since === 0 ? 0 : intervalMs - since);
        }
    }
    return inOrder(delays);
}

/**
 * Round numbers for an axis from zero.
 * @param {number} end
 * @param {number} wanted about so many
 * @param {number} base of the units that the numbers are told in: 1,024 for bytes
 * @returns {number[]}
 */
export function ticks(end, wanted, base = 10) {
    if (!(end > 0)) return [0];
    if (base !== 10) {
        const unit = base ** Math.max(0, Math.floor(Math.log(end) / Math.log(base)));
        return ticks(end / unit, wanted).map((one) => one * unit);
    }
    const rough = end / wanted;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? rough;
    const count = Math.floor(end / step + 1e-9);
    return Array.from({ length: count + 1 }, (_, index) => index * step);
}
