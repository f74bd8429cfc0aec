import { test } from "node:test";
import assert from "node:assert/strict";
import { likenessOf, Photos, splitPath } from "../../Public/js/model/photos.js";

function makePhotos({ expectedSize = -1 } = {}) {
    const expecting = { size: expectedSize };
    const changed = [];
    const removed = [];
    const photos = new Photos({
        onChange: (entry) => changed.push(entry.key),
        onRemove: (entry) => removed.push(entry.key),
        isExpected: ({ size }) => size === expecting.size,
    });
    return { photos, changed, removed, expecting };
}

const created = (seq, id, size = 10) => ({
    seq,
    type: "image.created",
    image: id,
    patch: { images: { [id]: { position: seq, name: `${id}.jpg`, size, state: "uploading" } } },
});

test("an event draws only the photo it touches", () => {
    const { photos, changed } = makePhotos();
    photos.apply(created(2, "i_1"));
    photos.apply(created(3, "i_2"));
    changed.length = 0;
    photos.apply({ seq: 4, patch: { images: { i_2: { state: "waiting" } } } });
    assert.deepEqual(changed, [photos.ofImage("i_2").key]);
});

test("a file and its image are one photo when the answer comes before the event", () => {
    const { photos, removed } = makePhotos();
    const entry = photos.add({ name: "a.jpg", file: { size: 10 } });
    photos.bind(entry, "i_1");
    photos.apply(created(2, "i_1"));
    assert.equal(photos.entries.size, 1);
    assert.equal(photos.ofImage("i_1"), entry);
    assert.deepEqual(removed, []);
});

test("a file and its image are one photo when the event comes before the answer", () => {
    const { photos } = makePhotos({ expectedSize: 10 });
    const entry = photos.add({ name: "a.jpg", file: { size: 10 } });
    photos.apply(created(2, "i_1"));
    assert.equal(photos.entries.size, 1);
    photos.bind(entry, "i_1");
    assert.equal(photos.entries.size, 1);
    assert.equal(entry.image.id, "i_1");
});

test("an image taken for ours shows once it turns out to be another's", () => {
    const { photos, expecting } = makePhotos({ expectedSize: 10 });
    photos.apply(created(2, "i_1"));
    assert.equal(photos.entries.size, 0);
    expecting.size = -1;
    photos.settleExpected();
    assert.equal(photos.entries.size, 1);
});

test("a removed image takes its card along", () => {
    const { photos, removed } = makePhotos();
    photos.apply(created(2, "i_1"));
    const { key } = photos.ofImage("i_1");
    photos.apply({ seq: 3, type: "image.removed", image: "i_1", patch: { images: { i_1: null } } });
    assert.deepEqual([photos.entries.size, removed], [0, [key]]);
});

test("live values are replaced whole, and durable bytes never run backwards", () => {
    const { photos } = makePhotos();
    photos.apply(created(2, "i_1"));
    photos.move({ i_1: { received: 6 } });
    photos.move({});
    const entry = photos.ofImage("i_1");
    assert.equal(entry.live, undefined);
    assert.equal(entry.durable, 6);
});

test("a whole document replaces what is no longer in it", () => {
    const { photos } = makePhotos();
    photos.apply(created(2, "i_1"));
    const images = { i_2: { position: 0, name: "b.jpg", size: 1, state: "ready" } };
    photos.load({ id: "b_1", images }, {});
    assert.deepEqual(
        [...photos.entries.values()].map(({ image }) => image.id),
        ["i_2"],
    );
});

test("a file is like its image, however the server cleaned its name", () => {
    for (const [given, cleaned] of [
        ["a.jpg", "a.jpg"],
        ["Holiday/Beach/a.jpg", "Holiday/Beach/a.jpg"],
        ["Holiday\\a.jpg", "Holiday/a.jpg"],
        ["x/ .b /c.jpg ", "x/b/c.jpg"],
    ]) {
        const size = 3;
        assert.equal(likenessOf({ name: given, size }), likenessOf({ name: cleaned, size }));
    }
    assert.notEqual(
        likenessOf({ name: "a/b.jpg", size: 1 }),
        likenessOf({ name: "b.jpg", size: 1 }),
    );
});

test("a name is shown apart from its folders", () => {
    assert.deepEqual(splitPath("Holiday/Beach/a.jpg"), { folder: "Holiday/Beach", name: "a.jpg" });
    assert.deepEqual(splitPath("a.jpg"), { folder: "", name: "a.jpg" });
});

const REFUSAL = { code: "empty-file" };
const byPosition = (one, other) => one.position - other.position;
const inOrder = (photos) =>
    [...photos.entries.values()].sort(byPosition).map(({ name, image }) => name ?? image.name);

/** What a reload comes back to: the batch's images, and what this browser remembers beside them. */
function reloaded(photos) {
    const again = makePhotos().photos;
    const images = {};
    for (const { image } of photos.entries.values()) if (image) images[image.id] = image;
    again.load({ images }, {});
    for (const { name, refusal, position, image } of photos.entries.values()) {
        if (!image) again.add({ name, refusal, position });
    }
    return again;
}

test("a reload keeps the order: what was refused stays where it was given", () => {
    const { photos } = makePhotos();
    const [a, , b, c] = ["a.jpg", "refused.jpg", "b.jpg", "c.jpg"].map((name) =>
        photos.add({ name, refusal: name === "refused.jpg" ? REFUSAL : undefined }),
    );
    for (const [at, entry] of [a, b].entries()) {
        photos.bind(entry, `i_${at}`);
        const image = { position: at, name: entry.name, size: 10, state: "uploading" };
        photos.apply({ seq: at + 2, patch: { images: { [`i_${at}`]: image } } });
    }
    const order = ["a.jpg", "refused.jpg", "b.jpg", "c.jpg"];
    assert.deepEqual(inOrder(photos), order);
    assert.deepEqual(inOrder(reloaded(photos)), order);
    photos.bind(c, "i_9");
    const late = { position: 7, name: "c.jpg", size: 10, state: "ready" };
    photos.apply({ seq: 9, patch: { images: { i_9: late } } });
    assert.deepEqual(inOrder(photos), order);
});

test("where the server stands further on, what is still to come stands behind it", () => {
    const { photos } = makePhotos();
    const [first, second] = ["first.jpg", "second.jpg"].map((name) => photos.add({ name }));
    photos.bind(first, "i_1");
    photos.apply(created(5, "i_1"));
    first.name = "first.jpg";
    assert.deepEqual(inOrder(photos), ["first.jpg", "second.jpg"]);
    assert.ok(second.position > first.position);
    photos.add({ name: "third.jpg" });
    assert.deepEqual(inOrder(photos), ["first.jpg", "second.jpg", "third.jpg"]);
});
