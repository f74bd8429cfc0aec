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
import { takeEarly } from "./early.js";
import { loadEarlier, showEarlier } from "./earlier.js";
import { expose } from "./exposed.js";
import { showFeed } from "./feed-status.js";
import { speak, t } from "./i18n.js";
import { takeIn } from "./intake.js";
import { followLifecycle } from "./lifecycle.js";
import { Limits } from "./limits.js";
import { notices } from "./notices.js";
import { photoActions, placeOf } from "./photo-actions.js";
import { onceAFrame } from "./once-a-frame.js";
import { Photos } from "./photos.js";
import { insist } from "./pictures.js";
import { explain } from "./problems.js";
import { Session } from "./session.js";
import { SettingsStore } from "./settings-store.js";
import { keepPlace } from "./sheet-place.js";
import { Summary } from "./summary.js";
import { Unfinished } from "./unfinished.js";
import { backoff } from "./upload-decisions.js";
import { Uploader } from "./uploader.js";

const byID = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const bar = /** @type {any} */ (document.querySelector("batch-bar"));
const badge = /** @type {any} */ (document.querySelector("transport-badge"));
const proof = /** @type {any} */ (document.querySelector("proof-line"));
const sheet = /** @type {import("./elements/photo-sheet.js").PhotoSheet} */ (byID("sheet"));
const main = byID("main");

/** Between two attempts to open the sheet, at least. */
const MIN_WAIT_MS = 1_000;

const settings = new SettingsStore();
speak(settings.current.language);

const announcer = new Announcer(byID("announcer"));
const { note, clear, showNetwork, showUnfinished, onGoOn } = notices(announcer);
const summary = new Summary({ bar, main, announcer, session: () => session });
const limits = new Limits(byID("limits"));
/** @type {import("./elements/photo-viewer.js").PhotoViewer | null} */
let viewer = null;

/** @type {Photos} */
const photos = new Photos({
    onChange: (entry) => {
        sheet.draw(entry);
        viewer?.follow(entry);
        summary.enter(entry);
    },
    onRemove: (entry) => {
        sheet.drop(entry);
        summary.leave(entry);
    },
    isExpected: ({ size }) => uploader.creating.some(({ file }) => file.size === size),
    isShown: (entry) => sheet.shows(entry),
});

/** @type {Session} */
const session = new Session({
    photos,
    settings,
    onStatus: () => showStatus(),
    onEvent: ({ type, image }) => {
        if (type !== "image.failed" && type !== "image.rejected") return;
        const { name, problem } = photos.document.images?.[image] ?? {};
        announcer.say(`${name}: ${explain(problem ?? { code: "internal" })}`);
    },
    onGone: () => {
        uploader.stopAll();
        photos.clear();
        showOwner();
        note(t("batch.gone"));
    },
});

const arrivals = new Arrivals({
    photos,
    session,
    uploader: () => uploader,
    limits: () => limits.current,
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

// What one asks for later comes later (`index.html` has the browser fetch it ahead): an import that
// fails is said like a request that does, and tried anew the next time.
const dialogs = () => import("./dialogs.js");
const openViewer = async () => {
    const { PhotoViewer } = await import("./elements/photo-viewer.js");
    viewer ??= new PhotoViewer(byID("viewer"), {
        show: (entry) => perform(() => actions.turn(entry)),
        placeOf: (entry) => placeOf(photos, entry),
        isOwner: () => session.owner,
        batch: () => session.batch ?? "",
    });
    return viewer;
};

const actions = photoActions({ photos, session, uploader, viewer: openViewer });
const sheetActions = batchActions({
    photos,
    session,
    uploader,
    actions,
    confirm: async (question) => (await dialogs()).ask(byID("confirm"), question),
    share: async () =>
        (await dialogs()).share(byID("share"), `${location.origin}/batches/${session.batch}`),
});

sheet.addEventListener("photo-action", (event) => {
    const { action, entry } = /** @type {CustomEvent} */ (event).detail;
    perform(() => actions[action](entry));
});
byID("viewer").addEventListener("close", () => viewer?.entry && sheet.reveal(viewer.entry));
bar.addEventListener("batch-action", (/** @type {CustomEvent} */ { detail }) =>
    perform(() => sheetActions[detail]()),
);

/** @param {() => unknown} act */
async function perform(act) {
    clear();
    try {
        await act();
    } catch (error) {
        report(error);
    }
}

/** @param {unknown} error */
function report(error) {
    const sentence = explain(error instanceof api.Problem ? error.body : { code: "unreachable" });
    note(sentence);
    if (viewer?.isOpen) viewer.say(sentence);
}

bar.addEventListener("filter", (/** @type {CustomEvent} */ event) => {
    sheet.filter = event.detail;
});

const showStatus = onceAFrame(() => {
    const machine = session.feed?.machine;
    if (machine) showFeed(machine, badge, proof);
});

function translateAll() {
    speak(settings.current.language);
    limits.show();
    showEarlier(byID("earlier"));
    showStatus();
    showUnfinished();
    summary.show();
    sheet.drawAll(photos.entries.values());
}

settings.follow((now, before) => {
    if (now.language !== before.language) translateAll();
    if (now.parallel !== before.parallel) uploader.fill();
    dress(now);
});

const unfinished = new Unfinished({
    photos,
    session,
    take: (found) => arrivals.take(found),
    onWaiting: showUnfinished,
});
onGoOn(() => perform(() => unfinished.goOn()));

followLifecycle(
    () => session.feed,
    () => {
        showNetwork();
        summary.soon();
        if (navigator.onLine) uploader.wake();
    },
);
showNetwork();
insist(document);
expose(session, photos);

function take() {
    const pickers = /** @type {NodeListOf<HTMLInputElement>} */ (
        document.querySelectorAll("input.picker")
    );
    const onFound = (/** @type {import("./intake.js").Found[]} */ found) => arrivals.take(found);
    const onBegin = () => {
        clear();
        arrivals.begin();
    };
    takeIn({ overlay: byID("overlay"), onBegin, onFound, pickers });
    takeEarly(pickers, onFound);
}

function showOwner() {
    sheet.canChange = session.owner;
    document.body.toggleAttribute("data-reading", !session.owner);
}

/** Asks until the server has told which sheet this is. */
async function openSheet() {
    for (let attempt = 0; ; attempt += 1) {
        try {
            const found = await session.open();
            if (attempt > 0) clear();
            return found;
        } catch (error) {
            main.dataset.fill = "none";
            report(error);
            const wait = backoff(attempt, Math.random(), MIN_WAIT_MS);
            await new Promise((resolve) => setTimeout(resolve, wait));
        }
    }
}

async function open() {
    const found = await openSheet();
    showOwner();
    if (found === "gone") note(t("batch.gone"));
    if (!session.owner) note(t("batch.shared"));
    // Only now: what is given before would go to another sheet, and `first.js` keeps it.
    take();
    sheet.drawAll(photos.entries.values());
    summary.show();
    keepPlace(sheet);
    await unfinished.find();
    if (found !== "opened") await loadEarlier(byID("earlier"), perform);
}

void limits.load();
open().catch(report);
