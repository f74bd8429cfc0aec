// @ts-check
/**
 * What is left of a run: plain numbers, to show, compare, keep and send. It names no batch, no photo
 * and no address. Whatever is read from a file is checked member by member before it is believed.
 */

import { KINDS } from "./faults.js";
import { wayOf } from "./ways.js";

/** @typedef {import("./arithmetic.js").Offset} Offset */
/** @typedef {import("./wire.js").Request} Request */
/** @typedef {import("./wire.js").Bytes} Bytes */
/** @typedef {{id: string, arrivals: [seq: number, at: number][], repeated: number,
 *             reconnects: number, compressed: boolean, requests: Request[], bytes: Bytes[]}} LaneRecord */
/** @typedef {{kind: string, from: number, to: number}} FaultRecord by the server's clock */
/** @typedef {{format: string, version: number, at: string, browser: string, protocol: string,
 *             set: "own" | "photos", photos: number, endedAt: number, end: string,
 *             isChecked: boolean, clock: Offset | null,
 *             events: [seq: number, at: number, type: string][], lanes: LaneRecord[],
 *             marks: import("./marks.js").Mark[], faults: FaultRecord[]}} RunRecord
 *   all times in milliseconds of the run, those of `events` by the server's clock */

export const FORMAT = "revela-lab-run";
export const VERSION = 1;
/** No run of this page comes near: a larger file is none. */
const MOST = 200_000;

/** @param {number} value to the hundredth of a millisecond, as fine as any browser's clock */
const rounded = (value) => Math.round(value * 100) / 100;

/** @param {import("./run.js").Run} run @returns {RunRecord} */
export function recordOf(run) {
    const events = [...run.events.values()].sort((a, b) => a.seq - b.seq);
    return {
        format: FORMAT,
        version: VERSION,
        at: new Date(run.startedAtEpoch).toISOString(),
        browser: navigator.userAgent,
        protocol: protocolOf(),
        set: run.photos ? "photos" : "own",
        photos: run.total,
        endedAt: rounded(run.endedAt ?? run.now()),
        end: run.end ?? "running",
        isChecked: run.isChecked,
        clock: run.clocks.offset,
        events: events.map(({ seq, at, type }) => [seq, at, type]),
        lanes: run.lanes.map((lane) => ({
            id: lane.way.id,
            arrivals: lane.arrivals.map(([seq, at]) => [seq, rounded(at)]),
            repeated: lane.ledger.repeated,
            reconnects: lane.reconnects,
            compressed: lane.wire.compressed,
            requests: lane.wire.requests.map((request) => ({ ...request })),
            bytes: lane.wire.bytes.map(([at, ...sizes]) => [rounded(at), ...sizes]),
        })),
        marks: run.marks.all.map((mark) => ({ ...mark })),
        faults: run.faults.all.map((fault) => ({ ...fault })),
    };
}

/** The HTTP that reached this page: a proxy's, perhaps. */
export function protocolOf() {
    const entries = /** @type {PerformanceResourceTiming[]} */ (
        performance.getEntriesByType("resource")
    );
    const known = entries.filter(({ nextHopProtocol }) => nextHopProtocol);
    return known.at(-1)?.nextHopProtocol ?? "";
}

const isNumber = (/** @type {unknown} */ value) =>
    typeof value === "number" && Number.isFinite(value);
const isNumberOrNull = (/** @type {unknown} */ value) => value === null || isNumber(value);
const isText = (/** @type {unknown} */ value) => typeof value === "string" && value.length < 1_000;

/** @param {unknown} value @param {(item: any) => boolean} isRight */
const isList = (value, isRight) =>
    Array.isArray(value) && value.length <= MOST && value.every(isRight);

/** @param {any} item @param {number} length */
const isNumbers = (item, length) =>
    Array.isArray(item) && item.length === length && item.every(isNumber);

/** @param {any} request */
const isRequest = (request) =>
    isNumber(request?.at) &&
    isNumberOrNull(request.endedAt) &&
    isNumberOrNull(request.status) &&
    isNumber(request.turnMs) &&
    isNumberOrNull(request.waitedMs);

/** @param {any} lane */
const isLane = (lane) =>
    wayOf(lane?.id) !== undefined &&
    isList(lane.arrivals, (item) => isNumbers(item, 2)) &&
    isNumber(lane.repeated) &&
    isNumber(lane.reconnects) &&
    typeof lane.compressed === "boolean" &&
    isList(lane.requests, isRequest) &&
    isList(lane.bytes, (item) => isNumbers(item, 5));

/** @param {any} clock */
const isClock = (clock) =>
    clock === null ||
    (isNumber(clock?.offsetMs) &&
        isNumber(clock.uncertaintyMs) &&
        isNumber(clock.samples) &&
        typeof clock.moved === "boolean");

/** @param {any} item */
const isEvent = (item) =>
    Array.isArray(item) &&
    item.length === 3 &&
    isNumbers(item.slice(0, 2), 2) &&
    /^[\w.-]{1,64}$/.test(item[2]);

/** @param {any} mark */
const isMark = (mark) =>
    ["hidden", "offline"].includes(mark?.kind) && isNumber(mark.from) && isNumberOrNull(mark.to);

/** @param {any} fault */
const isFault = (fault) =>
    KINDS.includes(fault?.kind) && isNumber(fault.from) && isNumber(fault.to);

/**
 * @param {string} text of a file
 * @returns {RunRecord | null} null where it is no run, or one of a version that is not known here
 */
export function readRecord(text) {
    /** @type {any} */
    let value;
    try {
        value = JSON.parse(text);
    } catch {
        return null;
    }
    const isRun =
        value?.format === FORMAT &&
        value.version === VERSION &&
        isText(value.at) &&
        Number.isFinite(Date.parse(value.at)) &&
        [value.browser, value.protocol, value.end].every(isText) &&
        ["own", "photos"].includes(value.set) &&
        isNumber(value.photos) &&
        isNumber(value.endedAt) &&
        typeof value.isChecked === "boolean" &&
        isClock(value.clock) &&
        isList(value.events, isEvent) &&
        isList(value.lanes, isLane) &&
        value.lanes.length > 0 &&
        isList(value.marks, isMark) &&
        isList(value.faults ?? [], isFault);
    // Runs from before there were faults have none.
    return isRun ? { ...value, faults: value.faults ?? [] } : null;
}
