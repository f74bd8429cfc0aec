import { test } from "node:test";
import assert from "node:assert/strict";
import { furthestOf, isGranted, standingOf, viewOf } from "../../Public/js/model/photo-state.js";

const image = (state, more = {}) => ({ id: "i_1", name: "a.jpg", size: 1_000, state, ...more });

test("upload: sent and received are shown apart", () => {
    const view = viewOf({
        image: image("uploading"),
        live: { received: 250 },
        task: { state: "sending", sent: 500 },
    });
    assert.deepEqual([view.sent, view.received, view.processing], [0.5, 0.25, 0]);
});

test("processing is the server's (step + fraction) / steps", () => {
    const view = viewOf({
        image: image("processing"),
        live: { step: 1, steps: 4, fraction: 0.5, stage: "encode", rendition: "thumb" },
    });
    assert.equal(view.processing, 0.375);
    assert.equal(view.stage, "stage.encode");
    assert.equal(view.stageValues.rendition, "thumb");
});

test("processing: a photo between two turns stands where the first one left it", () => {
    const turn = (live) =>
        viewOf({ image: image("processing", { renditions: { thumb: {} } }), live, wanted: 3 });
    const end = turn({ step: 2, steps: 5, stage: "encode" }).processing;
    assert.equal(turn(undefined).processing, end);
    assert.ok(turn({ step: 2, steps: 5, fraction: 0.1, stage: "decode" }).processing > end);
    assert.equal(viewOf({ image: image("processing"), wanted: 3 }).processing, 0);
});

test("processing: a turn that ends before its print is told has not gone back; a new attempt has", () => {
    const photo = { image: image("processing"), wanted: 3 };
    const steps = [
        [{ attempt: 1, step: 1, steps: 5 }, 0.2],
        [undefined, 0.2],
        [{ attempt: 1, step: 0, steps: 5 }, 0.2],
        [{ attempt: 1, step: 2, steps: 5 }, 0.4],
        [{ attempt: 2, step: 0, steps: 5 }, 0],
    ];
    let furthest;
    for (const [live, shown] of steps) {
        furthest = furthestOf({ ...photo, live, furthest });
        assert.equal(viewOf({ ...photo, live, furthest }).processing, shown);
    }
    assert.equal(furthestOf({ image: image("waiting"), furthest }), undefined);
});

test("nothing is whole before the server says ready", () => {
    const nearly = viewOf({ image: image("processing"), live: { step: 4, steps: 4, fraction: 1 } });
    assert.ok(nearly.processing < 1);
    assert.ok(nearly.done < 1);
    assert.deepEqual(
        [viewOf({ image: image("ready") }).processing, viewOf({ image: image("ready") }).done],
        [1, 1],
    );
});

test("an encode that measures nothing says so", () => {
    assert.equal(
        viewOf({ image: image("processing"), live: { step: 3, steps: 4, stage: "encode" } })
            .measured,
        false,
    );
    assert.equal(
        viewOf({ image: image("processing"), live: { step: 3, steps: 4, fraction: 0 } }).measured,
        true,
    );
});

test("a photo without its image yet is queued, and can be cancelled", () => {
    const view = viewOf({ file: { size: 10 }, task: { state: "queued", sent: 0 } });
    assert.deepEqual([view.state, view.actions], ["queued", ["pause", "cancel"]]);
});

test("each state offers what can be done in it, and a reader is offered nothing", () => {
    const offered = (photo) => viewOf(photo).actions;
    assert.deepEqual(offered({ image: image("uploading"), task: { state: "sending", sent: 0 } }), [
        "pause",
        "info",
        "cancel",
    ]);
    assert.deepEqual(offered({ image: image("uploading"), task: { state: "paused", sent: 0 } }), [
        "resume",
        "info",
        "cancel",
    ]);
    assert.deepEqual(offered({ image: image("processing") }), ["info", "cancel"]);
    assert.deepEqual(offered({ image: image("failed") }), ["retry", "info", "remove"]);
    assert.deepEqual(offered({ image: image("rejected") }), ["info", "remove"]);
    assert.deepEqual(offered({ refusal: { code: "empty-file" } }), ["remove"]);
    assert.deepEqual(viewOf({ image: image("failed") }, false).actions, []);
});

test("what was asked for is not shown as done, and not offered again, before the document says so", () => {
    const stopped = { file: { size: 10 }, task: { state: "stopped", sent: 0 }, asked: "cancel" };
    const shown = ({ state, stage, actions }) => [state, stage, actions];
    assert.deepEqual(shown(viewOf(stopped)), ["queued", "asked.cancel", []]);
    const open = { ...stopped, image: image("uploading") };
    assert.deepEqual(shown(viewOf(open)), ["uploading", "asked.cancel", ["info"]]);
    const granted = (asked, state) => isGranted({ asked, image: image(state) });
    assert.deepEqual(
        ["uploading", "cancelled", "ready"].map((state) => granted("cancel", state)),
        [false, true, true],
    );
    assert.deepEqual(
        ["failed", "waiting"].map((state) => granted("retry", state)),
        [false, true],
    );
    assert.equal(granted("remove", "ready"), false);
});

test("an upload nobody here is sending says how it goes on", () => {
    assert.equal(viewOf({ image: image("uploading") }).stage, "stage.stopped");
    assert.equal(
        viewOf({ image: image("uploading"), live: { received: 5 } }).stage,
        "stage.elsewhere",
    );
});

test("a photo of an earlier visit says what sends it", () => {
    const kept = { key: "k", size: 2_000 };
    const of = (photo) => viewOf({ kept, ...photo });
    const offered = (photo) => of(photo).actions;
    assert.equal(of({}).stage, "stage.queued");
    assert.equal(of({ lacks: "file" }).stage, "stage.unsent");
    assert.deepEqual(offered({ lacks: "file" }), ["remove"]);
    assert.equal(of({ lacks: "permission" }).stage, "stage.unread");
    assert.equal(of({ lacks: "file", image: image("uploading") }).stage, "stage.interrupted");
    assert.equal(of({ lacks: "permission", image: image("uploading") }).stage, "stage.unread");
    assert.equal(viewOf({ image: image("uploading") }).stage, "stage.stopped", "no file to drop");
    assert.deepEqual(offered({ lacks: "file", image: image("uploading") }), ["info", "cancel"]);
    assert.equal(of({ lacks: "permission", image: image("ready") }).stage, "stage.ready");
});

test("a refused creation shows its problem", () => {
    const problem = { code: "batch-full" };
    const view = viewOf({ file: { size: 10 }, task: { state: "stopped", sent: 0, problem } });
    assert.deepEqual([view.state, view.problem], ["failed", problem]);
});

test("a photo whose upload ended without its bytes can be sent again from here", () => {
    const actionsOf = (/** @type {any} */ photo) =>
        viewOf({ file: { size: 10 }, ...photo }).actions;
    const stopped = { state: "stopped", sent: 0, problem: { code: "upload-gone" } };
    for (const state of [undefined, "uploading", "cancelled", "expired"]) {
        const photo = { task: stopped, image: state && image(state) };
        assert.ok(actionsOf(photo).includes("retry"), state);
    }
    for (const state of ["ready", "rejected", "waiting"]) {
        assert.ok(!actionsOf({ task: stopped, image: image(state) }).includes("retry"), state);
    }
    assert.ok(!actionsOf({ task: { ...stopped, state: "sending" } }).includes("retry"));
    assert.ok(!actionsOf({ image: image("expired") }).includes("retry"));
});

test("a copy says so when it is ready, and of which photo where that is known", () => {
    const copy = image("ready", { sameAs: "i_1" });
    const { stage, stageValues } = viewOf({ image: copy, twin: "a.jpg" });
    assert.deepEqual([stage, stageValues.name], ["stage.same", "a.jpg"]);
    assert.equal(viewOf({ image: copy, twin: "" }).stage, "stage.same-before");
    assert.equal(viewOf({ image: image("ready") }).stage, "stage.ready");
});

test("a stage that may be over says how old it is; what the page knows by itself does not", () => {
    const told = (photo, age) => {
        const { stage, ageMs } = viewOf(photo, true, age);
        return [stage, ageMs];
    };
    const sent = { image: image("uploading"), task: { state: "done", sent: 1_000 } };
    assert.deepEqual(told(sent, 0), ["stage.arriving", 0]);
    assert.deepEqual(told(sent, 1_999), ["stage.arriving", 0], "as good as now");
    assert.deepEqual(told(sent, 4_000), ["stage.sent", 4_000]);
    assert.deepEqual(told({ image: image("waiting") }, 4_000), ["stage.waiting", 4_000]);
    const working = { image: image("processing"), live: { stage: "decode", step: 0, steps: 4 } };
    assert.deepEqual(told(working, 4_000), ["stage.decode", 4_000]);
    for (const photo of [
        { file: { size: 10 }, task: { state: "queued", sent: 0 } },
        { image: image("uploading"), task: { state: "sending", sent: 5 } },
        { image: image("uploading"), task: { state: "paused", sent: 5 } },
        { image: image("waiting"), asked: "cancel" },
        { image: image("ready") },
        { image: image("failed") },
    ]) {
        assert.equal(told(photo, 60_000)[1], 0, JSON.stringify(photo));
    }
});

test("who is to do something for a photo is said in one place", () => {
    const task = (state, more = {}) => ({ state, sent: 5, ...more });
    const live = { received: 5 };
    const file = { size: 10 };
    for (const [photo, standing] of [
        [{ image: image("ready") }, "ready"],
        [{ image: image("rejected") }, "failed"],
        [{ image: image("failed") }, "failed"],
        [{ image: image("expired") }, "expired"],
        [{ file, refusal: { code: "empty-file" } }, "failed"],
        [{ file, task: task("blocked", { problem: { code: "between" } }) }, "failed"],
        [{ image: image("cancelled") }, "cancelled"],
        [{ file, task: task("stopped") }, "cancelled"],
        [{ image: image("waiting") }, "active"],
        [{ image: image("processing"), task: task("paused") }, "active"],
        [{ file, task: task("queued") }, "active"],
        [{ image: image("uploading"), task: task("sending") }, "active"],
        [{ image: image("uploading"), live }, "active"],
        [{ image: image("uploading"), task: task("paused") }, "paused"],
        [{ file, task: task("paused") }, "paused"],
        [{ image: image("uploading") }, "interrupted"],
        [{ image: image("uploading"), lacks: "file" }, "interrupted"],
        [{ image: image("uploading"), lacks: "permission" }, "interrupted"],
        [{ kept: { size: 10 }, lacks: "file" }, "interrupted"],
        [{ kept: { size: 10 } }, "active"],
    ]) {
        assert.equal(standingOf(photo), standing, JSON.stringify(photo));
    }
});

test("whatever waits in this browser can be paused, and goes on", () => {
    const offered = (photo) => viewOf(photo).actions;
    for (const state of ["queued", "creating", "comparing", "sending", "waiting"]) {
        const task = { state, sent: 0 };
        assert.ok(offered({ file: { size: 10 }, task }).includes("pause"), state);
        assert.ok(offered({ image: image("uploading"), task }).includes("pause"), state);
        assert.ok(!offered({ image: image("ready"), task }).includes("pause"), state);
    }
    const paused = { state: "paused", sent: 0 };
    assert.deepEqual(offered({ file: { size: 10 }, task: paused }), ["resume", "cancel"]);
});
