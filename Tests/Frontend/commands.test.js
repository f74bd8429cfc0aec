import { afterEach, test } from "node:test";
import assert from "node:assert/strict";
import { Commands } from "../../Public/js/actions/commands.js";

const realFetch = globalThis.fetch;
afterEach(() => {
    globalThis.fetch = realFetch;
});

const allows = { cancel: ["uploading", "processing"], retry: ["failed"] };

/** A server with one image in this state; returns what was asked of it. */
function server(state) {
    const asked = [];
    globalThis.fetch = async (url, { method = "GET" }) => {
        asked.push(`${method} ${url.split("/").slice(5).join("/")}`);
        if (state === "gone") return Response.json({ code: "no-such-image" }, { status: 404 });
        if (method === "GET" || allows[url.split("/").at(-1)]?.includes(state)) {
            return Response.json({ state });
        }
        if (method === "DELETE") return new Response(null, { status: 204 });
        return Response.json({ code: "wrong-state" }, { status: 409 });
    };
    return asked;
}

/** A session whose socket answers like this, or not at all. */
const session = (reply) => ({
    batch: "b_1",
    feed: reply && {
        request: async () => (reply === "lost" ? Promise.reject(new Error()) : reply),
    },
});

test("what the socket did is not told again", async () => {
    const asked = server("uploading");
    const commands = new Commands(session({ reply: 1, image: {} }));
    await commands.cancel("i_1");
    await commands.retry("i_1");
    assert.deepEqual(asked, []);
});

test("where no reply came it is told again, and that it was done already is no failure", async () => {
    for (const [what, state, then] of [
        ["cancel", "uploading", []],
        ["cancel", "cancelled", ["GET i_1"]],
        ["retry", "failed", []],
        ["retry", "waiting", ["GET i_1"]],
        ["cancel", "gone", []],
        ["retry", "gone", []],
    ]) {
        for (const reply of ["lost", null]) {
            const asked = server(state);
            await new Commands(session(reply))[what]("i_1");
            assert.deepEqual(asked, [`POST i_1/${what}`, ...then], `${what} of one ${state}`);
        }
    }
});

test("to cancel what is ready by now is too late, and removes nothing", async () => {
    for (const reply of [null, { reply: 1, problem: { code: "wrong-state" } }]) {
        const asked = server("ready");
        await assert.rejects(new Commands(session(reply)).cancel("i_1"), { code: "wrong-state" });
        assert.deepEqual(asked, ["POST i_1/cancel", "GET i_1"]);
    }
});

test("a socket that has had enough is left alone, and HTTP takes over", async () => {
    const asked = server("processing");
    let told = 0;
    const request = async () => {
        told += 1;
        return { reply: told, problem: { code: "too-many-requests" } };
    };
    const commands = new Commands({ batch: "b_1", feed: { request } });
    await commands.cancel("i_1");
    await commands.cancel("i_2");
    assert.equal(told, 1);
    assert.deepEqual(asked, ["POST i_1/cancel", "POST i_2/cancel"]);
});

test("what is told again by HTTP has the key that the socket was told, and another command another", async () => {
    const keys = [];
    globalThis.fetch = async (_url, { headers }) => {
        keys.push(JSON.parse(headers["Idempotency-Key"]));
        return Response.json({ state: "cancelled" });
    };
    const request = async ({ key }) => {
        keys.push(key);
        throw new Error("lost");
    };
    const commands = new Commands({ batch: "b_1", feed: { request } });
    await commands.cancel("i_1");
    await commands.cancel("i_1");
    assert.equal(keys[0], keys[1]);
    assert.equal(keys[2], keys[3]);
    assert.notEqual(keys[1], keys[2]);
    assert.match(keys[0], /^[0-9a-f]{32}$/);
});

test("other refusals are told as they are", async () => {
    server("uploading");
    const refused = session({ reply: 1, problem: { code: "not-owner" } });
    await assert.rejects(new Commands(refused).cancel("i_1"), { code: "not-owner" });
});

test("a proxy's own 404 is no word of the server's", async () => {
    globalThis.fetch = async () => new Response("not here", { status: 404 });
    await assert.rejects(new Commands(session(null)).remove("i_1"));
    await assert.rejects(new Commands(session(null)).cancel("i_1"));
});

test("to remove what is gone already is no failure", async () => {
    const asked = server("gone");
    await new Commands(session(null)).remove("i_1");
    assert.deepEqual(asked, ["DELETE i_1"]);
});
