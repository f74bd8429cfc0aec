// @ts-check
/** One opening of one transport, as the feed machine keeps it. */

/** @typedef {import("./feed-machine.js").Transport} Transport */

const SILENT_HEARTBEATS = 2.5;
const FIRST_HEARTBEAT_MS = 15_000;

export class Connection {
    heartbeatMs = FIRST_HEARTBEAT_MS;
    promotedAt = 0;

    /**
     * @param {object} opening
     * @param {number} opening.gen its generation: what closed ones still say is dropped
     * @param {Transport} opening.transport
     * @param {number | null} opening.seen the last event it sent, or was opened after
     * @param {number} opening.now
     * @param {boolean} opening.climbing whether it is only an attempt at something better
     */
    constructor({ gen, transport, seen, now, climbing }) {
        this.gen = gen;
        this.transport = transport;
        this.seen = seen;
        this.heardAt = now;
        this.climbing = climbing;
    }

    /** When its silence says that it is dead. */
    get silentAt() {
        return this.heardAt + this.heartbeatMs * SILENT_HEARTBEATS;
    }

    /** @param {number} now */
    isSilent(now) {
        return now >= this.silentAt;
    }
}
