// @ts-check
/**
 * A page's port to the shared worker. A worker that cannot be made, or does not answer, is done
 * without from then on; one that is slow to start is waited for once, and used when it is there.
 */

/** @typedef {import("../feed.js").Opening} Opening */
/** @typedef {import("../feed-machine.js").Transport} Transport */
/** @typedef {import("../transports/inbox.js").Inbox<any>} Inbox */
/** @typedef {{close(): void, taken(): void}} Place */
/** @typedef {{inbox: Inbox, opened: () => void, offer: () => void}} Guest */

const START_MS = 2_500;
const ANSWER_MS = 1_500;
/** A page that was frozen finds its timers due before the messages that wait for it. */
const GRACE_MS = 300;
const REPLY_MS = 12_000;
/** In the name, so that a page of a newer version never speaks to an older one's worker. */
const PROTOCOL = 1;

function makeWorker() {
    const options = /** @type {const} */ ({ type: "module", name: `revela-feed-${PROTOCOL}` });
    return new SharedWorker(new URL("../feed-worker.js", import.meta.url), options);
}

export class Exchange {
    /** Whether the worker was given up. */
    isAlone = false;
    #isLate = false;
    /** @type {MessagePort | null} */ #live = null;
    /** @type {Promise<MessagePort | null> | null} */ #port = null;
    /** @type {Map<number, Guest>} */ #guests = new Map();
    /** @type {Map<number, {resolve(reply: any): void, reject(error: Error): void}>} */
    #questions = new Map();
    #last = 0;

    /** @param {() => SharedWorker} [make] */
    constructor(make = makeWorker) {
        this.make = make;
    }

    /**
     * @param {Transport} transport @param {Opening} opening @param {Inbox} inbox
     * @returns {Promise<Place | null>} null where the page must open it by itself
     */
    async open(transport, { url, after, settings, clock, offer }, inbox) {
        const port = await this.#connect(clock);
        if (!port) return null;
        this.#last += 1;
        const id = this.#last;
        const answered = new Promise((resolve) => {
            const ask = (/** @type {object} */ command) => this.#ask(port, id, command, clock);
            const due = this.#within(ANSWER_MS, clock, () => this.#giveUp());
            const opened = () => {
                due();
                resolve(true);
            };
            this.#guests.set(id, { inbox, opened, offer: () => offer(ask) });
        });
        const { intervalMs } = settings();
        port.postMessage({ open: { id, url, transport, after, intervalMs } });
        await answered;
        if (this.isAlone) return null;
        return {
            close: () => {
                if (this.#guests.delete(id)) port.postMessage({ close: id });
            },
            taken: () => port.postMessage({ taken: id }),
        };
    }

    /**
     * The page goes away, perhaps to come back: with a port of its own then. The old one is not
     * closed, which would take the last word back.
     */
    leave() {
        this.#live?.postMessage({ bye: true });
        this.#live = null;
        this.#port = null;
        this.#isLate = false;
        for (const { inbox, opened } of this.#guests.values()) {
            opened();
            inbox.end(null);
        }
        this.#guests.clear();
    }

    /** @param {boolean} hidden */
    hide(hidden) {
        this.#live?.postMessage({ hidden });
    }

    /** Whether the worker is there, for all that open a connection from now on. */
    get isThere() {
        return this.#live !== null;
    }

    /** @param {import("../feed.js").Clock} clock @returns {Promise<MessagePort | null>} */
    #connect(clock) {
        if (this.#live) return Promise.resolve(this.#live);
        if (this.isAlone || this.#isLate) return Promise.resolve(null);
        this.#port ??= this.#start(clock);
        return this.#port;
    }

    /** @param {import("../feed.js").Clock} clock @returns {Promise<MessagePort | null>} */
    #start(clock) {
        return new Promise((resolve) => {
            const none = () => {
                this.#giveUp();
                resolve(null);
            };
            const late = () => {
                this.#isLate = true;
                resolve(null);
            };
            try {
                const worker = this.make();
                worker.addEventListener("error", none);
                const { port } = worker;
                const started = this.#within(START_MS, clock, late);
                port.addEventListener("message", ({ data }) => {
                    if (!data.ready) return this.#hear(data);
                    started();
                    this.#live = port;
                    const isHidden = typeof document !== "undefined" && document.hidden;
                    port.postMessage({ hidden: isHidden });
                    resolve(port);
                });
                port.start();
            } catch {
                none();
            }
        });
    }

    /**
     * @param {number} ms @param {import("../feed.js").Clock} clock @param {() => void} otherwise
     * @returns {() => void} to be called in time
     */
    #within(ms, clock, otherwise) {
        let timer = clock.set(() => {
            timer = clock.set(otherwise, GRACE_MS);
        }, ms);
        return () => clock.clear(timer);
    }

    /** From now on by itself. */
    #giveUp() {
        this.isAlone = true;
        this.#live = null;
        this.#port = null;
        for (const { inbox, opened } of this.#guests.values()) {
            opened();
            inbox.end({});
        }
        this.#guests.clear();
    }

    /** @param {any} data */
    #hear(data) {
        if (data.answer) return this.#settle(data);
        const guest = this.#guests.get(data.id);
        if (!guest) return;
        if (data.opened) guest.opened();
        if (data.offers) guest.offer();
        if (data.message) guest.inbox.push(data.message);
        if (data.end) guest.inbox.end(data.why);
    }

    /**
     * @param {MessagePort} port @param {number} id @param {object} command
     * @param {import("../feed.js").Clock} clock
     * @returns {Promise<any>}
     */
    #ask(port, id, command, clock) {
        this.#last += 1;
        const number = this.#last;
        return new Promise((resolve, reject) => {
            this.#questions.set(number, { resolve, reject });
            clock.set(() => this.#settle({ answer: number, failed: true }), REPLY_MS);
            port.postMessage({ ask: command, id, number });
        });
    }

    /** @param {{answer: number, reply?: any, failed?: boolean}} answer */
    #settle({ answer, reply, failed }) {
        const question = this.#questions.get(answer);
        this.#questions.delete(answer);
        if (failed) question?.reject(new Error("no reply"));
        else question?.resolve(reply);
    }
}
