// @ts-check
/**
 * The ways to follow a batch that can be compared. HTTP/1.1 gives a browser six connections to a
 * server: at most two are held by lanes, two carry polls, one an upload, and one is spare. A
 * WebSocket is not counted among the six.
 */

/** @typedef {import("../feed/feed-machine.js").Transport} Transport */
/** @typedef {"polling5" | "polling1" | "adaptive" | "long" | "sse" | "websocket"} WayID */
/** @typedef {{id: WayID, transport: Transport, intervalMs: number, takesTurns: boolean}} Way
 *   `takesTurns`: its questions go through the queue of polls */

/**
 * In the order in which they are shown.
 * @type {readonly Way[]}
 */
export const WAYS = [
    way("polling5", "polling", { intervalMs: 5_000, takesTurns: true }),
    way("sse", "sse"),
    way("websocket", "websocket"),
    way("polling1", "polling", { intervalMs: 1_000, takesTurns: true }),
    way("adaptive", "adaptive", { takesTurns: true }),
    way("long", "long"),
];

/** What a first visit compares. */
export const FIRST = /** @type {const} */ (["polling5", "sse", "websocket"]);

export const POLLS_AT_ONCE = 2;

/**
 * @param {WayID} id @param {Transport} transport
 * @param {{intervalMs?: number, takesTurns?: boolean}} [more]
 * @returns {Way}
 */
function way(id, transport, more) {
    return Object.freeze({ id, transport, intervalMs: 5_000, takesTurns: false, ...more });
}

/** @param {unknown} id @returns {Way | undefined} */
export const wayOf = (id) => WAYS.find((one) => one.id === id);
