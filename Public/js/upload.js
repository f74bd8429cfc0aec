// @ts-check
/** The upload page: builds its parts, and connects them. No rule lives here. */

import "./elements/batch-bar.js";
import "./elements/photo-sheet.js";
import "./elements/transport-badge.js";

import * as api from "./api.js";
import { Announcer } from "./announcer.js";
import { dress } from "./appearance.js";
import { Arrivals } from "./arrivals.js";
import { batchActions } from "./batch-actions.js";
import { ask, prepareShare } from "./dialogs.js";
import { PhotoViewer } from "./elements/photo-viewer.js";
import { takeEarly } from "./early.js";
import { loadEarlier, showEarlier } from "./earlier.js";
import { expose } from "./exposed.js";
import { showFeed } from "./feed-status.js";
import { formatName } from "./formats.js";
import { speak, t, words } from "./i18n.js";
import { takeIn } from "./intake.js";
import { followLifecycle } from "./lifecycle.js";
import { photoActions } from "./photo-actions.js";
import { Photos } from "./photos.js";
import { explain } from "./problems.js";
import { Pace } from "./progress.js";
import { Session } from "./session.js";
import { SettingsStore } from "./settings-store.js";
import { Tally } from "./tally.js";
import { Uploader } from "./uploader.js";

const SUMMARY_MS = 200;

const byID = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const bar = /** @type {any} */ (document.querySelector("batch-bar"));
const badge = /** @type {any} */ (document.querySelector("transport-badge"));
const proof = /** @type {any} */ (document.querySelector("proof-line"));
const sheet = /** @type {import("./elements/photo-sheet.js").PhotoSheet} */ (byID("sheet"));
const main = byID("main");

const settings = new SettingsStore();
speak(settings.current.language);

const announcer = new Announcer(byID("announcer"));
const pace = new Pace();
const tally = new Tally();
/** @type {any} */
let capabilities = null;

/** @type {Photos} */
const photos = new Photos({
    onChange: (entry) => {
        tally.enter(entry);
        sheet.draw(entry);
        viewer.follow(entry);
        summarizeSoon();
    },
    onRemove: (entry) => {
        tally.leave(entry.key);
        sheet.drop(entry);
        summarizeSoon();
    },
    isExpected: ({ size }) => uploader.creating.some(({ file }) => file.size === size),
});

/** @type {Session} */
const session = new Session({
    photos,
    settings,
    onStatus: showStatus,
    onEvent: ({ type, image }) => {
        if (type !== "image.failed" && type !== "image.rejected") return;
        const { name, problem } = photos.document.images?.[image] ?? {};
        announcer.say(`${name}: ${explain(problem ?? { code: "internal" })}`);
    },
    onGone: () => note(t("batch.gone")),
});

const arrivals = new Arrivals({
    photos,
    session,
    uploader: () => uploader,
    limits: () => capabilities?.limits,
    note,
    say: (sentence) => announcer.say(sentence),
});

/** @type {Uploader} */
const uploader = new Uploader({
    batch: () => session.ensure(),
    parallel: () => settings.current.parallel,
    onChange: (task) => arrivals.follow(task),
    isTaken: (image) => Boolean(photos.ofImage(image)?.task),
});

const actions = photoActions({ photos, session, uploader, viewer: () => viewer });
const showLink = prepareShare(byID("share"));
const sheetActions = batchActions({
    photos,
    session,
    uploader,
    actions,
    confirm: (question) => ask(byID("confirm"), question),
    share: () => showLink(`${location.origin}/batches/${session.batch}`),
});
/** @type {PhotoViewer} */
const viewer = new PhotoViewer(byID("viewer"), {
    show: (entry) => perform(() => actions.info(entry)),
    isOwner: () => session.owner,
    batch: () => session.batch ?? "",
});

sheet.addEventListener("photo-action", (event) => {
    const { action, entry } = /** @type {CustomEvent} */ (event).detail;
    perform(() => actions[action](entry));
});
bar.addEventListener("batch-action", (/** @type {CustomEvent} */ { detail }) =>
    perform(() => sheetActions[detail]()),
);

/** @param {() => unknown} act */
async function perform(act) {
    byID("notice").hidden = true;
    try {
        await act();
    } catch (error) {
        report(error);
    }
}

/** @param {unknown} error */
function report(error) {
    note(explain(error instanceof api.Problem ? error.body : { code: "unreachable" }));
}

bar.addEventListener("filter", (/** @type {CustomEvent} */ event) => {
    sheet.filter = event.detail;
});

/** @param {string} sentence */
function note(sentence) {
    const notice = byID("notice");
    notice.hidden = false;
    notice.textContent = sentence;
    announcer.say(sentence);
}

let summaryTimer = 0;
function summarizeSoon() {
    if (summaryTimer === 0) summaryTimer = window.setTimeout(showSummary, SUMMARY_MS);
    if (photos.entries.size > 0) main.dataset.fill = "some";
}

function showSummary() {
    summaryTimer = 0;
    const summary = pace.follow(tally.sums, performance.now() / 1_000);
    const archive = session.batch && api.archiveURL(session.batch);
    // Nobody can say how long a cut line stays cut.
    const told = navigator.onLine ? summary : { ...summary, secondsLeft: null };
    bar.show(told, { archive, isOwner: session.owner });
    announcer.follow(summary);
    main.dataset.fill = summary.total > 0 ? "some" : "none";
    if (summary.working > 0) summarizeSoon();
}

function showStatus() {
    const machine = session.feed?.machine;
    if (machine) showFeed(machine, badge, proof);
}

function showLimits() {
    const limits = capabilities?.limits;
    if (!limits) return;
    const formats = (capabilities.formats?.input ?? []).map(formatName).join(", ");
    const size = words.bytes(limits.fileBytes);
    byID("limits").textContent = t("intake.limits", { formats, size });
}

function translateAll() {
    speak(settings.current.language);
    showLimits();
    showEarlier(byID("earlier"));
    showStatus();
    showSummary();
    sheet.drawAll(photos.entries.values());
}

settings.follow((now, before) => {
    if (now.language !== before.language) translateAll();
    if (now.parallel !== before.parallel) uploader.fill();
    dress(now);
});

function showNetwork() {
    byID("offline").hidden = navigator.onLine;
    summarizeSoon();
    if (navigator.onLine) uploader.wake();
}

followLifecycle(() => session.feed, showNetwork);
showNetwork();
takeIn({
    overlay: byID("overlay"),
    onBegin: () => {
        byID("notice").hidden = true;
        arrivals.begin();
    },
    onFound: (found) => arrivals.take(found),
    pickers: document.querySelectorAll("input.picker"),
});
takeEarly(document.querySelectorAll("input.picker"), (found) => arrivals.take(found));

expose(session, photos);

async function open() {
    const found = await session.open();
    sheet.canChange = session.owner;
    document.body.toggleAttribute("data-reading", !session.owner);
    if (found === "gone") note(t("batch.gone"));
    if (!session.owner) note(t("batch.shared"));
    sheet.drawAll(photos.entries.values());
    showSummary();
    if (found !== "opened") await loadEarlier(byID("earlier"));
}

api.capabilities()
    .then((answer) => {
        capabilities = answer;
        showLimits();
    })
    .catch(() => {
        // Without the limits the server still refuses by itself; the line of help stays empty.
    });
open().catch((error) => {
    main.dataset.fill = "none";
    report(error);
});
