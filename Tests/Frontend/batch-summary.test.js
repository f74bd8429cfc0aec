import { test } from "node:test";
import assert from "node:assert/strict";
import { Summary } from "../../Public/js/ui/batch-summary.js";

/** A summary whose timer never fires: only `show` draws. */
function summaryOf(t) {
    t.mock.method(globalThis, "setTimeout", () => 1);
    globalThis.window = globalThis;
    Object.defineProperty(globalThis, "navigator", { value: { onLine: true }, configurable: true });
    t.after(() => {
        delete globalThis.window;
        delete globalThis.navigator;
    });
    const shown = [];
    const summary = new Summary({
        bar: { show: (told) => shown.push(told) },
        main: { dataset: {} },
        announcer: { follow() {} },
        outside: { canNotify: () => false, follow() {} },
        session: () => ({ batch: undefined, owner: true, name: undefined }),
    });
    return { summary, shown };
}

test("however often a photo changes before the bar is drawn, it is counted once, as it is then", (t) => {
    const { summary, shown } = summaryOf(t);
    let looks = 0;
    const photo = {
        key: "a",
        received: 0,
        image: { id: "a", size: 1_000, state: "uploading" },
        get live() {
            looks += 1;
            return { received: this.received };
        },
    };
    summary.enter(photo);
    summary.show();
    const once = looks;
    for (photo.received = 1; photo.received < 500; photo.received += 1) summary.enter(photo);
    summary.show();
    assert.equal(looks, 2 * once);
    assert.deepEqual([shown[1].total, shown[1].received], [1, 0.5]);
});

test("a photo that changed and left is counted no more", (t) => {
    const { summary, shown } = summaryOf(t);
    const photo = { key: "a", image: { id: "a", size: 1_000, state: "ready" } };
    summary.enter(photo);
    summary.leave(photo);
    summary.show();
    assert.equal(shown[0].total, 0);
});
