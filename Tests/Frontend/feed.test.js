import { test } from "node:test";
import assert from "node:assert/strict";
import { Feed } from "../../Public/js/feed/feed.js";
import { HeldClock, settle } from "./held-clock.js";
import { Wire } from "./wire.js";

const hello = { type: "hello", heartbeatMs: 10_000 };
const change = (seq) => ({
    type: "change",
    cursor: `e.${seq}`,
    event: { seq, type: "image.created", patch: {} },
});

async function makeFeed({ choice = "sse", random = () => 1, look, isHidden } = {}) {
    const wire = new Wire();
    const clock = new HeldClock();
    const received = [];
    const feed = new Feed({
        url: "/events",
        cursor: "e.1",
        choice,
        transports: wire.transports,
        clock,
        random,
        look,
        isHidden,
        settings: () => ({ intervalMs: 5_000 }),
        onMessage: (message) => received.push(message.event?.seq ?? message.type),
        onStatus: () => {},
    });
    feed.start();
    await settle();
    return { feed, wire, clock, received, machine: feed.machine };
}

test("it is live from the first message, not from the opening", async () => {
    const { wire, machine } = await makeFeed();
    assert.equal(machine.state, "connecting");
    await wire.last.say(hello);
    assert.equal(machine.state, "live");
});

test("a switch opens from the last cursor, promotes on the first message, then closes the old", async () => {
    const { feed, wire, received } = await makeFeed();
    const old = wire.last;
    await old.say(hello, change(2), change(3));
    feed.choose("websocket");
    await settle();
    assert.deepEqual(wire.names, ["sse@e.1", "websocket@e.3"]);
    await old.say(change(4));
    assert.equal(old.isClosed, false);
    await wire.last.say(hello);
    assert.equal(old.isClosed, true);
    await wire.last.say(change(4), change(5));
    assert.deepEqual(received, [2, 3, 4, 5]);
    assert.deepEqual([feed.machine.ledger.lost, feed.machine.ledger.repeated], [0, 0]);
});

test("frames of a closed generation are dropped", async () => {
    const { feed, wire, received } = await makeFeed();
    const old = wire.last;
    await old.say(hello, change(2));
    feed.choose("long");
    await settle();
    await wire.last.say(hello);
    await old.say(change(3));
    assert.deepEqual(received, [2]);
});

test("every ordered pair of switches in the middle of a batch loses and doubles nothing", async () => {
    const names = ["polling", "adaptive", "long", "sse", "websocket"];
    for (const from of names) {
        for (const to of names) {
            const { feed, wire, received, machine } = await makeFeed({ choice: from });
            await wire.last.say(hello, change(2));
            const old = wire.last;
            feed.choose(to);
            await settle();
            await old.say(change(3), change(4));
            await wire.last.say(change(3), change(4), change(5));
            assert.deepEqual(received, [2, 3, 4, 5], `${from} to ${to}`);
            assert.deepEqual([machine.ledger.lost, machine.ledger.repeated], [0, 0]);
        }
    }
});

test("an explicit choice is never replaced: it alone is tried again", async () => {
    const { wire, clock } = await makeFeed({ choice: "websocket" });
    for (let round = 0; round < 4; round += 1) {
        await wire.last.fail();
        await clock.advance(30_000);
    }
    assert.deepEqual(new Set(wire.names), new Set(["websocket@e.1"]));
    assert.ok(wire.names.length >= 5);
});

test("auto hands over after three silent seconds, and says why", async () => {
    const { wire, clock, machine } = await makeFeed({ choice: "auto" });
    await clock.advance(2_999);
    assert.deepEqual(wire.names, ["websocket@e.1"]);
    await clock.advance(1);
    assert.deepEqual(wire.names, ["websocket@e.1", "sse@e.1"]);
    assert.equal(wire.connections[0].isClosed, true);
    await wire.last.say(hello);
    assert.equal(machine.reason, "websocket-silent");
});

test("auto goes down to polling when a socket and a stream are refused", async () => {
    const { wire } = await makeFeed({ choice: "auto" });
    await wire.last.fail();
    await wire.last.fail();
    assert.deepEqual(
        wire.names.map((name) => name.split("@")[0]),
        ["websocket", "sse", "adaptive"],
    );
});

test("auto climbs back, and stays where it is while the climb fails", async () => {
    const { wire, clock, machine } = await makeFeed({ choice: "auto" });
    await wire.last.fail();
    const stream = wire.last;
    await stream.say({ ...hello, heartbeatMs: 600_000 });
    await clock.advance(30_000);
    assert.equal(wire.last.name, "websocket");
    await wire.last.fail();
    assert.equal(stream.isClosed, false);
    assert.equal(machine.state, "live");
    await clock.advance(60_000);
    await wire.last.say(hello);
    assert.equal(stream.isClosed, true);
    assert.equal(machine.current.transport, "websocket");
    assert.equal(machine.reason, null);
});

test("reconnecting waits a full jitter that grows, from zero", async () => {
    const { wire, clock } = await makeFeed({ random: () => 0.5 });
    for (const wait of [250, 500, 1_000, 2_000]) {
        const before = wire.connections.length;
        await wire.last.fail();
        await clock.advance(wait - 1);
        assert.equal(wire.connections.length, before);
        await clock.advance(1);
        assert.equal(wire.connections.length, before + 1);
    }
});

test("Retry-After is honoured", async () => {
    const { wire, clock } = await makeFeed({ random: () => 0 });
    await wire.last.fail({ retryAfterMs: 7_000 });
    await clock.advance(6_999);
    assert.equal(wire.connections.length, 1);
    await clock.advance(1);
    assert.equal(wire.connections.length, 2);
});

test("fixed polling keeps its interval after a failure too", async () => {
    const { wire, clock } = await makeFeed({ choice: "polling", random: () => 0 });
    await wire.last.fail();
    await clock.advance(4_999);
    assert.equal(wire.connections.length, 1);
    await clock.advance(1);
    assert.equal(wire.connections.length, 2);
});

test("silence for two and a half heartbeats ends a connection; any message keeps it", async () => {
    const { wire, clock, machine } = await makeFeed();
    await wire.last.say(hello);
    await clock.advance(24_000);
    await wire.last.say({ type: "heartbeat" });
    await clock.advance(24_000);
    assert.equal(wire.connections.length, 1);
    await clock.advance(1_000);
    assert.equal(wire.connections.length, 2);
    assert.equal(machine.state, "reconnecting");
});

test("after a sleep, what is queued is read before the link is called dead", async () => {
    const { wire, clock } = await makeFeed();
    await wire.last.say(hello);
    clock.sleep(3_600_000);
    await clock.advance(0);
    assert.equal(wire.connections.length, 1);
    await wire.last.say(change(2));
    await clock.advance(1_000);
    assert.equal(wire.connections.length, 1);
});

test("after a sleep, a link that stays silent is opened again from the cursor", async () => {
    const { wire, clock } = await makeFeed();
    await wire.last.say(hello, change(2));
    clock.sleep(3_600_000);
    await clock.advance(1_001);
    assert.deepEqual(wire.names, ["sse@e.1", "sse@e.2"]);
});

test("a gap is not applied: the feed asks again from the last good cursor", async () => {
    const { wire, received, machine } = await makeFeed();
    await wire.last.say(hello, change(2), change(5));
    assert.deepEqual(received, [2]);
    assert.equal(wire.last.after, "e.2");
    await wire.last.say(hello, change(3), change(4), change(5));
    assert.deepEqual(received, [2, 3, 4, 5]);
    assert.deepEqual([machine.ledger.lost, machine.ledger.repeated], [0, 0]);
});

test("a gap that stays leads to a whole document, and the missing are called lost", async () => {
    const { wire, received, machine } = await makeFeed();
    await wire.last.say(hello, change(2), change(5));
    await wire.last.say(hello, change(5));
    assert.equal(wire.last.after, null);
    await wire.last.say({ type: "reset", document: {}, cursor: "e.9" }, change(10));
    assert.deepEqual(received, [2, "reset", 10]);
    assert.equal(machine.ledger.lost, 2);
});

test("a reset in the stream moves the cursor", async () => {
    const { wire, machine } = await makeFeed();
    await wire.last.say(hello, { type: "reset", document: {}, cursor: "f.40" }, change(41));
    assert.deepEqual([machine.cursor, machine.ledger.lost, machine.resets], ["e.41", 0, 1]);
});

test("a deleted batch ends the feed for good", async () => {
    const { wire, clock, machine } = await makeFeed();
    await wire.last.say(hello, { type: "end", reason: "deleted" });
    await clock.advance(600_000);
    assert.deepEqual([machine.state, wire.connections.length, clock.pending], ["ended", 1, 0]);
});

test("a server that shuts down is asked again after its hint", async () => {
    const { wire, clock } = await makeFeed({ random: () => 0 });
    await wire.last.say(hello, { type: "end", reason: "shutdown", retryAfterMs: 2_000 });
    await clock.advance(1_999);
    assert.equal(wire.connections.length, 1);
    await clock.advance(1);
    assert.equal(wire.connections.length, 2);
});

test("a batch that is gone ends the feed, also where only a look can tell", async () => {
    const stream = await makeFeed();
    await stream.wire.last.fail({ gone: true });
    assert.equal(stream.machine.state, "ended");
    const socket = await makeFeed({ choice: "websocket", look: async () => ({ gone: true }) });
    await socket.wire.last.fail();
    assert.equal(socket.machine.state, "ended");
});

test("offline is said, and coming back opens anew without dropping the old before it speaks", async () => {
    const { feed, wire, machine } = await makeFeed();
    await wire.last.say(hello);
    const old = wire.last;
    feed.network(false);
    assert.equal(machine.state, "offline");
    feed.network(true);
    await settle();
    assert.equal(wire.connections.length, 2);
    assert.equal(old.isClosed, false);
    await wire.last.say(hello);
    assert.deepEqual([old.isClosed, machine.state], [true, "live"]);
});

test("what was on its way does not belie that the network is gone; what comes later does", async () => {
    const { feed, wire, machine, clock } = await makeFeed();
    await wire.last.say(hello);
    feed.network(false);
    await clock.advance(500);
    await wire.last.say(change(2));
    assert.equal(machine.state, "offline");
    await clock.advance(1_000);
    await wire.last.say(change(3));
    assert.equal(machine.state, "live");
});

test("coming back online cuts a backoff short", async () => {
    const { feed, wire } = await makeFeed();
    await wire.last.fail();
    feed.network(false);
    feed.network(true);
    await settle();
    assert.equal(wire.connections.length, 2);
});

test("pagehide closes everything, pageshow opens from the cursor", async () => {
    const { feed, wire, clock } = await makeFeed();
    await wire.last.say(hello, change(2));
    feed.suspend();
    assert.deepEqual([wire.last.isClosed, clock.pending], [true, 0]);
    feed.wake();
    await settle();
    assert.equal(wire.last.after, "e.2");
});

test("after a freeze a new connection takes over, for the old one may be deaf for ever", async () => {
    const { feed, wire, received } = await makeFeed();
    await wire.last.say(hello, change(2));
    const old = wire.last;
    feed.thaw();
    await settle();
    assert.deepEqual(wire.names, ["sse@e.1", "sse@e.2"]);
    assert.equal(old.isClosed, false);
    await wire.last.say(hello, change(3));
    assert.equal(old.isClosed, true);
    assert.deepEqual(received, [2, 3]);
});

test("a link that breaks at once, again and again, is not hammered", async () => {
    const { wire, clock } = await makeFeed();
    for (let round = 0; round < 6; round += 1) {
        await wire.last.say(hello);
        await wire.last.fail();
        await clock.advance(20_000);
    }
    const before = wire.connections.length;
    await wire.last.say(hello);
    await wire.last.fail();
    await clock.advance(10_000);
    assert.equal(wire.connections.length, before);
});

test("who is not looked at keeps no connection that others need, and has it back at a glance", async () => {
    for (const [choice, held] of [
        ["sse", true],
        ["long", true],
        ["websocket", false],
        ["polling", false],
        ["adaptive", false],
    ]) {
        const { feed, wire, clock } = await makeFeed({ choice });
        await wire.last.say(hello, change(2));
        feed.hide(true);
        await clock.advance(2_999);
        feed.hide(false);
        await clock.advance(3_000);
        feed.hide(true);
        assert.deepEqual(wire.names, [`${choice}@e.1`], "a glance elsewhere");
        await clock.advance(3_000);
        await settle();
        assert.equal(wire.last.name, held ? "adaptive" : choice);
        // The old one first: where all are taken, the new one waits for it.
        assert.deepEqual(wire.alive, [wire.last], choice);
        await wire.last.say(hello);
        feed.hide(false);
        await settle();
        assert.equal(wire.last.name, choice);
        await wire.last.say(hello, change(3));
        assert.equal(wire.alive.length, 1);
        assert.equal(feed.machine.ledger.lost, 0);
    }
});

test("a page that is opened where nobody looks holds nothing either", async () => {
    const { feed, wire } = await makeFeed({ choice: "sse", isHidden: true });
    assert.deepEqual(wire.names, ["adaptive@e.1"]);
    feed.hide(false);
    await settle();
    assert.equal(wire.last.name, "sse");
});

test("auto rests on polling without forgetting where it was", async () => {
    const { feed, wire, clock, machine } = await makeFeed({ choice: "auto" });
    await wire.last.fail();
    await wire.last.say({ ...hello, heartbeatMs: 600_000 });
    feed.hide(true);
    await clock.advance(3_000);
    assert.equal(wire.last.name, "adaptive");
    await wire.last.say({ ...hello, heartbeatMs: 600_000 });
    assert.equal(machine.reason, "websocket-refused");
    feed.hide(false);
    await settle();
    assert.equal(wire.last.name, "sse");
    await wire.last.say({ ...hello, heartbeatMs: 600_000 });
    await clock.advance(30_000);
    assert.equal(wire.last.name, "websocket", "it climbs as before");
});

test("news has no age while a stream is open, and grows old between two polls and after a break", async () => {
    const stream = await makeFeed();
    const { machine: atOnce, clock } = stream;
    await clock.advance(4_000);
    assert.equal(atOnce.age(clock.now()), 4_000, "nothing is open yet");
    await stream.wire.last.say(hello);
    await clock.advance(10_000);
    assert.equal(atOnce.age(clock.now()), 0);
    await clock.advance(2_000);
    assert.equal(atOnce.age(clock.now()), 12_000, "a heartbeat is missing");
    await stream.wire.last.say({ type: "heartbeat" });
    assert.equal(atOnce.age(clock.now()), 0);
    await stream.wire.last.fail();
    await clock.advance(300);
    assert.equal(atOnce.age(clock.now()), 300);
    for (const choice of ["polling", "adaptive"]) {
        const { wire, clock, machine } = await makeFeed({ choice });
        await wire.last.say({ type: "heartbeat", heartbeatMs: 20_000 });
        await clock.advance(4_000);
        assert.equal(machine.age(clock.now()), 4_000);
        await wire.last.say({ type: "heartbeat", heartbeatMs: 20_000 });
        assert.equal(machine.age(clock.now()), 0);
    }
});

test("what is read while nothing connects is shown, and nothing is told twice after it", async () => {
    const answers = [
        { document: {}, cursor: "e.4", live: {} },
        { document: {}, cursor: "e.4", live: {} },
        null,
        { document: {}, cursor: "e.3", live: {} },
    ];
    const look = async () => answers.shift() ?? null;
    const { wire, clock, received, machine } = await makeFeed({
        choice: "websocket",
        random: () => 0,
        look,
    });
    const failAndTryAgain = async () => {
        await wire.last.fail();
        await clock.advance(0);
    };
    await failAndTryAgain();
    assert.deepEqual(received, ["reset"]);
    assert.equal(machine.age(clock.now()), 0);
    assert.equal(wire.last.after, "e.4");
    await failAndTryAgain();
    assert.deepEqual(received, ["reset", "live"], "it holds nothing newer");
    await failAndTryAgain();
    await failAndTryAgain();
    await wire.last.say(hello, change(5));
    assert.deepEqual(received, ["reset", "live", "live", 5]);
    const { lost, repeated } = machine.ledger;
    assert.deepEqual([lost, repeated, machine.resets], [0, 0, 1]);
});

test("what was read too late does not undo what a connection has told meanwhile", async () => {
    let answer;
    const look = () =>
        new Promise((resolve) => {
            answer = resolve;
        });
    const { wire, clock, received, machine } = await makeFeed({ choice: "sse", look });
    await wire.last.fail();
    await clock.advance(5_000);
    await wire.last.say(hello, change(2), change(3));
    answer({ document: {}, cursor: "e.2", live: {} });
    await settle();
    assert.deepEqual([received, machine.cursor], [[2, 3], "e.3"]);
});
