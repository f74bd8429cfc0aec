// @ts-check
/** What each fault of a run cost each lane: worked out from the record alone. */

/** @typedef {import("./record.js").RunRecord} RunRecord */
/** @typedef {{number: number, kind: string, from: number, to: number, nextAt: number | null,
 *             wholeAt: (number | null)[]}} Recovery
 *   by the page's clock, in milliseconds of the run; `nextAt`: when the next event was committed; `wholeAt`: of each lane, null where it was not
 *   whole again in this run */

/** @param {RunRecord} record @returns {Recovery[]} in the order of the faults */
export function recoveriesOf({ faults, events, lanes, clock }) {
    const offset = clock?.offsetMs ?? 0;
    return faults.map(({ kind, from, to }, index) => {
        const fresh = events.filter(([, at]) => at >= to);
        const first = fresh.length > 0 ? Math.min(...fresh.map(([seq]) => seq)) : null;
        const next = fresh.find(([seq]) => seq === first);
        return {
            number: index + 1,
            kind,
            from: from - offset,
            to: to - offset,
            nextAt: next ? next[1] - offset : null,
            wholeAt: lanes.map((lane) => (first === null ? null : wholeAt(lane, events, first))),
        };
    });
}

/**
 * When a lane had heard of that event and of all before it.
 * @param {import("./record.js").LaneRecord} lane @param {RunRecord["events"]} events
 * @param {number} first
 * @returns {number | null}
 */
function wholeAt({ arrivals }, events, first) {
    const heard = new Map(arrivals);
    const times = events.filter(([seq]) => seq <= first).map(([seq]) => heard.get(seq));
    if (times.length === 0 || times.includes(undefined)) return null;
    return Math.max(.../** @type {number[]} */ (times));
}
