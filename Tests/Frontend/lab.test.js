import { test } from "node:test";
import assert from "node:assert/strict";
import {
    distribution,
    inOrder,
    offsetOf,
    percentile,
    pollingDelays,
    ticks,
} from "../../Public/js/lab/arithmetic.js";
import { adviceOf, crowdOf, pollingOf } from "../../Public/js/lab/advice.js";
import { csvOf, figuresOf } from "../../Public/js/lab/figures.js";
import { frameHead } from "../../Public/js/lab/heads.js";
import { readRecord } from "../../Public/js/lab/record.js";
import { recoveriesOf } from "../../Public/js/lab/recovery.js";
import { Turns } from "../../Public/js/lab/turns.js";
import { waitOf, Wire } from "../../Public/js/lab/wire.js";
import { FeedError } from "../../Public/js/transports/feed-error.js";

test("a percentile is a value that was measured, by the rule of scripts/bench", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    assert.equal(percentile(hundred, 0.5), 51);
    assert.equal(percentile(hundred, 0.99), 99);
    assert.equal(percentile(hundred, 1), 100);
    assert.equal(percentile([7], 0.99), 7);
    assert.equal(percentile([1, 2], 0.5), 2);
    assert.equal(percentile([], 0.5), null);
});

test("values are put in order as numbers and not as text", () => {
    assert.deepEqual(inOrder([10, 9, 1.5, 100]), [1.5, 9, 10, 100]);
});

test("the distribution has one step for each value and ends at all of them", () => {
    assert.deepEqual(distribution([1, 1, 2, 5]), [
        [1, 0.5],
        [2, 0.75],
        [5, 1],
    ]);
    assert.deepEqual(distribution([]), []);
});

const answered = (sentAt, tookMs, offset, share = 0.5) => ({
    sentAt,
    heardAt: sentAt + tookMs,
    serverAt: Math.floor(sentAt + tookMs * share + offset),
});

test("the true offset is within the uncertainty, wherever on the way the time was lost", () => {
    for (const offset of [0, 1_234.4, -86_400_000]) {
        const samples = [0, 0.2, 0.5, 0.9, 1].map((share, index) =>
            answered(1_000 + 100 * index, 5 + 20 * index, offset, share),
        );
        const found = offsetOf(samples, 0.1);
        assert.ok(Math.abs(found.offsetMs - offset) <= found.uncertaintyMs, `${offset}`);
        assert.equal(found.moved, false);
        assert.equal(found.samples, 5);
    }
});

test("a quick answer makes the offset certain, and slow ones beside it take nothing away", () => {
    const quick = answered(0, 2, 50);
    const slow = answered(500, 900, 50, 0.95);
    const alone = offsetOf([slow]);
    const both = offsetOf([quick, slow]);
    assert.ok(alone.uncertaintyMs > 400);
    assert.ok(both.uncertaintyMs <= offsetOf([quick]).uncertaintyMs);
    assert.ok(both.uncertaintyMs <= 2.5);
});

test("a clock that was set in mid-run is found out, and no offset is claimed to be exact", () => {
    const found = offsetOf([answered(0, 2, 0), answered(5_000, 2, 300)]);
    assert.equal(found.moved, true);
    assert.ok(found.uncertaintyMs >= 140, `${found.uncertaintyMs}`);
});

test("without an answer there is no offset", () => {
    assert.equal(offsetOf([]), null);
});

test("polling every five seconds is late by half of it in the middle and by all of it at worst", () => {
    const times = Array.from({ length: 200 }, (_, index) => index * 37);
    const delays = pollingDelays(times, 5_000);
    assert.ok(Math.abs(percentile(delays, 0.5) - 2_500) < 60);
    assert.ok(delays.at(-1) <= 5_000 && delays[0] >= 0);
});

test("an axis has round numbers, and not too many", () => {
    assert.deepEqual(ticks(10_000, 5), [0, 2_000, 4_000, 6_000, 8_000, 10_000]);
    assert.deepEqual(ticks(0, 5), [0]);
    assert.ok(ticks(3_600_000, 8).length <= 9);
    assert.deepEqual(ticks(200 << 10, 4, 1_024), [0, 50 << 10, 100 << 10, 150 << 10, 200 << 10]);
    assert.deepEqual(ticks(5 << 20, 5, 1_024), [0, 1 << 20, 2 << 20, 3 << 20, 4 << 20, 5 << 20]);
    assert.deepEqual(ticks(0, 5, 1_024), [0]);
});

test("two polls go at once, the others in the order they came, and who gives up leaves", async () => {
    const turns = new Turns(2);
    const order = [];
    const first = await turns.take();
    await turns.take();
    const leaving = new AbortController();
    const gone = assert.rejects(turns.take(leaving.signal));
    const third = turns.take().then((release) => {
        order.push("third");
        return release;
    });
    const fourth = turns.take().then(() => order.push("fourth"));
    leaving.abort();
    await gone;
    first();
    first();
    const release = await third;
    assert.deepEqual(order, ["third"], "one end gives one turn");
    release();
    await fourth;
    assert.deepEqual(order, ["third", "fourth"]);
});

test("a frame's head is as long as RFC 6455 says", () => {
    assert.deepEqual(
        [125, 126, 65_535, 65_536].map((size) => frameHead(size, false)),
        [2, 4, 4, 10],
    );
    assert.equal(frameHead(10, true), 6);
});

test("waiting for a connection is told apart from making one", () => {
    const waited = { fetchStart: 100, domainLookupStart: 100, connectEnd: 100, requestStart: 350 };
    assert.equal(waitOf(waited), 250);
    const made = { fetchStart: 100, domainLookupStart: 101, connectEnd: 349, requestStart: 350 };
    assert.equal(waitOf(made), 2);
    assert.equal(waitOf({ ...made, requestStart: 0 }), null, "it was not told");
});

test("a refusal whose text nobody reads keeps no turn from those behind it", async (t) => {
    const headers = { "Content-Type": "text/html" };
    t.mock.method(globalThis, "fetch", async () => {
        return new Response("<h1>502 Bad Gateway</h1>", { status: 502, headers });
    });
    globalThis.location = { href: "http://here/" };
    globalThis.navigator ??= { userAgent: "a browser", language: "en", languages: ["en"] };
    const turns = new Turns(1);
    const wire = new Wire("run.polling1", () => 0, turns);
    await FeedError.from(await wire.fetch("http://here/events"));
    assert.equal(wire.requests[0].endedAt, 0);
    await turns.take(AbortSignal.abort());
});

/** Four events, ten milliseconds apart by a server that is a second ahead. */
const record = (changes = {}, lane = {}) => ({
    format: "revela-lab-run",
    version: 1,
    at: "2026-11-30T10:00:00.000Z",
    browser: "a browser",
    protocol: "http/1.1",
    set: "own",
    photos: 12,
    endedAt: 5_000,
    end: "settled",
    isChecked: true,
    clock: { offsetMs: 1_000, uncertaintyMs: 2, samples: 8, moved: false },
    events: [1, 2, 3, 4].map((seq) => [seq, 1_000 + 10 * seq, "image.created"]),
    lanes: [
        {
            id: "sse",
            arrivals: [1, 2, 3, 4].map((seq) => [seq, 10 * seq + seq]),
            repeated: 0,
            reconnects: 0,
            compressed: false,
            requests: [{ at: 0, endedAt: null, status: 200, turnMs: 0, waitedMs: 3 }],
            bytes: [
                [0, 600, 0, 0, 0],
                [5, 0, 0, 200, 40],
                [9, 0, 0, 0, 60],
            ],
            ...lane,
        },
    ],
    marks: [{ kind: "hidden", from: 10, to: 20 }],
    faults: [],
    ...changes,
});

test("delays are by the page's clock, and every byte is in one of four sums", () => {
    const [lane] = figuresOf(record());
    assert.deepEqual(lane.delays, [1, 2, 3, 4]);
    assert.deepEqual([lane.p50, lane.max, lane.lost, lane.unheard], [3, 4, 0, 0]);
    assert.deepEqual(lane.traffic, {
        up: { head: 600, payload: 0 },
        down: { head: 200, payload: 100 },
        all: 900,
    });
    assert.equal(lane.waitedMs, 3);
});

test("what is missing is lost, unless the run was stopped before it could come", () => {
    const without = (...gone) => ({
        arrivals: [1, 2, 3, 4].filter((seq) => !gone.includes(seq)).map((seq) => [seq, 10 * seq]),
    });
    const counted = (end, ...gone) => {
        const [{ lost, unheard }] = figuresOf(record({ end }, without(...gone)));
        return [lost, unheard];
    };
    assert.deepEqual(counted("settled", 2), [1, 0]);
    assert.deepEqual(counted("patience", 3, 4), [2, 0]);
    assert.deepEqual(counted("stopped", 3, 4), [0, 2]);
    assert.deepEqual(counted("stopped", 2, 4), [1, 1]);
});

test("a run goes to a file and comes back from it", () => {
    const kept = readRecord(JSON.stringify(record()));
    assert.deepEqual(kept, record());
    const lines = csvOf(kept).trim().split("\r\n");
    assert.equal(lines[0], "lane,seq,type,committed_ms,arrived_ms,delay_ms");
    assert.equal(lines[2], "sse,2,image.created,20.00,22.00,2.00");
    assert.equal(lines.length, 5);
});

test("a file that is no run is no run", () => {
    const spoilt = {
        "not JSON": "not a run",
        "another format": JSON.stringify({ ...record(), format: "settings" }),
        "a version that is not known": JSON.stringify({ ...record(), version: 2 }),
        "no lanes": JSON.stringify(record({ lanes: [] })),
        "a lane that is not known": JSON.stringify(record({}, { id: "pigeon" })),
        "an arrival that is no number": JSON.stringify(record({}, { arrivals: [[1, "soon"]] })),
        "a type that is a formula": JSON.stringify(record({ events: [[1, 2, "=1+1"]] })),
        "bytes that are cut": JSON.stringify(record({}, { bytes: [[1, 2]] })),
        "no date": JSON.stringify(record({ at: "yesterday" })),
        "a mark that is not known": JSON.stringify(
            record({ marks: [{ kind: "tea", from: 1, to: 2 }] }),
        ),
        "a fault that is not known": JSON.stringify(
            record({ faults: [{ kind: "flood", from: 1, to: 2 }] }),
        ),
        "a fault without an end": JSON.stringify(record({ faults: [{ kind: "cut", from: 1 }] })),
        "half a clock": JSON.stringify(record({ clock: { offsetMs: 1 } })),
        nothing: "null",
        "a list": "[]",
    };
    for (const [what, text] of Object.entries(spoilt)) assert.equal(readRecord(text), null, what);
});

test("a run from before there were faults has none", () => {
    const { faults, ...before } = record();
    assert.deepEqual(readRecord(JSON.stringify(before)), record({ faults: [] }));
});

test("a lane is whole again when it knows something newer than the fault and all before it", () => {
    // It was over at 25 by the page's clock: the first that is newer is event 3.
    const faults = [{ kind: "outage", from: 1_015, to: 1_025 }];
    const wholeAt = (...arrivals) => {
        const run = record({ faults }, { arrivals });
        const [{ from, to, wholeAt }] = recoveriesOf(run);
        assert.deepEqual([from, to], [15, 25]);
        return wholeAt[0];
    };
    assert.equal(wholeAt([1, 11], [2, 40], [3, 41], [4, 42]), 41);
    assert.equal(wholeAt([1, 11], [3, 31], [2, 60], [4, 61]), 60, "what was missing came later");
    assert.equal(wholeAt([1, 11], [3, 31]), null, "the second is missing");
    assert.equal(wholeAt([1, 11], [2, 21]), null, "nothing newer came");
    const late = record({ faults: [{ kind: "cut", from: 1_050, to: 1_060 }] });
    assert.deepEqual(recoveriesOf(late)[0].wholeAt, [null], "nothing newer happened");
});

test("the saved values say of each fault and lane when it was whole again", () => {
    const faults = [
        { kind: "half-open", from: 1_005, to: 1_015 },
        { kind: "outage", from: 1_050, to: 1_060 },
    ];
    const lines = csvOf(record({ faults })).trim().split("\r\n");
    assert.equal(lines.at(-2), "sse,,fault.half-open,15.00,22.00,7.00");
    assert.equal(lines.at(-1), "sse,,fault.outage,60.00,,");
});

/** A run of the named lanes, each event of which took so many milliseconds. */
const raced = (delays, more = {}) => {
    const [lane] = record().lanes;
    const lanes = Object.entries(delays).map(([id, delay]) => ({
        ...lane,
        id,
        arrivals: [1, 2, 3, 4].map((seq) => [seq, 10 * seq + delay]),
        ...more[id],
    }));
    return record({ lanes });
};

test("the advice follows from what was measured", () => {
    const advised = (...run) => {
        const { id, why } = adviceOf(raced(...run));
        return `${id}: ${why}`;
    };
    assert.equal(advised({ polling5: 2_500, sse: 6, websocket: 5 }), "sse: sse");
    assert.equal(advised({ sse: 80, websocket: 5 }), "sse: sse", "nobody sees a tenth of a second");
    assert.equal(advised({ sse: 900, websocket: 5 }), "websocket: websocket");
    assert.equal(advised({ polling5: 2_500, sse: 6 }), "sse: sse-alone");
    assert.equal(advised({ polling5: 2_500, websocket: 6 }), "websocket: websocket-alone");
    assert.equal(advised({ polling5: 2_500, adaptive: 130 }), "adaptive: polled");
    assert.equal(advised({ sse: 9_000, websocket: 9_000, long: 20 }), "long: held-back");
    const cut = { sse: { reconnects: 9 }, websocket: { reconnects: 9 } };
    assert.equal(advised({ sse: 6, websocket: 6, polling1: 500 }, cut), "polling1: held-back");
    const lossy = { sse: { arrivals: [[1, 11]] } };
    assert.equal(advised({ sse: 1, websocket: 50 }, lossy), "websocket: websocket-alone");
    assert.equal(adviceOf(raced({ sse: 1 }, { sse: { arrivals: [] } })), null);
});

test("what polling would have cost is measured where it took part, and worked out where not", () => {
    assert.deepEqual(pollingOf(raced({ polling5: 2_500 })), {
        p50: 2_500,
        max: 2_500,
        requestsAMinute: 12,
        isMeasured: true,
    });
    const computed = pollingOf(raced({ sse: 1 }));
    assert.equal(computed.isMeasured, false);
    assert.ok(Math.abs(computed.p50 - 2_500) < 300 && computed.max <= 5_000);
});

test("many readers cost as many times what one did", () => {
    const [crowd] = crowdOf(raced({ long: 5 }), 1_000);
    assert.deepEqual(crowd, { id: "long", requestsASecond: 200, bytesASecond: 180_000 });
});
