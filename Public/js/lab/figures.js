// @ts-check
/** Every figure that is shown of a run, worked out from its record alone: a file shows the same. */

import { recoveriesOf } from "./recovery.js";
import { distribution, inOrder, percentile } from "./arithmetic.js";

/** @typedef {import("./record.js").RunRecord} RunRecord */
/** @typedef {import("./record.js").LaneRecord} LaneRecord */
/** @typedef {{up: {head: number, payload: number}, down: {head: number, payload: number},
 *             all: number}} Traffic */
/** @typedef {{id: string, events: number, lost: number, unheard: number, repeated: number,
 *             reconnects: number, delays: number[], steps: [number, number][],
 *             p50: number | null, p95: number | null, p99: number | null, max: number | null,
 *             requests: number, answered: number, traffic: Traffic, waitedMs: number | null,
 *             turnMs: number, minutes: number}} Figures
 *   `lost`: never told, though there; `unheard`: not told yet when the run was stopped;
 *   `waitedMs`: the longest that a request waited in the browser; `turnMs`: in the lab's queue */

/**
 * When each event was committed, by the page's clock.
 * @param {RunRecord} record @returns {Map<number, number>} milliseconds of the run by number
 */
export function committed({ events, clock }) {
    const offset = clock?.offsetMs ?? 0;
    return new Map(events.map(([seq, at]) => [seq, at - offset]));
}

/** @param {RunRecord} record @returns {Figures[]} */
export function figuresOf(record) {
    const commits = committed(record);
    return record.lanes.map((lane) => figuresOfLane(lane, record, commits));
}

/** @param {LaneRecord} lane @param {RunRecord} record @param {Map<number, number>} commits @returns {Figures} */
function figuresOfLane(lane, record, commits) {
    const heard = new Set(lane.arrivals.map(([seq]) => seq));
    const last = Math.max(0, ...heard);
    const missing = record.events.filter(([seq]) => !heard.has(seq));
    const isOver = record.end === "patience" || record.end === "settled";
    const gaps = isOver ? missing.length : missing.filter(([seq]) => seq < last).length;
    const delays = delaysOf(lane, commits);
    const waits = lane.requests.flatMap(({ waitedMs }) => (waitedMs === null ? [] : [waitedMs]));
    return {
        id: lane.id,
        events: heard.size,
        lost: gaps,
        unheard: missing.length - gaps,
        repeated: lane.repeated,
        reconnects: lane.reconnects,
        delays,
        steps: distribution(delays),
        p50: percentile(delays, 0.5),
        p95: percentile(delays, 0.95),
        p99: percentile(delays, 0.99),
        max: delays.at(-1) ?? null,
        requests: lane.requests.length,
        answered: lane.requests.filter(({ status }) => status !== null).length,
        traffic: trafficOf(lane),
        waitedMs: waits.length > 0 ? Math.max(...waits) : null,
        turnMs: Math.max(0, ...lane.requests.map(({ turnMs }) => turnMs)),
        minutes: record.endedAt / 60_000,
    };
}

/** @param {LaneRecord} lane @param {Map<number, number>} commits @returns {number[]} sorted */
function delaysOf(lane, commits) {
    return inOrder(
        lane.arrivals.flatMap(([seq, at]) => {
            const from = commits.get(seq);
            return from === undefined ? [] : [at - from];
        }),
    );
}

/** @param {LaneRecord} lane @returns {Traffic} */
function trafficOf(lane) {
    const sum = [0, 0, 0, 0];
    for (const [, ...sizes] of lane.bytes) {
        for (const [index, size] of sizes.entries()) sum[index] += size;
    }
    const [headUp, payloadUp, headDown, payloadDown] = sum;
    return {
        up: { head: headUp, payload: payloadUp },
        down: { head: headDown, payload: payloadDown },
        all: headUp + payloadUp + headDown + payloadDown,
    };
}

/**
 * The shortest delay that the clocks allow to be told apart from none.
 * @param {RunRecord} record
 */
export const certainFrom = ({ clock }) => clock?.uncertaintyMs ?? Number.POSITIVE_INFINITY;

/**
 * The run as comma-separated values: a line an event and lane, and a line a fault and lane: when the
 * fault was over, and when the lane was whole again.
 * @param {RunRecord} record
 */
export function csvOf(record) {
    const commits = committed(record);
    const types = new Map(record.events.map(([seq, , type]) => [seq, type]));
    const lines = ["lane,seq,type,committed_ms,arrived_ms,delay_ms"];
    for (const { id, arrivals } of record.lanes) {
        for (const [seq, at] of arrivals) {
            const from = commits.get(seq);
            const known = from === undefined ? ["", ""] : [from.toFixed(2), (at - from).toFixed(2)];
            const type = types.get(seq) ?? "";
            lines.push([id, seq, type, known[0], at.toFixed(2), known[1]].join(","));
        }
    }
    for (const { kind, to, wholeAt } of recoveriesOf(record)) {
        for (const [index, at] of wholeAt.entries()) {
            const whole = at === null ? ["", ""] : [at.toFixed(2), (at - to).toFixed(2)];
            lines.push(
                [record.lanes[index].id, "", `fault.${kind}`, to.toFixed(2), ...whole].join(","),
            );
        }
    }
    return `${lines.join("\r\n")}\r\n`;
}
