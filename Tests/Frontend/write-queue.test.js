import { test } from "node:test";
import assert from "node:assert/strict";
import { WriteQueue } from "../../Public/js/uploads/write-queue.js";
import { HeldClock, settle } from "./held-clock.js";
import { randomOf } from "./random.js";

const WAIT_MS = 100;

/** A database whose transactions are committed when a test says so. */
class Database {
    /** What is written, in its order. */
    written = [];
    /** What each transaction that was begun was to write. */
    begun = [];
    #ends = [];
    clock = new HeldClock();
    queue = new WriteQueue((acts) => this.#transact(acts), this.clock);

    async #transact(acts) {
        const draft = [];
        this.begun.push(draft);
        const values = [];
        for (const act of acts) values.push(await act(draft));
        await new Promise((resolve) => this.#ends.push(resolve));
        this.written.push(...draft);
        return values;
    }

    /** Commits what is under way. */
    async commit() {
        await settle();
        for (const end of this.#ends.splice(0)) end();
        await settle();
    }

    async commitAll() {
        let before = -1;
        while (before !== this.begun.length) {
            before = this.begun.length;
            await this.commit();
        }
    }
}

const put = (what) => (draft) => {
    draft.push(what);
    return `wrote ${what}`;
};
const fail = (what) => (draft) => {
    draft.push(what);
    throw new Error(`no room for ${what}`);
};

test("a write begins at once, and is told when it is committed, not before", async () => {
    const { queue, ...database } = new Database();
    let told = null;
    queue.write(put("a")).then((value) => {
        told = value;
    });
    await settle();
    assert.deepEqual(database.begun, [["a"]]);
    assert.equal(told, null);
});

test("writes that wait for another go in one transaction, in their order, each with its own answer", async () => {
    const database = new Database();
    const { queue } = database;
    const answers = [queue.write(put("a")), queue.write(put("b")), queue.write(put("c"))];
    await database.commit();
    assert.deepEqual(database.begun, [["a"], ["b", "c"]]);
    await database.commit();
    assert.deepEqual(database.written, ["a", "b", "c"]);
    assert.deepEqual(await Promise.all(answers), ["wrote a", "wrote b", "wrote c"]);
});

test("one that reads first is done before the next one begins", async () => {
    const database = new Database();
    database.queue.write(put("a"));
    database.queue.write(async (draft) => {
        await settle();
        draft.push("b");
    });
    database.queue.write(put("c"));
    await database.commit();
    await database.commitAll();
    assert.deepEqual(database.begun[1], ["b", "c"]);
});

test("what may wait goes together, a little later", async () => {
    const database = new Database();
    const { queue, clock } = database;
    queue.writeSoon(put("a"));
    await clock.advance(WAIT_MS / 2);
    queue.writeSoon(put("b"));
    assert.deepEqual(database.begun, []);
    await clock.advance(WAIT_MS / 2);
    assert.deepEqual(database.begun, [["a", "b"]]);
    await database.commit();
    queue.writeSoon(put("c"));
    await clock.advance(WAIT_MS - 1);
    assert.equal(database.begun.length, 1);
    await clock.advance(1);
    assert.deepEqual(database.begun[1], ["c"]);
});

test("what may wait goes before what cannot, with it, and not by itself after another", async () => {
    const database = new Database();
    const { queue, clock } = database;
    queue.writeSoon(put("a"));
    queue.write(put("b"));
    await settle();
    assert.deepEqual(database.begun, [["a", "b"]]);
    queue.writeSoon(put("c"));
    await database.commit();
    assert.equal(database.begun.length, 1);
    await clock.advance(WAIT_MS);
    assert.deepEqual(database.begun[1], ["c"]);
    await database.commit();
    assert.equal(clock.pending, 0);
});

test("one that cannot be written takes none of the others along", async () => {
    const database = new Database();
    const { queue } = database;
    queue.write(put("a"));
    const answers = Promise.allSettled([
        queue.write(put("b")),
        queue.write(fail("c")),
        queue.write(put("d")),
    ]);
    const after = database.commit().then(() => queue.write(put("e")));
    await database.commit();
    await database.commitAll();
    await after;
    const [b, c, d] = await answers;
    assert.equal(b.value, "wrote b");
    assert.equal(c.reason.message, "no room for c");
    assert.equal(d.value, "wrote d");
    assert.deepEqual(database.written, ["a", "b", "d", "e"]);
});

test("who reads waits for what was written before, and not for what may still come", async () => {
    const database = new Database();
    const { queue } = database;
    const steps = [];
    queue.write(put("a")).then(() => steps.push("a"));
    queue.writeSoon(put("b")).then(() => steps.push("b"));
    queue.settle().then(() => steps.push("settled"));
    await database.commit();
    assert.deepEqual(steps, ["a"]);
    await database.commit();
    assert.deepEqual(steps, ["a", "b", "settled"]);
    await queue.settle();
});

test("whoever leaves hands over all that waits, beside what is under way", async () => {
    const database = new Database();
    const { queue } = database;
    queue.write(put("a"));
    queue.write(put("b"));
    queue.writeSoon(put("c"));
    queue.leave();
    await settle();
    assert.deepEqual(database.begun, [["a"], ["b", "c"]]);
    await database.commit();
    assert.deepEqual(database.written, ["a", "b", "c"]);
});

const { random, seed } = randomOf();

/** Writes some that can be written and some that cannot, at any pace; which of them could. */
async function writeAtRandom({ queue, clock }, commit) {
    const oneIn = (count) => random() * count < 1;
    const good = [];
    const answers = [];
    for (let count = 0; count < 30; count += 1) {
        const isBad = oneIn(5);
        if (!isBad) good.push(count);
        const act = isBad ? fail(count) : put(count);
        const told = oneIn(2) ? queue.write(act) : queue.writeSoon(act);
        answers.push(
            told.then(
                (value) => assert.equal(value, `wrote ${count}`),
                () => assert.ok(isBad),
            ),
        );
        if (oneIn(4)) await clock.advance(random() * 2 * WAIT_MS);
        if (oneIn(4)) await commit();
    }
    return { good, answers };
}

test(`what can be written is, once and in order, whatever fails beside it (seed ${seed})`, async () => {
    for (let round = 0; round < 100; round += 1) {
        const database = new Database();
        const { good, answers } = await writeAtRandom(database, () => database.commit());
        await database.clock.advance(WAIT_MS);
        await database.commitAll();
        await Promise.all(answers);
        assert.deepEqual(database.written, good);
    }
});
