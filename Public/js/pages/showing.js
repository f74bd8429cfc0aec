// @ts-check
/**
 * The photos on the upload page: their cards, the bar over them, and what can be done with them. What uploads are
 * needed for is done once these are there; viewer and dialogs come when they are asked for.
 */

import { batchActions } from "../actions/batch-actions.js";
import { photoActions } from "../actions/photo-actions.js";
import { batchPage } from "../base/addresses.js";
import { byID, find, listen } from "../base/dom.js";
import { t, whenSpoken } from "../base/i18n.js";
import { once } from "../base/once.js";
import { BatchBar } from "../ui/batch-bar.js";
import { Summary } from "../ui/batch-summary.js";
import { PhotoGrid } from "../ui/photo-grid.js";
import { dockedBars } from "./docked-bars.js";
import { tellOutside } from "./outside.js";
import { PhotoAddress } from "./page-address.js";
import { keepPlace } from "./scroll-place.js";

/** @typedef {import("./upload.js").Page} Page */
/** @typedef {import("./upload.js").Batch} Batch */
/** @typedef {ReturnType<typeof import("./uploading.js").takeUploads>} Uploads */
/** @typedef {import("../viewer/photo-viewer.js").PhotoViewer} PhotoViewer */

// An import that fails is said like a request that does, and tried anew the next time.
const dialogs = () => import("../ui/dialogs.js");

/** @param {any} question @returns {Promise<boolean>} */
const confirm = async (question) =>
    (await dialogs()).ask(byID("confirm", HTMLDialogElement), question);

/** @param {Page} page @param {Batch} batch @param {Promise<Uploads>} uploads */
export async function showPhotos(page, batch, uploads) {
    const { settings, status, main, announcer, report } = page;
    const { photos, session, found } = batch;
    const grid = byID("photos", PhotoGrid);
    const bar = find(document, "batch-bar", BatchBar);
    const outside = tellOutside(settings, () => session.name);
    const summary = new Summary({ bar, main, announcer, session: () => session, outside });
    const { viewer, photoAddress, acts } = actionsOf(page, batch, { grid, uploads, outside });
    const review = dockedBars({ grid, session, acts, confirm, ...page });

    grid.newsAgeMs = () => status.ageMs;
    status.onAge = () => grid.redraw();
    const showOwner = () => {
        grid.canChange = session.canAdd;
    };
    showOwner();
    batch.follow({
        enter: (entry) => {
            grid.draw(entry);
            viewer()?.follow(entry);
            summary.enter(entry);
        },
        leave: (entry) => {
            grid.drop(entry);
            viewer()?.leave(entry);
            summary.leave(entry);
        },
        isShown: ({ key }) => grid.isShown(key),
        held: review,
        renamed: () => summary.soon(),
        gone: () => viewer()?.dialog.close(),
        owned: () => {
            showOwner();
            grid.drawAll(photos.entries.values());
        },
        network: () => summary.soon(),
    });
    listen(grid, "trouble", report);
    listen(bar, "filter", (filter) => Object.assign(grid, { filter }));
    listen(bar, "sort", (sort) => Object.assign(grid, { sort }));
    listen(bar, "search", (search) => Object.assign(grid, { search }));
    whenSpoken(() => {
        summary.show();
        grid.drawAll(photos.entries.values());
    });

    await found;
    summary.show();
    keepPlace(grid);
    photoAddress.begin();
    const { held } = await uploads;
    if (held.entries.length > 0) review();
    whenSpoken(() => held.entries.length > 0 && review());
}

/**
 * What buttons do: those of a card, of the bar, and of a photo's own address.
 * @param {Page} page @param {Batch} batch
 * @param {object} parts
 * @param {PhotoGrid} parts.grid
 * @param {Promise<Uploads>} parts.uploads
 * @param {ReturnType<typeof tellOutside>} parts.outside
 */
function actionsOf(page, { photos, session }, { grid, uploads, outside }) {
    const { settings, report, perform, told } = page;
    /** @type {PhotoViewer | null} */
    let viewer = null;
    const photoAddress = new PhotoAddress({
        open: (image) =>
            perform(async () => {
                const entry = photos.ofImage(image);
                if (entry) return (await acts()).actions.info(entry);
                photoAddress.hide();
                told.note(t("photo.gone"));
            }),
        close: () => viewer?.dialog.close(),
    });
    const openViewer = once(async () => {
        const { makeViewer } = await import("../viewer/make-viewer.js");
        const ask = async (/** @type {import("../model/photos.js").Entry} */ entry) =>
            (await acts()).actions.tell(entry);
        const parts = { photos, session, grid, settings, ask, address: photoAddress };
        viewer = await makeViewer({ ...parts, onTrouble: report });
        return viewer;
    });
    const acts = once(async () => {
        const { uploader, held } = await uploads;
        const parts = { photos, session, uploader, confirm };
        const actions = photoActions({ ...parts, held, viewer: openViewer });
        const onAll = batchActions({
            ...parts,
            actions,
            notify: outside.notify,
            askName: async (name) =>
                (await import("../ui/name-dialog.js")).askName(
                    byID("name", HTMLDialogElement),
                    name,
                ),
            askEnd: async (times) =>
                (await import("../ui/keep-dialog.js")).askEnd(
                    byID("keep", HTMLDialogElement),
                    times,
                ),
            drop: async () => (await import("../ui/drop-dialog.js")).showDrops(session.batch ?? ""),
            share: async () =>
                (await dialogs()).share(
                    byID("share", HTMLDialogElement),
                    location.origin + batchPage(session.batch ?? ""),
                ),
        });
        return { actions, onAll, held };
    });

    page.onTrouble((sentence) => {
        if (viewer?.isOpen) viewer.say(sentence);
    });
    listen(grid, "photo-action", ({ action, entry, button }) =>
        perform(async () => (await acts()).actions[action](entry, button)),
    );
    const onAll = (/** @type {string} */ action) =>
        perform(async () => (await acts()).onAll[action]());
    listen(find(document, "batch-bar", BatchBar), "batch-action", onAll);
    find(document, "#ending button", HTMLElement).addEventListener("click", () => onAll("keep"));
    byID("viewer", HTMLElement).addEventListener(
        "close",
        () => viewer?.entry && grid.reveal(viewer.entry),
    );
    return { viewer: () => viewer, photoAddress, acts };
}
