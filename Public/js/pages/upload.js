// @ts-check
/** The upload page: builds its parts, and connects them. No rule lives here. */

import { batchPage } from "../base/addresses.js";
import * as api from "../base/api.js";
import { byID, find, listen } from "../base/dom.js";
import { tellOutside } from "./outside.js";
import { dockedBars } from "./docked-bars.js";
import { onSettings, PhotoAddress } from "./page-address.js";
import { Announcer } from "../ui/announcer.js";
import { dress } from "../settings/appearance.js";
import { IncomingFiles } from "../uploads/incoming-files.js";
import { batchActions } from "../actions/batch-actions.js";
import { loadEarlier, showEarlier } from "../ui/earlier-batches.js";
import { expose } from "./exposed.js";
import { FeedStatus } from "../ui/feed-status.js";
import { speak, t } from "../base/i18n.js";
import { offerKeyHelp } from "./key-help.js";
import { keepOpening } from "./keep-opening.js";
import { askBeforeLeaving, followLifecycle } from "./lifecycle.js";
import { Limits } from "../ui/limits-line.js";
import { notices } from "../ui/notices.js";
import { followTaken } from "../uploads/open-tabs.js";
import { photoActions } from "../actions/photo-actions.js";
import { once } from "../base/once.js";
import { onceAFrame } from "../base/once-a-frame.js";
import { Photos } from "../model/photos.js";
import { insist } from "../pictures/reload-broken.js";
import { explain } from "../base/problems.js";
import { Session } from "../model/session.js";
import { CHOICES, SettingsStore } from "../settings/settings-store.js";
import { keepPlace } from "./scroll-place.js";
import { takeFiles } from "./take-files.js";
import { BatchBar } from "../ui/batch-bar.js";
import { Summary } from "../ui/batch-summary.js";
import { PhotoGrid } from "../ui/photo-grid.js";
import { sendingChoice } from "../ui/sending-choice.js";
import { TransportBar } from "../ui/transport-bar.js";
import { UnfinishedUploads } from "../uploads/unfinished-uploads.js";
import { HeldUploads } from "../uploads/held-uploads.js";
import { followUnsafe, remember } from "../uploads/upload-memory.js";
import { Uploader } from "../uploads/uploader.js";
import { TransportChoice } from "../feed/transport-choice.js";

const bar = find(document, "batch-bar", BatchBar);
const transportBar = find(document, "transport-bar", TransportBar);
const proof = find(document, "proof-line", HTMLElement);
const grid = byID("photos", PhotoGrid);
const main = byID("main", HTMLElement);

const settings = new SettingsStore();
const transportChoice = new TransportChoice(settings);
speak(settings.current.language);

const announcer = new Announcer(byID("announcer", HTMLElement));
const say = announcer.say.bind(announcer);
const { note, clear, showNetwork, showUnfinished, noteUnsent, onGoOn } = notices(announcer);
const outside = tellOutside(settings, () => session.name);
const summary = new Summary({ bar, main, announcer, session: () => session, outside });
const limits = new Limits(byID("limits", HTMLElement));
/** @type {import("../viewer/photo-viewer.js").PhotoViewer | null} */
let viewer = null;

/** @type {Photos} */
const photos = new Photos({
    onChange: (entry) => {
        grid.draw(entry);
        viewer?.follow(entry);
        summary.enter(entry);
        unfinished.follow(entry);
        held.follow(entry);
    },
    onRemove: (entry) => {
        grid.drop(entry);
        viewer?.leave(entry);
        summary.leave(entry);
        unfinished.leave(entry);
        held.leave(entry);
    },
    isExpected: ({ size }) => uploader.creating.some(({ file }) => file.size === size),
    isShown: ({ key }) => grid.isShown(key),
});

/** @type {Session} */
const session = new Session({
    photos,
    settings,
    transportChoice,
    onStatus: () => showStatus(),
    onMark: () => transportBar.beat(),
    onEvent: ({ type, image }) => {
        if (type === "batch.renamed") summary.soon();
        if (type !== "image.failed" && type !== "image.rejected") return;
        const { name, problem } = photos.document.images?.[image] ?? {};
        say(`${name}: ${explain(problem ?? { code: "internal" })}`);
    },
    onGone: () => {
        uploader.stopAll();
        viewer?.dialog.close();
        photos.clear();
        showOwner();
        note(t("batch.gone"));
    },
});

const incoming = new IncomingFiles({
    photos,
    session,
    uploader: () => uploader,
    areHeld: () => settings.current.sending === "review",
    limits: () => limits.current,
    note,
    say,
});

/** @type {Uploader} */
const uploader = new Uploader({
    batch: () => session.ensure(),
    parallel: () => settings.current.parallel,
    onChange: (task) => incoming.follow(task),
});

const held = new HeldUploads({
    uploader: () => uploader,
    remember,
    onMoved: (entry) => photos.changed(entry),
    onChange: () => review(),
});

// What one asks for later comes later (`index.html` has the browser fetch it ahead): an import that
// fails is said like a request that does, and tried anew the next time.
const dialogs = () => import("../ui/dialogs.js");
const photoAddress = new PhotoAddress({
    open: (image) =>
        perform(() => {
            const entry = photos.ofImage(image);
            if (entry) return actions.info(entry);
            photoAddress.hide();
            note(t("photo.gone"));
        }),
    close: () => viewer?.dialog.close(),
});
const openViewer = once(async () => {
    const { makeViewer } = await import("../viewer/make-viewer.js");
    const ask = (/** @type {import("../model/photos.js").Entry} */ entry) => actions.tell(entry);
    const page = { photos, session, grid, settings, ask, address: photoAddress };
    viewer = await makeViewer({ ...page, onTrouble: report });
    return viewer;
});

/** @param {any} question @returns {Promise<boolean>} */
const confirm = async (question) =>
    (await dialogs()).ask(byID("confirm", HTMLDialogElement), question);
const actions = photoActions({ photos, session, uploader, held, viewer: openViewer, confirm });
const actionsOnAll = batchActions({
    photos,
    session,
    uploader,
    actions,
    confirm,
    notify: outside.notify,
    askName: async (name) =>
        (await import("../ui/name-dialog.js")).askName(byID("name", HTMLDialogElement), name),
    share: async () =>
        (await dialogs()).share(
            byID("share", HTMLDialogElement),
            location.origin + batchPage(session.batch ?? ""),
        ),
});

listen(grid, "photo-action", ({ action, entry, button }) =>
    perform(() => actions[action](entry, button)),
);
byID("viewer", HTMLElement).addEventListener(
    "close",
    () => viewer?.entry && grid.reveal(viewer.entry),
);
listen(grid, "trouble", report);
const review = dockedBars({ grid, session, held, actions, confirm, perform, report, say });
listen(bar, "batch-action", (action) => perform(() => actionsOnAll[action]()));

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

const settingsOverlay = once(async () => {
    const { SettingsOverlay } = await import("../settings/settings-overlay.js");
    return new SettingsOverlay(byID("settings-over", HTMLDialogElement), settings);
});
onSettings(() => perform(async () => (await settingsOverlay()).open()));

listen(bar, "filter", (filter) => Object.assign(grid, { filter }));
listen(bar, "sort", (sort) => Object.assign(grid, { sort }));
listen(bar, "search", (search) => Object.assign(grid, { search }));

const status = new FeedStatus({ session, transportChoice, settings, transportBar, proof, grid });
const showStatus = onceAFrame(() => status.show());
transportChoice.follow(showStatus);
listen(transportBar, "choose", (choice) => transportChoice.choose(choice));
listen(transportBar, "join", () => transportChoice.join());
listen(transportBar, "trouble", report);
showStatus();

const showSending = sendingChoice(
    byID("sending", HTMLFieldSetElement),
    byID("release", HTMLElement),
    settings,
);

function translateAll() {
    speak(settings.current.language);
    showSending();
    if (held.entries.length > 0) review();
    limits.show();
    showEarlier(byID("earlier", HTMLElement));
    showStatus();
    showUnfinished();
    summary.show();
    grid.drawAll(photos.entries.values());
}

settings.follow((now, before) => {
    if (now.language !== before.language) translateAll();
    if (now.parallel !== before.parallel) uploader.fill();
    dress(now);
});

/** @type {UnfinishedUploads} */
const unfinished = new UnfinishedUploads({
    photos,
    session,
    incoming,
    uploader: () => uploader,
    onFound: noteUnsent,
    onWaiting: showUnfinished,
});
onGoOn(() => perform(() => unfinished.goOn()));
followUnsafe(askBeforeLeaving());
followTaken(() => unfinished.wake());

followLifecycle({
    feed: () => session.feed,
    onBack: () => unfinished.wake(),
    onNetwork: () => {
        showNetwork();
        summary.soon();
        if (navigator.onLine) uploader.wake();
    },
});
showNetwork();
offerKeyHelp(perform);
if (transportChoice.unknown)
    note(t("updates.unknown", { name: transportChoice.unknown, names: CHOICES.join(", ") }));
insist(document);
expose(session, photos);

function showOwner() {
    grid.canChange = session.owner;
    document.body.toggleAttribute("data-reading", !session.owner);
}

async function open() {
    const onTrouble = (/** @type {unknown} */ error) => {
        main.dataset.fill = "none";
        report(error);
    };
    const found = await keepOpening(session, { onTrouble, onEnd: clear });
    showOwner();
    if (found === "gone") note(t("batch.gone"));
    if (!session.owner) note(t("batch.shared"));
    grid.drawAll(photos.entries.values());
    summary.show();
    keepPlace(grid);
    photoAddress.begin();
    try {
        await unfinished.find();
    } finally {
        // Only now: what is given before would go to another batch, or come before what was given
        // earlier, and `before-modules.js` keeps it.
        takeFiles({ incoming, clear, note });
    }
    if (found !== "opened") await loadEarlier(byID("earlier", HTMLElement));
}

void limits.load();
open().catch(report);
