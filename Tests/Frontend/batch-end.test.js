import { test } from "node:test";
import assert from "node:assert/strict";
import { dayOf, endOfDay, endsSoon, latestEnd } from "../../Public/js/model/batch-end.js";
import { learn } from "../../Public/js/base/i18n.js";
import { EndNotice } from "../../Public/js/ui/end-notice.js";
import { HeldClock } from "./held-clock.js";

const DAY = 86_400_000;
const createdAt = "2027-01-01T12:00:00.000Z";
const at = (days) => new Date(Date.parse(createdAt) + days * DAY).toISOString();

test("a batch ends soon from a day before on, and one without an end never does", () => {
    const end = Date.parse(at(30));
    assert.equal(endsSoon({ expiresAt: at(30) }, end - DAY - 1), false);
    assert.equal(endsSoon({ expiresAt: at(30) }, end - DAY), true);
    assert.equal(endsSoon({}, end), false);
});

test("it may be kept for so many days, as long as it is now, or, without an end, for any", () => {
    assert.equal(latestEnd({ createdAt, expiresAt: at(3) }, 30), Date.parse(at(30)));
    assert.equal(latestEnd({ createdAt, expiresAt: at(90) }, 30), Date.parse(at(90)));
    assert.equal(latestEnd({ createdAt, expiresAt: at(3) }, undefined), undefined);
    assert.equal(latestEnd({ createdAt }, 30), undefined);
});

test("a day ends where the reader is, and never behind the latest end", () => {
    const end = endOfDay("2027-01-05");
    assert.equal(dayOf(Date.parse(end)), "2027-01-05");
    assert.equal(dayOf(Date.parse(end) + 1_000), "2027-01-06");
    const latest = Date.parse(end) - 5_000;
    assert.equal(Date.parse(endOfDay("2027-01-05", latest)), latest);
});

/** What is shown, with a clock that begins when the batch was made. */
function notice() {
    const clock = new HeldClock();
    const part = () => Object.assign(Object.create(globalThis.HTMLElement.prototype), {});
    const [span, button] = [part(), part()];
    const element = Object.assign(part(), {
        hidden: true,
        querySelector: (selector) => (selector === "span" ? span : button),
    });
    const now = () => Date.parse(createdAt) + clock.now();
    return { clock, element, span, button, shown: new EndNotice(element, { clock, now }) };
}

test("its keeper is told a day before, and can do something about it where that may be", async (t) => {
    globalThis.HTMLElement ??= class {};
    t.after(() => delete globalThis.HTMLElement);
    await learn("en");
    const { clock, element, span, button, shown } = notice();
    shown.show({ createdAt, expiresAt: at(3) }, 3);
    await clock.advance(2 * DAY - 1);
    assert.equal(element.hidden, true);
    await clock.advance(1);
    assert.equal(element.hidden, false);
    assert.match(span.textContent, /Jan 4, 2027/);
    assert.equal(button.hidden, true);
    shown.show({ createdAt, expiresAt: at(3) }, 30);
    assert.equal(button.hidden, false);
    // Kept for longer, it says nothing, and asks nobody who does not keep it.
    shown.show({ createdAt, expiresAt: at(30) }, 30);
    assert.equal(element.hidden, true);
    shown.show(null);
    await clock.advance(40 * DAY);
    assert.equal(element.hidden, true);
    assert.equal(clock.pending, 0);
});
