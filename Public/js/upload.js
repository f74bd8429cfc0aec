// @ts-check
/** The upload page: builds its parts, and connects them. No rule lives here. */

import "./elements/batch-bar.js";
import "./elements/photo-sheet.js";
import "./elements/transport-badge.js";

import * as api from "./api.js";
import * as memory from "./upload-memory.js";
import { Announcer } from "./announcer.js";
import { showDetails } from "./elements/photo-details.js";
import { speak, t, words } from "./i18n.js";
import { takeIn } from "./intake.js";
import { followLifecycle } from "./lifecycle.js";
import { isFinal } from "./photo-view.js";
import { Photos } from "./photos.js";
import { explain } from "./problems.js";
import { Pace, summarize } from "./progress.js";
import { Session } from "./session.js";
import { SettingsStore } from "./settings-store.js";
import { refusal } from "./upload-decisions.js";
import { Task, Uploader } from "./uploader.js";

/** @typedef {import("./photos.js").Entry} Entry */

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
/** @type {any} */
let capabilities = null;

const photos = new Photos({
    onChange: (entry) => {
        sheet.draw(entry);
        summarizeSoon();
    },
    onRemove: (entry) => {
        sheet.drop(entry);
        summarizeSoon();
    },
    isExpected: ({ size }) => uploader.creating.some(({ file }) => file.size === size),
});

const session = new Session({
    photos, settings,
    onStatus: showStatus,
    onEvent: ({ type, image }) => {
        if (type !== "image.failed" && type !== "image.rejected") return;
        const { name, problem } = photos.document.images?.[image] ?? {};
        announcer.say(`${name}: ${explain(problem ?? { code: "internal" })}`);
    },
    onGone: () => note(t("batch.gone")),
});

const uploader = new Uploader({
    batch: () => session.ensure(),
    parallel: () => settings.current.parallel,
    onChange: (task) => {
        const entry = entries.get(task);
        if (!entry) return;
        const isNew = task.image !== null && entry.image?.id !== task.image;
        if (isNew) photos.bind(entry, /** @type {string} */ (task.image));
        if (task.state !== "creating") photos.settleExpected();
        photos.options.onChange(entry);
    },
});

/** @type {WeakMap<Task, Entry>} */
const entries = new WeakMap();

/** @param {import("./intake.js").Found[]} found */
async function take(found) {
    if (!session.owner) return note(t("batch.shared"));
    const skipped = found.filter(({ file, fromFolder }) => fromFolder && !file.type.startsWith("image/"));
    if (skipped.length > 0) note(t("intake.skipped", { count: skipped.length }));
    for (const { file, name } of found.filter((one) => !skipped.includes(one))) takeOne(file, name);
}

/** @param {File} file @param {string} name */
function takeOne(file, name) {
    const refused = refusal(file, capabilities?.limits, photos.entries.size);
    if (refused) {
        photos.add({ file, name, refusal: refused });
        announcer.say(`${name}: ${explain(refused)}`);
        return;
    }
    const task = new Task(file, name);
    const entry = resumable(task) ?? photos.add({ file, name });
    entry.file = file;
    entry.task = task;
    entries.set(task, entry);
    photos.options.onChange(entry);
    uploader.add(task);
}

/** An upload of an earlier visit that this file continues. @param {Task} task */
function resumable(task) {
    const place = session.batch && memory.recall(session.batch, task.name, task.file);
    const entry = place ? photos.ofImage(place.image) : undefined;
    if (!place || entry?.image?.state !== "uploading" || entry.task) return undefined;
    Object.assign(task, { ...place, remembered: true });
    return entry;
}

/** @type {Record<string, (entry: Entry) => unknown>} */
const actions = {
    pause: ({ task }) => task && uploader.pause(task),
    resume: ({ task }) => task && uploader.resume(task),
    retry: (entry) => session.retry(photos.imageID(entry) ?? ""),
    info: async (entry) => {
        const { image, via } = await session.info(photos.imageID(entry) ?? "");
        showDetails(byID("details"), image, via);
    },
    cancel: async (entry) => {
        if (entry.task) uploader.stop(entry.task);
        const image = photos.imageID(entry);
        if (image) await session.cancel(image);
        else photos.remove(entry);
    },
    remove: async (entry) => {
        const image = photos.imageID(entry);
        if (image) await session.remove(image);
        else photos.remove(entry);
    },
};

sheet.addEventListener("photo-action", async (event) => {
    const { action, entry } = /** @type {CustomEvent} */ (event).detail;
    try {
        await actions[action](entry);
    } catch (error) {
        note(explain(error instanceof api.Problem ? error.body : { code: "unreachable" }));
    }
});

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
    const summary = pace.follow(summarize(photos.entries.values()), performance.now() / 1_000);
    bar.show(summary);
    announcer.follow(summary);
    main.dataset.fill = summary.total > 0 ? "some" : "none";
    if (summary.working > 0) summarizeSoon();
}

function showStatus() {
    const machine = session.feed?.machine;
    if (!machine) return;
    const { state, choice, reason, candidate, current, wanted, ledger, resets } = machine;
    const transport = current?.transport ?? wanted;
    const pending = candidate && candidate.transport !== transport && !candidate.climbing
        ? candidate.transport : null;
    badge.show({ state, choice, reason, transport, pending });
    const { events, lost, repeated, reordered } = ledger;
    proof.show({ events, lost, repeated, reordered, resets });
}

function showLimits() {
    const limits = capabilities?.limits;
    if (!limits) return;
    const formats = (capabilities.formats?.input ?? []).map(formatName).join(", ");
    const size = words.bytes(limits.fileBytes);
    byID("limits").textContent = t("intake.limits", { formats, size });
}

/** @param {string} mediaType */
const formatName = (mediaType) => mediaType.replace(/^image\//, "").replace(/\+.*/, "").toUpperCase();

function translateAll() {
    speak(settings.current.language);
    showLimits();
    showStatus();
    showSummary();
    sheet.drawAll(photos.entries.values());
}

settings.follow((now, before) => {
    if (now.language !== before.language) translateAll();
    if (now.parallel !== before.parallel) uploader.fill();
    followTheme(now.theme);
});

/** @param {string} theme */
function followTheme(theme) {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
}

followLifecycle(() => session.feed, () => navigator.onLine && uploader.wake());
takeIn({
    overlay: byID("overlay"), onFound: take,
    pickers: document.querySelectorAll("input.picker"),
});

/** For tests and the curious: read it, it changes nothing. */
Object.defineProperty(window, "revela", {
    value: Object.freeze({
        get events() { return session.events; },
        get document() { return photos.document; },
        get live() { return photos.live; },
        get batch() { return session.batch; },
        get cursor() { return session.feed?.machine.cursor ?? null; },
        get transport() { return session.feed?.machine.current?.transport ?? null; },
        get state() { return session.feed?.machine.state ?? "idle"; },
        get ledger() { return session.feed?.machine.ledger ?? null; },
        get feed() { return session.feed; },
    }),
});

async function open() {
    const found = await session.open();
    sheet.canChange = session.owner;
    document.body.toggleAttribute("data-reading", !session.owner);
    if (found === "gone") note(t("batch.gone"));
    if (!session.owner) note(t("batch.shared"));
    sheet.drawAll(photos.entries.values());
    showSummary();
}

api.capabilities().then((answer) => {
    capabilities = answer;
    showLimits();
}).catch(() => {
    // Without the limits the server still refuses by itself; the line of help stays empty.
});
open().catch((error) => {
    main.dataset.fill = "none";
    note(explain(error instanceof api.Problem ? error.body : { code: "unreachable" }));
});
