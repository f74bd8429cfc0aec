import { test } from "node:test";
import assert from "node:assert/strict";
import { Feed } from "../../Public/js/feed.js";
import { Exchange } from "../../Public/js/sharing/exchange.js";
import { shared } from "../../Public/js/sharing/shared.js";
import { Switchboard } from "../../Public/js/sharing/switchboard.js";
import { HeldClock, settle } from "./held-clock.js";
import { Wire } from "./wire.js";

const hello = { type: "hello", heartbeatMs: 10_000 };
const change = (seq) => ({
    type: "change",
    cursor: `e.${seq}`,
    event: { seq, type: "image.created", patch: {} },
});
const changes = (from, to) =>
    Array.from({ length: to - from + 1 }, (_, index) => change(from + index));

/** One end of a message port: what is said arrives a turn later, unless the page is frozen. */
class Port {
    frozen = false;
    #queue = [];
    #listener = () => {};

    static pair() {
        const [one, other] = [new Port(), new Port()];
        one.other = other;
        other.other = one;
        return [one, other];
    }

    addEventListener(type, listener) {
        if (type === "message") this.#listener = listener;
    }

    start() {}

    close() {
        this.isClosed = true;
    }

    postMessage(data) {
        if (this.isClosed) return;
        const copy = structuredClone(data);
        queueMicrotask(() => this.other.arrive(copy));
    }

    arrive(data) {
        this.#queue.push(data);
        if (!this.frozen) this.flush();
    }

    flush() {
        while (this.#queue.length > 0) this.#listener({ data: this.#queue.shift() });
    }
}

/** A browser with one shared worker, and as many pages of one batch as are opened. */
class Browser {
    wire = new Wire();
    clock = new HeldClock();
    pages = [];
    worker = new Switchboard({ transports: this.wire.transports, clock: this.clock });

    async open({ cursor = "e.1", choice = "sse", make = (page) => this.plug(page) } = {}) {
        const page = { received: [], clock: new HeldClock() };
        this.pages.push(page);
        page.exchange = new Exchange(() => make(page));
        page.own = new Wire();
        page.feed = new Feed({
            url: "/events",
            cursor,
            choice,
            transports: shared(page.own.transports, page.exchange),
            clock: page.clock,
            random: () => 0,
            settings: () => ({ intervalMs: 5_000 }),
            onMessage: ({ type, event }) => page.received.push(event?.seq ?? type),
            onStatus: () => {},
        });
        page.feed.start();
        await settle();
        return page;
    }

    plug(page) {
        const [inside, outside] = Port.pair();
        inside.addEventListener("message", ({ data }) => this.worker.hear(inside, data));
        page.port = outside;
        queueMicrotask(() => this.worker.plug(inside));
        return { port: outside, addEventListener() {} };
    }

    /** The timers of a frozen page stand still, whatever the time is. */
    async advance(ms) {
        const parts = 10;
        for (let part = 0; part < parts; part += 1) {
            await this.clock.advance(ms / parts);
            for (const { clock, port } of this.pages) {
                if (port?.frozen) clock.sleep(ms / parts);
                else await clock.advance(ms / parts);
            }
        }
    }

    freeze(page) {
        page.port.frozen = true;
    }

    async thaw(page) {
        page.port.frozen = false;
        await page.clock.advance(0);
        page.port.flush();
        page.feed.thaw();
        await settle();
    }

    async close(page) {
        this.pages.splice(this.pages.indexOf(page), 1);
        page.feed.suspend();
        page.exchange.leave();
        await settle();
    }
}

function assertProof({ feed }, last) {
    const { lost, repeated, reordered } = feed.machine.ledger;
    assert.deepEqual({ lost, repeated, reordered }, { lost: 0, repeated: 0, reordered: 0 });
    assert.equal(feed.machine.ledger.last, last);
}

test("three pages of a batch cost one connection, and each sees the whole log", async () => {
    const browser = new Browser();
    const first = await browser.open();
    await browser.wire.last.say(hello, change(2), change(3));
    const second = await browser.open();
    const third = await browser.open({ cursor: "e.3" });
    await browser.wire.last.say(change(4), { type: "live", live: {} });
    assert.deepEqual(browser.wire.names, ["sse@e.1"]);
    assert.deepEqual(first.received, [2, 3, 4, "live"]);
    assert.deepEqual(second.received, [2, 3, 4, "live"]);
    assert.deepEqual(third.received, [4, "live"]);
    for (const page of [first, second, third]) assertProof(page, 4);
});

test("the page that opened the connection closes, and the others never notice", async () => {
    const browser = new Browser();
    const first = await browser.open();
    await browser.wire.last.say(hello, change(2));
    const second = await browser.open({ cursor: "e.2" });
    await browser.close(first);
    await browser.wire.last.say(change(3));
    assert.deepEqual(second.received, [3]);
    assert.equal(browser.wire.alive.length, 1);
    await browser.close(second);
    assert.equal(browser.wire.alive.length, 0);
    assert.equal(browser.worker.lines, 0);
});

test("a newcomer from before the connection's start has it read anew, unseen by the others", async () => {
    const browser = new Browser();
    const ahead = await browser.open({ cursor: "e.5" });
    await browser.wire.last.say(hello, change(6));
    const behind = await browser.open({ cursor: "e.2" });
    assert.deepEqual(browser.wire.names, ["sse@e.5", "sse@e.2"]);
    await browser.wire.connections[0].say(change(7));
    await browser.wire.last.say(hello, ...changes(3, 8));
    assert.deepEqual(ahead.received, [6, 7, 8]);
    assert.deepEqual(behind.received, [3, 4, 5, 6, 7, 8]);
    assert.equal(browser.wire.alive.length, 1);
    for (const page of [ahead, behind]) assertProof(page, 8);
});

test("who asks for the whole document gets it alone", async () => {
    const browser = new Browser();
    const first = await browser.open();
    await browser.wire.last.say(hello, change(2));
    await browser.open({ cursor: null });
    await browser.wire.last.say(hello, { type: "reset", cursor: "e.2", document: {} });
    assert.deepEqual(first.received, [2]);
    assert.equal(first.feed.machine.resets, 0);
});

test("a frozen page does not hold the others up, is let go, and reads on when it wakes", async () => {
    const browser = new Browser();
    const frozen = await browser.open();
    await browser.wire.last.say(hello);
    const awake = await browser.open();
    browser.freeze(frozen);
    await browser.wire.last.say(...changes(2, 700));
    assert.equal(awake.received.length, 699);
    await browser.thaw(frozen);
    await browser.wire.last.say(change(701));
    for (const page of [frozen, awake]) assertProof(page, 701);
    assert.deepEqual(frozen.received, awake.received);
    assert.equal(browser.wire.alive.length, 1);
});

test("a page that is gone without a word is let go after a minute", async () => {
    const browser = new Browser();
    const gone = await browser.open();
    await browser.wire.last.say(hello);
    browser.freeze(gone);
    await browser.wire.last.say(change(2));
    await browser.advance(61_000);
    await browser.wire.last.say({ type: "heartbeat" });
    await settle();
    assert.equal(browser.wire.alive.length, 0);
});

test("a connection that breaks is one connection again, for all of them", async () => {
    const browser = new Browser();
    const pages = [await browser.open(), await browser.open(), await browser.open()];
    await browser.wire.last.say(hello, change(2));
    await browser.wire.last.fail();
    for (const page of pages) assert.equal(page.feed.machine.state, "reconnecting");
    await browser.advance(500);
    assert.deepEqual(browser.wire.names, ["sse@e.1", "sse@e.2"]);
    await browser.wire.last.say(hello, change(3));
    for (const page of pages) assertProof(page, 3);
});

test("a newcomer is not told that all is well on a line that has gone silent", async () => {
    const browser = new Browser();
    const first = await browser.open();
    await browser.wire.last.say(hello, change(2));
    await browser.advance(16_000);
    const second = await browser.open({ cursor: "e.2" });
    assert.equal(second.feed.machine.state, "connecting");
    assert.deepEqual(browser.wire.names, ["sse@e.1", "sse@e.2"]);
    await browser.wire.last.say(hello, change(3));
    assert.equal(browser.wire.alive.length, 1);
    for (const page of [first, second]) assertProof(page, 3);
});

test("when the network is back, the connection is made anew before the old one is let go", async () => {
    const browser = new Browser();
    const page = await browser.open();
    await browser.wire.last.say(hello, change(2));
    browser.worker.networkIsBack();
    assert.equal(browser.wire.alive.length, 2);
    await browser.wire.last.say(hello, change(3));
    assert.equal(browser.wire.alive.length, 1);
    assertProof(page, 3);
});

test("a switch is followed by all, over one new connection", async () => {
    const browser = new Browser();
    const pages = [await browser.open(), await browser.open()];
    await browser.wire.last.say(hello, change(2));
    for (const page of pages) page.feed.choose("websocket");
    await settle();
    await browser.wire.last.say(hello, change(3));
    assert.deepEqual(browser.wire.names, ["sse@e.1", "websocket@e.2"]);
    assert.deepEqual(browser.wire.alive, [browser.wire.last]);
    for (const page of pages) assertProof(page, 3);
});

test("each page asks over the shared socket, and gets its own answer", async () => {
    const browser = new Browser();
    const pages = [await browser.open({ choice: "websocket" })];
    browser.wire.last.offer(async (command) => ({ reply: 1, ...command }));
    await browser.wire.last.say(hello);
    pages.push(await browser.open({ choice: "websocket" }));
    const replies = pages.map(({ feed }, index) => feed.request?.({ info: `i_${index}` }));
    assert.deepEqual(await Promise.all(replies), [
        { reply: 1, info: "i_0" },
        { reply: 1, info: "i_1" },
    ]);
});

const silent = () => ({ port: Port.pair()[1], addEventListener() {} });
const missing = () => {
    throw new ReferenceError("SharedWorker is not defined");
};
const broken = () => ({
    port: Port.pair()[1],
    addEventListener: (type, tell) => type === "error" && queueMicrotask(tell),
});

for (const [how, make] of Object.entries({ missing, broken, silent })) {
    test(`with a ${how} shared worker the page opens its own connection`, async () => {
        const browser = new Browser();
        const page = await browser.open({ make });
        await browser.advance(3_000);
        assert.deepEqual(page.own.names, ["sse@e.1"]);
        await page.own.last.say(hello, change(2));
        assertProof(page, 2);
        page.feed.choose("websocket");
        await settle();
        assert.deepEqual(page.own.names, ["sse@e.1", "websocket@e.2"]);
    });
}

test("a worker that is slow to start is used by the next connection", async () => {
    const browser = new Browser();
    let start = () => {};
    const make = (page) => {
        const [inside, outside] = Port.pair();
        inside.addEventListener("message", ({ data }) => browser.worker.hear(inside, data));
        page.port = outside;
        start = () => browser.worker.plug(inside);
        return { port: outside, addEventListener() {} };
    };
    const page = await browser.open({ make });
    await browser.advance(3_000);
    await page.own.last.say(hello, change(2));
    start();
    await settle();
    page.feed.choose("websocket");
    await settle();
    assert.deepEqual(browser.wire.names, ["websocket@e.2"]);
    await browser.wire.last.say(hello, change(3));
    assert.equal(page.own.alive.length, 0);
    assertProof(page, 3);
});

test("a worker that dies leaves its pages with connections of their own", async () => {
    const browser = new Browser();
    const page = await browser.open();
    await browser.wire.last.say(hello, change(2));
    page.port.close();
    await browser.advance(30_000);
    assert.equal(page.exchange.isAlone, true);
    await page.own.last.say(hello, change(3));
    assertProof(page, 3);
});

/** A small repeatable source of numbers (mulberry32). */
function numbers(seed) {
    let state = seed;
    return (below) => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
    };
}

/** A connection answers from the log what comes after its cursor, and then whatever is new. */
async function serve(wire, last) {
    for (const connection of wire.alive) {
        if (connection.at === undefined) {
            connection.at = Number(connection.after.split(".")[1]);
            await connection.say(hello);
        }
        const news = changes(connection.at + 1, last);
        connection.at = last;
        await connection.say({ type: "heartbeat" }, ...news);
    }
}

const SCHEDULES = Number(process.env.SCHEDULES ?? 40);
const SEEDS = Array.from({ length: SCHEDULES }, (_, index) => 1_000 + index);
for (const seed of SEEDS) {
    test(`whatever pages, network and choices do, each sees every event once (seed ${seed})`, async () => {
        const browser = new Browser();
        const random = numbers(seed);
        const pages = [await browser.open()];
        const pick = () => pages[random(pages.length)];
        let last = 1;
        const choices = ["sse", "websocket"];
        const steps = [
            () => {
                last += 1 + random(5);
            },
            () => serve(browser.wire, last),
            async () => pages.length < 5 && pages.push(await browser.open({ cursor: `e.${last}` })),
            async () => {
                if (pages.length < 2) return;
                const [page] = pages.splice(random(pages.length), 1);
                await browser.close(page);
            },
            () => browser.wire.alive[0]?.fail(),
            () => {
                const choice = choices[random(2)];
                for (const { feed } of pages) feed.choose(choice);
            },
            () => pick().feed.choose(choices[random(2)]),
            () => browser.freeze(pick()),
            () => browser.thaw(pick()),
            () => browser.worker.networkIsBack(),
            () => browser.advance(random(20_000)),
        ];
        for (let step = 0; step < 60; step += 1) {
            await steps[random(steps.length)]();
            await settle();
        }
        for (const page of pages) {
            await browser.thaw(page);
            page.feed.choose("sse");
        }
        for (let turn = 0; turn < 6; turn += 1) {
            await serve(browser.wire, last);
            await browser.advance(4_000);
        }
        for (const page of pages) {
            assertProof(page, last);
            const seen = page.received.filter((one) => typeof one === "number");
            const rest = changes(seen[0] ?? last + 1, last).map(({ event }) => event.seq);
            assert.deepEqual(seen, rest);
        }
        assert.equal(browser.wire.alive.length, 1);
    });
}
