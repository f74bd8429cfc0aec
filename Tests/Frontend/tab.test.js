/** What the browser's window tells of a batch that nobody looks at: the tab's title and icon, a screen that
 * stays on, a notice at the end. */

import { beforeEach, test } from "node:test";
import assert from "node:assert/strict";

/** As much of a document as these parts use. */
class Page extends EventTarget {
    hidden = false;
    title = "Revela";
    isCovered = false;
    icon = Object.assign(new Element(), { href: "/favicon.svg" });
    over = new HTMLElement();
    querySelector(selector) {
        if (selector.startsWith("#settings-over[open]")) return this.isCovered ? this.over : null;
        return this.icon;
    }
    getElementById() {
        return this.over;
    }
    hide(isHidden) {
        this.hidden = isHidden;
        this.dispatchEvent(new Event("visibilitychange"));
    }
}

class Element extends EventTarget {}
class HTMLElement extends Element {}
Object.assign(globalThis, { HTMLElement, HTMLLinkElement: Element });
const { learn } = await import("../../Public/js/base/i18n.js");
const { TabProgress } = await import("../../Public/js/ui/tab-progress.js");
const { WakeLock } = await import("../../Public/js/pages/wake-lock.js");
const { FinishedNotice } = await import("../../Public/js/ui/finished-notice.js");
await learn("en");

let page;
beforeEach(() => {
    page = new Page();
    globalThis.document = page;
});

const summary = (given) => ({ active: 0, ready: 0, failed: 0, done: 0, ...given });
const rings = () => decodeURIComponent(page.icon.href).match(/stroke-dasharray="(\d+)/)?.[1];

test("the title and the icon tell how far it is while photos are under way, never too much", () => {
    const tab = new TabProgress();
    tab.show(summary({ active: 2, done: 0.439 }));
    assert.deepEqual([page.title, rings()], ["43% · Revela", "40"]);
    tab.show(summary({ active: 1, done: 0.999 }));
    assert.deepEqual([page.title, rings()], ["99% · Revela", "95"]);
});

test("at the end a tab in the background says what came of it, and the page's own name is back once it is seen", () => {
    const tab = new TabProgress();
    page.hide(true);
    tab.show(summary({ ready: 12 }));
    assert.deepEqual([page.title, page.icon.href], ["12 ready · Revela", "/favicon.svg"]);
    tab.show(summary({ ready: 11, failed: 1 }));
    assert.equal(page.title, "1 failed · Revela");
    page.hide(false);
    assert.equal(page.title, "Revela");
});

test("while the settings lie over the page the title is theirs", () => {
    const tab = new TabProgress();
    page.isCovered = true;
    page.title = "Settings · Revela";
    tab.show(summary({ active: 1, done: 0.5 }));
    assert.equal(page.title, "Settings · Revela");
});

/** Locks that are given, and how many are held. */
function screenLocks() {
    const given = [];
    const request = async () => {
        const lock = {
            released: false,
            release: async () => Object.assign(lock, { released: true }),
        };
        given.push(lock);
        return lock;
    };
    const wakeLock = { request };
    Object.defineProperty(globalThis, "navigator", { value: { wakeLock }, configurable: true });
    return { given, wakeLock, held: () => given.filter(({ released }) => !released).length };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("the screen stays on while bytes are to be sent, and no longer", async () => {
    const { given, held } = screenLocks();
    const lock = new WakeLock();
    lock.want(true);
    lock.want(true);
    await settled();
    assert.deepEqual([given.length, held()], [1, 1]);
    lock.want(false);
    await settled();
    assert.equal(held(), 0);
});

test("what is wanted no more before it was given is given back", async () => {
    const { held } = screenLocks();
    const lock = new WakeLock();
    lock.want(true);
    lock.want(false);
    await settled();
    assert.equal(held(), 0);
});

test("a page that comes back from behind takes the lock anew that the browser took away", async () => {
    const { given, held } = screenLocks();
    const lock = new WakeLock();
    lock.want(true);
    await settled();
    page.hide(true);
    given[0].released = true;
    await settled();
    assert.equal(held(), 0);
    page.hide(false);
    await settled();
    assert.deepEqual([given.length, held()], [2, 1]);
});

test("a browser that refuses, or has no such lock, sends all the same", async () => {
    const { wakeLock } = screenLocks();
    wakeLock.request = async () => {
        throw new Error("the battery is low");
    };
    new WakeLock().want(true);
    await settled();
    Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
    new WakeLock().want(true);
    await settled();
});

/** Notices that were made, with a batch that goes through `steps`. */
function notices(steps, { isOn = true, name, isHidden = true, make } = {}) {
    const made = [];
    page.hidden = isHidden;
    globalThis.location = { pathname: "/batches/b_1" };
    const finished = new FinishedNotice({
        isOn: () => isOn,
        name: () => name,
        make: make ?? ((title, { body, tag }) => made.push([title, body, tag]) && {}),
    });
    for (const step of steps) finished.follow(summary(step));
    return made;
}

const ENDING = [{ active: 2 }, { active: 1, ready: 1 }, { ready: 1, failed: 1 }];

test("a finished batch in a background tab says so, once for each time that it ends", () => {
    assert.deepEqual(notices(ENDING), [["Batch finished", "1 ready · 1 failed", "/batches/b_1"]]);
    assert.deepEqual(notices([{ active: 1 }, { ready: 1 }, { ready: 1 }], { name: "Beach" }), [
        ["Beach", "1 ready", "/batches/b_1"],
    ]);
    assert.equal(notices([...ENDING, { active: 1, ready: 1 }, { ready: 2 }]).length, 2);
});

test("it says nothing to who looks, who has not asked for it, or of what was over before", () => {
    assert.deepEqual(notices(ENDING, { isHidden: false }), []);
    assert.deepEqual(notices(ENDING, { isOn: false }), []);
    assert.deepEqual(notices([{ ready: 3 }]), []);
});

test("a browser that has notices of service workers alone costs nothing", () => {
    const make = () => {
        throw new TypeError("illegal constructor");
    };
    assert.deepEqual(notices(ENDING, { make }), []);
});
