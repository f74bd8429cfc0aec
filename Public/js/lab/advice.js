// @ts-check
/** What a run says to somebody who must choose: worked out here, put into words elsewhere. */

import { inOrder, percentile, pollingDelays } from "./arithmetic.js";
import { committed, figuresOf } from "./figures.js";

/** @typedef {import("./record.js").RunRecord} RunRecord */
/** @typedef {import("./figures.js").Figures} Figures */
/** @typedef {{id: string, why: string, lane: Figures}} Advice `why`: the end of a key of words */
/** @typedef {{p50: number, max: number, requestsAMinute: number, isMeasured: boolean}} Polling */
/** @typedef {{id: string, requestsASecond: number, bytesASecond: number}} Crowd */

/** What a person does not notice, in milliseconds (Nielsen, 1993). */
const UNNOTICED_MS = 100;
const STEADY = 3;
const PREFERRED = ["long", "adaptive", "polling1", "polling5"];
const POLLING_MS = 5_000;

/**
 * @param {RunRecord} record
 * @returns {Advice | null} null where too little was measured to say anything
 */
export function adviceOf(record) {
    const whole = figuresOf(record).filter(
        ({ lost, repeated, events, reconnects }) =>
            events > 0 && lost + repeated === 0 && reconnects < STEADY,
    );
    const of = (/** @type {string} */ id) => whole.find((lane) => lane.id === id);
    const advise = (/** @type {Figures | undefined} */ lane, /** @type {string} */ why) =>
        lane ? { id: lane.id, why, lane } : null;
    const [sse, websocket] = [of("sse"), of("websocket")];
    const quickest = Math.min(...whole.map(({ p95 }) => p95 ?? Number.POSITIVE_INFINITY));
    const isQuick = (/** @type {Figures | undefined} */ lane) =>
        lane !== undefined && (lane.p95 ?? Infinity) <= Math.max(UNNOTICED_MS, 2 * quickest);
    if (isQuick(sse)) return advise(sse, websocket ? "sse" : "sse-alone");
    if (isQuick(websocket)) return advise(websocket, sse ? "websocket" : "websocket-alone");
    const best = PREFERRED.map(of).find((lane) => lane !== undefined);
    const isHeldBack = record.lanes.some(({ id }) => isLasting(id));
    return advise(best ?? sse ?? websocket, isHeldBack ? "held-back" : "polled");
}

/**
 * What asking every five seconds was, or would have been, for the same events.
 * @param {RunRecord} record @returns {Polling | null}
 */
export function pollingOf(record) {
    const requestsAMinute = 60_000 / POLLING_MS;
    const lane = figuresOf(record).find(({ id }) => id === "polling5");
    if (lane && lane.p50 !== null && lane.max !== null) {
        return { p50: lane.p50, max: lane.max, requestsAMinute, isMeasured: true };
    }
    const delays = pollingDelays(inOrder([...committed(record).values()]), POLLING_MS);
    const [p50, max] = [percentile(delays, 0.5), percentile(delays, 1)];
    return p50 === null || max === null ? null : { p50, max, requestsAMinute, isMeasured: false };
}

/**
 * Whether a way's one request lasts as long as its reader stays: more time makes no more of them.
 * @param {string} id
 */
export const isLasting = (id) => id === "sse" || id === "websocket";

/**
 * What so many readers of this run would have asked of the server, each way.
 * @param {RunRecord} record @param {number} readers @returns {Crowd[]}
 */
export function crowdOf(record, readers) {
    const seconds = record.endedAt / 1_000;
    return figuresOf(record).map(({ id, requests, traffic }) => ({
        id,
        requestsASecond: (readers * requests) / seconds,
        bytesASecond: (readers * traffic.all) / seconds,
    }));
}
