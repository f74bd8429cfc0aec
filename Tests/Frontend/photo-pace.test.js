import { test } from "node:test";
import assert from "node:assert/strict";
import { PhotoPace } from "../../Public/js/model/photo-pace.js";
import { Photos } from "../../Public/js/model/photos.js";

const SIZE = 1_000_000;

const near = (value, wanted) =>
    assert.ok(Math.abs(value - wanted) <= wanted * 0.15 + 1, `${value}, not ${wanted}`);

test("a photo's speed and the time it still takes are told once they are known, and until all is sent", () => {
    const pace = new PhotoPace(0, SIZE, 0);
    for (let second = 1; second <= 20; second += 1) {
        pace.follow((second * SIZE) / 20, second);
        const told = pace.at(second);
        if (second <= 2 || second === 20) assert.equal(told, null, `after ${second} s`);
        else {
            near(told.bytesPerSecond, SIZE / 20);
            near(told.secondsLeft, 20 - second);
            assert.ok(told.secondsLeft >= 1, "never none");
        }
    }
});

test("what stands still becomes slower by the second, until nobody can say how long it takes", () => {
    const pace = new PhotoPace(0, SIZE, 0);
    for (let second = 1; second <= 5; second += 1) pace.follow(second * 100_000, second);
    let before = pace.at(5).secondsLeft;
    for (let second = 6; second <= 30; second += 1) {
        const { secondsLeft } = pace.at(second);
        assert.ok(secondsLeft > before, `${secondsLeft} s after ${second} s`);
        before = secondsLeft;
    }
    assert.equal(pace.at(200), null);
});

test("only what is being sent from here has a pace, and a pause is no slowness", () => {
    let now = 0;
    const photos = new Photos({
        onChange() {},
        onRemove() {},
        isExpected: () => false,
        now: () => now,
    });
    const task = { state: "queued", sent: 0, file: { size: SIZE } };
    const entry = photos.add({ name: "a.jpg", file: task.file, task });
    const step = (state, sent) => {
        now += 1;
        Object.assign(task, { state, sent });
        photos.changed(entry);
        return entry.pace?.at(now);
    };
    assert.equal(step("queued", 0), undefined);
    for (let second = 0; second < 5; second += 1) step("sending", second * 50_000);
    near(entry.pace.at(now).bytesPerSecond, 50_000);
    for (const state of ["paused", "waiting", "blocked", "stopped"]) {
        assert.equal(step(state, 200_000), undefined, state);
        now += 600;
        assert.equal(step("sending", 200_000), null);
        for (let second = 1; second < 5; second += 1) step("sending", 200_000 + second * 50_000);
        near(entry.pace.at(now).bytesPerSecond, 50_000);
    }
});
