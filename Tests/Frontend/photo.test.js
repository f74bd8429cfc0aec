import { test } from "node:test";
import assert from "node:assert/strict";
import { Photo } from "../../Public/js/model/photo.js";
import { standingOf, stateOf } from "../../Public/js/model/photo-state.js";
import { Task } from "../../Public/js/uploads/upload-task.js";

const file = { name: "a.jpg", size: 10 };
const image = (state, more = {}) => ({
    id: "i_1",
    position: 0,
    name: "a.jpg",
    size: 10,
    state,
    ...more,
});
const told = { twin: "", wanted: 3 };

test("a photo that an earlier visit left is interrupted until its file is here, and then goes on", () => {
    const photo = new Photo("p1", 4, {});
    photo.remember({ key: "k", size: 10 }, "a.jpg");
    photo.lack("file");
    assert.equal(standingOf(photo), "interrupted");
    const task = new Task(file, "a.jpg");
    photo.sendBy(task, { size: 10 });
    assert.deepEqual([photo.file, photo.lacks, task.position], [file, undefined, 4]);
    assert.deepEqual(photo.kept, { key: task.key, size: 10, held: false });
    assert.equal(standingOf(photo), "active");
    photo.letGo();
    photo.lack("permission");
    assert.equal(standingOf(photo), "interrupted");
});

test("what is held is kept so, and goes when it is released", () => {
    const photo = new Photo("p1", 0, {});
    const task = Object.assign(new Task(file, "a.jpg"), { state: "held" });
    photo.sendBy(task, {});
    const before = task.index;
    assert.deepEqual([stateOf(photo), photo.kept.held], ["held", true]);
    photo.release();
    assert.equal(photo.kept.held, false);
    assert.ok(task.index > before, "given now");
});

test("where a photo stands, its upload does, too", () => {
    const photo = new Photo("p1", 0, {});
    const task = new Task(file, "a.jpg");
    photo.sendBy(task, {});
    photo.moveTo(7);
    assert.deepEqual([photo.position, task.position], [7, 7]);
});

test("one thing is asked at a time, until the server has told of it or could not be asked", () => {
    const photo = new Photo("p1", 0, {});
    photo.tell(image("failed"), told);
    assert.ok(photo.ask("retry"));
    assert.ok(!photo.ask("remove"));
    photo.tell(image("failed"), told);
    assert.equal(photo.asked, "retry", "it did not come about yet");
    photo.tell(image("waiting"), told);
    assert.equal(photo.asked, undefined);
    assert.ok(photo.ask("cancel"));
    photo.askInVain();
    assert.ok(photo.ask("cancel"));
});

test("the bytes that the server holds never become fewer, but for another image", () => {
    const photo = new Photo("p1", 0, {});
    photo.tell(image("uploading"), { ...told, live: { received: 6 } });
    photo.tell(image("uploading"), told);
    assert.equal(photo.durable, 6);
    photo.leaveImage(9);
    assert.deepEqual([photo.durable, photo.image, photo.position], [0, undefined, 9]);
});
