import { test } from "node:test";
import assert from "node:assert/strict";
import {
    acrossOf,
    FITTED,
    fit,
    frameOf,
    isLarger,
    limitsOf,
    pan,
    partAt,
    pixelScale,
    settle,
    toggle,
    wheelFactor,
    zoomTo,
} from "../../Public/js/viewer/zoom.js";
import { randomOf } from "./random.js";

const ROUNDS = 2_000;
const near = (actual, wanted, what) =>
    assert.ok(
        Math.abs(actual - wanted) < 1e-6 * Math.max(1, Math.abs(wanted)),
        `${what}: ${actual}, not ${wanted}`,
    );

/** Any photo on any stage, wherever it was moved. */
function any(random) {
    const side = (low, high) => low + Math.floor(random() * (high - low));
    const whole = { width: side(1, 9_000), height: side(1, 9_000) };
    const stage = { width: side(40, 2_600), height: side(40, 1_600) };
    const width = Math.max(1, Math.round(whole.width * random()));
    const frame = frameOf(whole, width, stage, [1, 1.5, 2, 3][side(0, 4)]);
    const across = (span) => (random() - 0.5) * span;
    const view = settle({ scale: random() * 6, x: across(9_000), y: across(9_000) }, frame);
    return { whole, stage, frame, view, at: { x: across(stage.width), y: across(stage.height) } };
}

/** @param {(one: ReturnType<typeof any>, random: () => number) => void} check */
function always(check) {
    const { random, seed } = randomOf();
    for (let round = 0; round < ROUNDS; round += 1) {
        const one = any(random);
        try {
            check(one, random);
        } catch (error) {
            error.message += `\nseed ${seed}, round ${round}: ${JSON.stringify(one)}`;
            throw error;
        }
    }
}

test("a fitted picture is whole, keeps its shape, and is never larger than itself", () => {
    always(({ whole, stage }) => {
        const fitted = fit(whole, stage);
        assert.ok(fitted.width <= stage.width + 1e-6 && fitted.height <= stage.height + 1e-6);
        assert.ok(fitted.width <= whole.width && fitted.height <= whole.height);
        near(fitted.width * whole.height, fitted.height * whole.width, "shape");
        assert.equal(isLarger(FITTED, frameOf(whole, whole.width, stage, 1)), false);
    });
});

test("what lies under the pointer stays there while the picture covers the stage", () => {
    always(({ frame, view, at }, random) => {
        const now = zoomTo(view, view.scale * (0.5 + random()), at, frame);
        for (const [side, axis] of [
            ["width", "x"],
            ["height", "y"],
        ]) {
            const reach = (frame.fitted[side] * now.scale - frame.stage[side]) / 2;
            if (Math.abs(now[axis]) > reach - 1e-3) continue;
            const onPicture = (one) => (at[axis] - one[axis]) / one.scale;
            near(onPicture(now), onPicture(view), axis);
        }
    });
});

test("no edge of a picture that is larger than the stage comes into it; a smaller one is in its middle", () => {
    always(({ frame, view }, random) => {
        const by = { x: (random() - 0.5) * 5_000, y: (random() - 0.5) * 5_000 };
        const moved = pan(view, by, frame);
        for (const [side, axis] of [
            ["width", "x"],
            ["height", "y"],
        ]) {
            const drawn = frame.fitted[side] * moved.scale;
            const reach = (drawn - frame.stage[side]) / 2;
            if (reach <= 0) assert.equal(Math.abs(moved[axis]), 0);
            else assert.ok(Math.abs(moved[axis]) <= reach + 1e-6);
        }
        assert.deepEqual(settle(moved, frame), moved, "settling twice changes nothing");
    });
});

test("however one zooms, the scale keeps its limits, and one to one is within them", () => {
    always(({ frame, view, at }, random) => {
        const { low, high } = limitsOf(frame);
        const { scale } = zoomTo(view, view.scale * 10 ** (random() * 4 - 2), at, frame);
        assert.ok(scale >= low && scale <= high);
        assert.ok(low <= 1 && high >= 1);
        near(pixelScale(zoomTo(view, frame.oneToOne, at, frame), frame), 1, "one to one");
    });
});

test("two clicks and two more show the whole picture again", () => {
    always(({ frame, at }) => {
        const once = toggle(FITTED, at, frame);
        assert.notEqual(once.scale, 1);
        assert.deepEqual(toggle(once, at, frame), FITTED);
    });
});

test("a place on the picture and its place on the stage are one another's inverse", () => {
    always(({ frame, view }, random) => {
        const part = random();
        near(partAt(acrossOf(part, view, frame), view, frame), part, "part");
        assert.equal(partAt(1e9, view, frame), 1);
        assert.equal(partAt(-1e9, view, frame), 0);
    });
});

test("a wheel turned there and back is where it was, and none turns too far", () => {
    for (const deltaMode of [0, 1, 2]) {
        for (const deltaY of [0, 1, 3, 53, 120, 10_000]) {
            for (const ctrlKey of [true, false]) {
                const there = wheelFactor({ deltaY, deltaMode, ctrlKey });
                near(there * wheelFactor({ deltaY: -deltaY, deltaMode, ctrlKey }), 1, "product");
                assert.ok(there > 0.05 && there <= 1);
            }
        }
    }
});
