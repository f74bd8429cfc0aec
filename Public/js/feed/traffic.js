// @ts-check
/**
 * What went over the wire for the feed in the last minute, as the transports noted it: when each
 * request was open, when each message came, how many bytes, and how old each event was by then.
 *
 * Bytes are those received: heads of answers, bodies and frames, as HTTP/1.1 and RFC 6455 write
 * them. Of what is sent, a page does not know the heads.
 */

/** @typedef {import("./feed-machine.js").Message} Message */
/** @typedef {import("./feed-machine.js").Transport} Transport */
/** @typedef {{did: "ask"}
 *         | {did: "receive", bytes: number}
 *         | {did: "hear", message: {type: string, at?: string, event?: any}}
 *         | {did: "say"}
 *         | {did: "finish", at?: string}
 *         | {did: "pause", ms: number}
 *         | {did: "end"}} Fact `finish`: the answer is whole; `at`: the server's clock, RFC 3339 */
/** @typedef {"news" | "live" | "none" | "said"} Kind `none`: a message without news */
/** @typedef {{at: number, kind: Kind}} Mark one message */
/** @typedef {{gen: number, transport: Transport, from: number, to: number | null}} Span one request */
/** @typedef {{requests: number, open: number, messages: number, bytes: number,
 *             delayMs: number | null}} Sums `delayMs`: the median of the transport that asked last,
 *   null where it is not known */
/** @typedef {{at: number, made: number, transport: Transport, openedAt: number}} Heard an event */

export const KEPT_MS = 60_000;
/** Time goes by unevenly: nothing is dropped in sight of the reader. */
const SPARE_MS = 2_000;

/** @type {Record<string, Kind>} */
const KINDS = { change: "news", reset: "news", live: "live" };

export class Traffic {
    /** @type {Mark[]} */ marks = [];
    /** @type {Span[]} */ spans = [];
    /**
     * Between two questions.
     * @type {{gen: number, from: number, to: number} | null}
     */
    pause = null;
    /** @type {{at: number, bytes: number}[]} */ #received = [];
    /** @type {Heard[]} */ #heard = [];
    /**
     * When each connection first asked.
     * @type {Map<number, number>}
     */
    #opened = new Map();
    #skew = new Skew();
    #last = 0;

    /** @param {{now(): number}} clock @param {(mark: Mark) => void} [onMark] */
    constructor(clock, onMark = () => {}) {
        this.clock = clock;
        this.onMark = onMark;
    }

    /** @param {number} gen of the connection @param {Transport} transport @param {Fact} fact */
    note(gen, transport, fact) {
        const now = this.clock.now();
        this.#forget(now);
        switch (fact.did) {
            case "ask":
                this.pause = null;
                if (!this.#opened.has(gen)) this.#opened.set(gen, now);
                return void this.spans.push({ gen, transport, from: now, to: null });
            case "receive":
                return void this.#received.push({ at: now, bytes: fact.bytes });
            case "hear":
                return this.#hear({ gen, transport, at: now }, fact.message);
            case "say":
                return this.#mark("said", now);
            case "finish":
                this.#compare(gen, fact.at, now);
                return this.#close(gen, now);
            case "pause":
                this.pause = { gen, from: now, to: now + fact.ms };
                return;
            case "end":
                return this.#end(gen, now);
        }
    }

    /** @param {number} [lastMs] of the time before now @returns {Sums} */
    sums(lastMs = KEPT_MS) {
        const now = this.clock.now();
        this.#forget(now);
        const isRecent = (/** @type {{at: number}} */ { at }) => at >= now - lastMs;
        const transport = this.spans.at(-1)?.transport;
        const heard = this.#heard.filter((one) => isRecent(one) && one.transport === transport);
        const delays = heard.flatMap((one) => this.#skew.delay(one) ?? []);
        return {
            requests: this.spans.filter(({ from }) => from >= now - lastMs).length,
            open: this.spans.filter(({ to }) => to === null).length,
            messages: this.marks.filter((mark) => mark.kind !== "said" && isRecent(mark)).length,
            bytes: this.#received.filter(isRecent).reduce((sum, { bytes }) => sum + bytes, 0),
            delayMs: medianOf(delays),
        };
    }

    /**
     * @param {{gen: number, transport: Transport, at: number}} by
     * @param {{type: string, at?: string, event?: any}} message
     */
    #hear({ gen, transport, at: now }, { type, at, event }) {
        this.#compare(gen, at, now);
        // What one connection repeats of another was heard before.
        if (type === "change" && event.seq > this.#last) {
            this.#last = event.seq;
            const made = Date.parse(event.at);
            const openedAt = this.#opened.get(gen) ?? now;
            this.#heard.push({ at: now, made, transport, openedAt });
            this.#skew.heard(made, now);
        }
        if (type === "reset") this.#last = 0;
        this.#mark(KINDS[type] ?? "none", now);
    }

    /** @param {Kind} kind @param {number} now */
    #mark(kind, now) {
        const mark = { at: now, kind };
        this.marks.push(mark);
        this.onMark(mark);
    }

    /** @param {number} gen @param {string | undefined} at @param {number} now */
    #compare(gen, at, now) {
        const span = this.spans.filter((one) => one.gen === gen).at(-1);
        if (at && span) this.#skew.told(Date.parse(at), span.from, now);
    }

    /** @param {number} gen @param {number} now */
    #end(gen, now) {
        this.#close(gen, now);
        this.#opened.delete(gen);
        if (this.pause?.gen === gen) this.pause = null;
    }

    /** @param {number} gen @param {number} now */
    #close(gen, now) {
        for (const span of this.spans) if (span.gen === gen) span.to ??= now;
    }

    /** @param {number} now */
    #forget(now) {
        const limit = now - KEPT_MS - SPARE_MS;
        const isKept = (/** @type {{at: number}} */ { at }) => at >= limit;
        if (this.marks[0]?.at < limit) this.marks = this.marks.filter(isKept);
        if (this.#received[0]?.at < limit) this.#received = this.#received.filter(isKept);
        if (this.#heard[0]?.at < limit) this.#heard = this.#heard.filter(isKept);
        this.spans = this.spans.filter(({ to }) => to === null || to >= limit);
    }
}

/**
 * How far the server's clock is ahead of ours. What we heard of was made before; what the server
 * told it told after we asked. Between the two bounds it lies, and each message may narrow them.
 */
class Skew {
    #least = -Infinity;
    #most = Infinity;

    /** @param {number} made by the server's clock @param {number} now by ours */
    heard(made, now) {
        this.#least = Math.max(this.#least, made - now);
        // A clock was set.
        if (this.#least > this.#most) this.#most = Infinity;
    }

    /** @param {number} told by the server's clock @param {number} asked by ours @param {number} now */
    told(told, asked, now) {
        this.#most = Math.min(this.#most, told - asked);
        if (this.#least > this.#most) this.#least = -Infinity;
        this.heard(told, now);
    }

    /**
     * What was made before the connection was opened says nothing of it.
     * @param {Heard} event
     * @returns {number | null} milliseconds
     */
    delay({ at, made, openedAt }) {
        if (this.#most === Infinity) return null;
        const here = made - (this.#least + this.#most) / 2;
        return here < openedAt ? null : Math.max(0, at - here);
    }
}

/** @param {number[]} values @returns {number | null} */
export function medianOf(values) {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    if (sorted.length === 0) return null;
    return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
