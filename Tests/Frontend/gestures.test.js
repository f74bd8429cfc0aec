import { test } from "node:test";
import assert from "node:assert/strict";
import { Gestures } from "../../Public/js/viewer/gestures.js";
import { randomOf } from "./random.js";

/** What comes of a finger's way, from where it comes down to where it is lifted. */
function swipe(way, { kind = "touch", isLarger = false, gestures } = {}) {
    const told = gestures ?? new Gestures(() => isLarger);
    const [first, ...rest] = way.map(([x, y]) => ({ x, y }));
    const touch = (at, time) => ({ id: 1, at, kind, time });
    const acts = [told.down(touch(first, 0))];
    for (const at of rest) acts.push(told.move(touch(at, 10)));
    acts.push(told.up(touch(rest.at(-1) ?? first, 20)));
    return acts.filter(Boolean);
}

const last = (...given) => swipe(...given).at(-1);

test("a finger turns to the side it comes from, closes downwards, and else does nothing", () => {
    assert.deepEqual(
        last([
            [0, 0],
            [-60, 5],
        ]),
        { does: "turn", step: 1 },
    );
    assert.deepEqual(
        last([
            [0, 0],
            [60, -5],
        ]),
        { does: "turn", step: -1 },
    );
    assert.deepEqual(
        last([
            [0, 0],
            [4, 120],
        ]),
        { does: "close" },
    );
    for (const way of [
        [0, -200],
        [30, 0],
        [0, 90],
        [60, 60],
        [-100, 90],
    ])
        assert.deepEqual(last([[0, 0], way]), { does: "drop" }, `${way}`);
});

test("the picture follows a finger along one axis, never upwards", () => {
    const acts = swipe([
        [0, 0],
        [-20, 3],
        [-40, 30],
        [-10, -40],
    ]);
    const drags = acts.filter(({ does }) => does === "drag").map(({ by }) => [by.x, by.y]);
    assert.deepEqual(drags, [
        [-20, 0],
        [-40, 0],
        [-10, 0],
    ]);
    const up = swipe([
        [0, 0],
        [2, -50],
    ]).filter(({ does }) => does === "drag");
    assert.deepEqual(
        up.map(({ by }) => by),
        [{ x: 0, y: 0 }],
    );
});

test("a mouse turns nothing, and whatever is down moves a larger picture", () => {
    assert.deepEqual(
        swipe(
            [
                [0, 0],
                [-300, 0],
            ],
            { kind: "mouse" },
        ),
        [],
    );
    for (const kind of ["mouse", "touch", "pen"]) {
        const acts = swipe(
            [
                [0, 0],
                [-300, 20],
                [-310, 20],
            ],
            { kind, isLarger: true },
        );
        assert.deepEqual(acts, [
            { does: "pan", by: { x: -300, y: 20 } },
            { does: "pan", by: { x: -10, y: 0 } },
        ]);
    }
});

test("two fingers zoom by how far they move apart, and turn nothing when they are lifted", () => {
    const gestures = new Gestures(() => false);
    const touch = (id, x, y, time = 0) => ({ id, at: { x, y }, kind: "touch", time });
    gestures.down(touch(1, -50, 0));
    gestures.down(touch(2, 50, 0));
    const { does, factor, at, by } = gestures.move(touch(2, 150, 0));
    assert.deepEqual([does, factor, at, by], ["zoom", 2, { x: 0, y: 0 }, { x: 50, y: 0 }]);
    assert.equal(gestures.up(touch(2, 150, 0)), null);
    assert.deepEqual(gestures.move(touch(1, -300, 0)).does, "pan", "the one that is left moves it");
    assert.equal(gestures.up(touch(1, -300, 0)), null);
});

test("a second finger ends what the first had begun", () => {
    const gestures = new Gestures(() => false);
    const touch = (id, x) => ({ id, at: { x, y: 0 }, kind: "touch", time: 0 });
    gestures.down(touch(1, 0));
    gestures.move(touch(1, -30));
    assert.deepEqual(gestures.down(touch(2, 80)), { does: "drop" });
});

test("two quick taps at one place are one act; slow ones, ones apart and a mouse's are none", () => {
    const taps = (second, kind = "touch") => {
        const gestures = new Gestures(() => false);
        const touch = (x, time) => ({ id: 1, at: { x, y: 0 }, kind, time });
        gestures.down(touch(0, 0));
        gestures.up(touch(0, 50));
        gestures.down(touch(second.x, second.time));
        return gestures.up(touch(second.x, second.time));
    };
    assert.deepEqual(taps({ x: 5, time: 200 }), { does: "double-tap", at: { x: 5, y: 0 } });
    assert.equal(taps({ x: 5, time: 900 }), null);
    assert.equal(taps({ x: 90, time: 200 }), null);
    assert.equal(taps({ x: 5, time: 200 }, "mouse"), null);
});

test("what the system takes away is dropped, and its end means nothing", () => {
    const gestures = new Gestures(() => false);
    const touch = (x) => ({ id: 1, at: { x, y: 0 }, kind: "touch", time: 0 });
    gestures.down(touch(0));
    gestures.move(touch(-90));
    assert.deepEqual(gestures.cancel(touch(-90)), { does: "drop" });
    assert.equal(gestures.up(touch(-90)), null);
});

test("whatever comes in whatever order, none is left down once all are lifted, and zooms are finite", () => {
    const { random, seed } = randomOf();
    for (let round = 0; round < 300; round += 1) {
        const gestures = new Gestures(() => random() < 0.5);
        for (let step = 0; step < 30; step += 1) {
            const what = ["down", "move", "move", "up", "cancel"][Math.floor(random() * 5)];
            const at = { x: Math.round(random() * 4) * 40, y: Math.round(random() * 4) * 40 };
            const act = gestures[what]({
                id: Math.floor(random() * 4),
                at,
                kind: "touch",
                time: step * 90,
            });
            if (act?.does === "zoom")
                assert.ok(Number.isFinite(act.factor) && act.factor > 0, `seed ${seed}`);
        }
        for (let id = 0; id < 4; id += 1)
            gestures.up({ id, at: { x: 0, y: 0 }, kind: "touch", time: 9_999 });
        assert.equal(gestures.isHeld, false, `seed ${seed}`);
    }
});
