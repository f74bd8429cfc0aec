import { test } from "node:test";
import assert from "node:assert/strict";
import { CameraData } from "../../Public/js/viewer/camera-data.js";
import { jpegWith, tiffOf } from "./exif-file.js";

const REACH = 160 * 1024;
const signal = () => new AbortController().signal;

/** A server's answer of as many bytes as are taken, in pieces; counts those. */
function server(t, first, { status = 200, pieces = 1_000 } = {}) {
    const told = { asked: [], taken: 0, isAborted: false };
    const whole = new Uint8Array(16 * 1024 * pieces);
    whole.set(first);
    t.mock.method(globalThis, "fetch", async (url, { headers, signal: given }) => {
        told.asked.push([url, headers.Range]);
        given.addEventListener("abort", () => {
            told.isAborted = true;
        });
        let at = 0;
        const pull = (controller) => {
            if (at >= whole.length) return controller.close();
            controller.enqueue(whole.subarray(at, at + 16 * 1024));
            at += 16 * 1024;
            told.taken = at;
        };
        return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }), { status });
    });
    return told;
}

test("of an original the first bytes are asked for, and no more taken where all of it comes", async (t) => {
    const told = server(t, jpegWith(tiffOf({ main: { 272: "X100V" } })));
    const camera = new CameraData();
    assert.equal(camera.known("/original"), undefined);
    assert.deepEqual(await camera.read("/original", signal()), { camera: "X100V" });
    assert.deepEqual(told.asked, [["/original", `bytes=0-${REACH - 1}`]]);
    assert.ok(told.taken <= REACH + 16 * 1024, `${told.taken} bytes were taken`);
    assert.ok(told.isAborted, "the rest is still on its way");
    assert.deepEqual(camera.known("/original"), { camera: "X100V" });
});

test("a file that is shorter is read whole, and one that says nothing is known to say nothing", async (t) => {
    server(t, [0xff, 0xd8, 0xff, 0xda], { status: 206, pieces: 1 });
    const camera = new CameraData();
    assert.equal(await camera.read("/original", signal()), null);
    assert.equal(camera.known("/original"), null);
});

test("a photo that is on the page is asked of nobody", async (t) => {
    const told = server(t, []);
    const file = new File([jpegWith(tiffOf({ main: { 272: "Q2" } }))], "a.jpg");
    assert.deepEqual(await new CameraData().read(file, signal()), { camera: "Q2" });
    assert.deepEqual(told.asked, []);
});

test("what is refused is not known, and can be asked for again", async (t) => {
    server(t, [], { status: 403 });
    const camera = new CameraData();
    await assert.rejects(camera.read("/original", signal()), { name: "Problem" });
    assert.equal(camera.known("/original"), undefined);
});
