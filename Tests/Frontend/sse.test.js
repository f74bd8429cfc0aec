import { test } from "node:test";
import assert from "node:assert/strict";
import { EventStreamParser, messageOf } from "../../Public/js/transports/sse.js";

const parse = (...pieces) => {
    const parser = new EventStreamParser();
    return pieces.flatMap((piece) => parser.push(piece));
};

test("an event has a type, data and an id", () => {
    const events = parse('event: change\nid: e.2\ndata: {"seq":2}\n\n');
    assert.deepEqual(events, [{ event: "change", data: '{"seq":2}', id: "e.2" }]);
});

test("an event without an id keeps the previous one", () => {
    const events = parse("id: e.2\ndata: a\n\nevent: heartbeat\ndata: {}\n\n");
    assert.deepEqual(
        events.map(({ id }) => id),
        ["e.2", "e.2"],
    );
});

test("lines end in LF, CR or CRLF", () => {
    for (const end of ["\n", "\r", "\r\n"]) {
        const events = parse(`event: live${end}data: 1${end}data: 2${end}${end}data: x`);
        assert.equal(events.length, 1, JSON.stringify(end));
        assert.equal(events[0].data, "1\n2");
    }
});

test("the stream may be cut anywhere", () => {
    const text = "\uFEFF: comment\r\nevent: change\r\nid: e.3\r\ndata: é\r\n\r\ndata: y\r\n\r\n";
    for (let cut = 1; cut < text.length; cut += 1) {
        const events = parse(text.slice(0, cut), text.slice(cut));
        assert.deepEqual(
            events.map(({ data }) => data),
            ["é", "y"],
            `cut at ${cut}`,
        );
    }
});

test("comments, unknown fields, ids with NUL and events without data are ignored", () => {
    const events = parse(": hi\n\nretry: 10\nfoo: bar\nid: a\0b\nevent: nothing\n\ndata\n\n");
    assert.deepEqual(events, [{ event: "message", data: "", id: "" }]);
});

test("one leading space of a value is dropped, and only one", () => {
    assert.equal(parse("data:  x\n\n")[0].data, " x");
    assert.equal(parse("data:x\n\n")[0].data, "x");
});

test("stream events become the feed's messages", () => {
    assert.deepEqual(messageOf({ event: "change", data: '{"seq":4}', id: "e.4" }), {
        type: "change",
        event: { seq: 4 },
        cursor: "e.4",
    });
    assert.deepEqual(messageOf({ event: "live", data: '{"live":{}}', id: "e.4" }), {
        type: "live",
        live: {},
    });
    assert.deepEqual(messageOf({ event: "end", data: '{"reason":"deleted"}', id: "" }), {
        type: "end",
        reason: "deleted",
    });
    assert.equal(messageOf({ event: "something-new", data: "{}", id: "" }), null);
});
