import { afterEach, test } from "node:test";
import assert from "node:assert/strict";
import { Commands } from "../../Public/js/commands.js";

const realFetch = globalThis.fetch;
afterEach(() => {
    globalThis.fetch = realFetch;
});

/** A server with one image in this state; returns what was asked of it. */
function server(state) {
    const asked = [];
    globalThis.fetch = async (url, { method = "GET" }) => {
        asked.push(`${method} ${url.split("/").slice(5).join("/")}`);
        if (state === "gone") return Response.json({ code: "no-such-image" }, { status: 404 });
        return method === "DELETE" ? new Response(null, { status: 204 }) : Response.json({ state });
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

test("where no reply came, the photo is looked at before it is told again", async () => {
    for (const [what, state, then] of [
        ["cancel", "uploading", ["DELETE i_1"]],
        ["cancel", "cancelled", []],
        ["retry", "failed", ["POST i_1/retry"]],
        ["retry", "waiting", []],
        ["cancel", "gone", []],
        ["retry", "gone", []],
    ]) {
        for (const reply of ["lost", null]) {
            const asked = server(state);
            await new Commands(session(reply))[what]("i_1");
            assert.deepEqual(asked, ["GET i_1", ...then], `${what} of one that is ${state}`);
        }
    }
});

test("to cancel what is ready by now is too late, and removes nothing", async () => {
    for (const reply of [null, { reply: 1, problem: { code: "wrong-state" } }]) {
        const asked = server("ready");
        await assert.rejects(new Commands(session(reply)).cancel("i_1"), { code: "wrong-state" });
        assert.deepEqual(asked, ["GET i_1"]);
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
    assert.deepEqual(asked, ["GET i_1", "DELETE i_1", "GET i_2", "DELETE i_2"]);
});

test("other refusals are told as they are", async () => {
    server("uploading");
    const refused = session({ reply: 1, problem: { code: "not-owner" } });
    await assert.rejects(new Commands(refused).cancel("i_1"), { code: "not-owner" });
});

test("to remove what is gone already is no failure", async () => {
    const asked = server("gone");
    await new Commands(session(null)).remove("i_1");
    assert.deepEqual(asked, ["DELETE i_1"]);
});
