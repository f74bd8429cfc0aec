// @ts-check
/**
 * What is given to the upload page, and its way to the server: what was given before this was there comes first.
 * Then what else the empty page tells: its limits, and earlier batches.
 */

import { byID } from "../base/dom.js";
import { whenSpoken } from "../base/i18n.js";
import { loadStyle } from "../base/style.js";
import { loadEarlier, showEarlier } from "../ui/earlier-batches.js";
import { Limits } from "../ui/limits-line.js";
import { HeldUploads } from "../uploads/held-uploads.js";
import { IncomingFiles } from "../uploads/incoming-files.js";
import { followTaken } from "../uploads/open-tabs.js";
import { UnfinishedUploads } from "../uploads/unfinished-uploads.js";
import { followUnsafe, remember } from "../uploads/upload-memory.js";
import { Uploader } from "../uploads/uploader.js";
import { askBeforeLeaving } from "./lifecycle.js";
import { takeFiles } from "./take-files.js";

/** Until this element is known there are no cards, and a sentence alone tells that files were taken. */
const CARDS = "photo-grid";

/** @typedef {import("./upload.js").Page} Page */
/** @typedef {import("./upload.js").Batch} Batch */

/** @param {Page} page @param {Batch} batch */
export function takeUploads(page, batch) {
    const limits = new Limits(byID("limits", HTMLElement));
    const uploads = uploadsOf(page, batch, limits);
    const { uploader, held, unfinished } = uploads;
    followBatch(batch, uploads);
    page.settings.follow((now, before) => {
        if (now.parallel !== before.parallel) uploader.fill();
    });
    page.told.onGoOn(() => page.perform(() => unfinished.goOn()));
    followUnsafe(askBeforeLeaving());
    followTaken(() => unfinished.wake());
    begin(page, batch, uploads).catch(page.report);
    void limits.load();
    whenSpoken(() => limits.show());
    return { uploader, held };
}

/**
 * The way of a file to the server, whichever way it came to this page.
 * @param {Page} page @param {Batch} batch @param {Limits} limits
 */
function uploadsOf({ settings, announcer, told }, { photos, session, tell }, limits) {
    const incoming = new IncomingFiles({
        photos,
        session,
        uploader: () => uploader,
        areHeld: () => settings.current.sending === "review",
        limits: () => limits.current,
        note: told.note,
        say: announcer.say.bind(announcer),
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
        onChange: () => tell("held"),
    });
    const unfinished = new UnfinishedUploads({
        photos,
        session,
        incoming,
        uploader: () => uploader,
        onFound: told.noteUnsent,
        onWaiting: told.showUnfinished,
    });
    return { incoming, uploader, held, unfinished };
}

/** @param {Batch} batch @param {ReturnType<typeof uploadsOf>} uploads */
function followBatch(batch, { uploader, held, unfinished }) {
    batch.follow({
        enter: (entry) => {
            unfinished.follow(entry);
            held.follow(entry);
        },
        leave: (entry) => {
            unfinished.leave(entry);
            held.leave(entry);
        },
        isExpected: ({ size }) => uploader.creating.some(({ file }) => file.size === size),
        gone: () => uploader.stopAll(),
        network: () => navigator.onLine && uploader.wake(),
        back: () => unfinished.wake(),
    });
}

/**
 * What an earlier visit left comes first, then what is given; then earlier batches are looked for.
 * @param {Page} page @param {Batch} batch @param {ReturnType<typeof uploadsOf>} uploads
 */
async function begin({ told }, { found }, { incoming, unfinished }) {
    const given = byID("given", HTMLElement);
    const earlier = byID("earlier", HTMLElement);
    whenSpoken(() => showEarlier(earlier));
    const which = await found;
    try {
        await unfinished.find();
    } finally {
        // Only now: what is given before would go to another batch, or come before what was given
        // earlier, and `before-modules.js` keeps it.
        takeFiles({
            incoming,
            note: told.note,
            clear: () => {
                told.clear();
                given.hidden = customElements.get(CARDS) !== undefined;
            },
        });
    }
    void customElements.whenDefined(CARDS).then(() => {
        given.hidden = true;
    });
    if (which === "opened") return;
    await loadStyle("earlier-batches");
    await loadEarlier(earlier);
}
