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
import { keepLoading } from "../base/keep-loading.js";
import { once } from "../base/once.js";
import { loadStyle } from "../base/style.js";
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
/** @typedef {import("../model/photos.js").Entry} Entry */
/** @typedef {ReturnType<typeof tellOutside>} Outside */
/** @typedef {ReturnType<typeof actsOf>} Acts */

// An import that fails is said like a request that does, and tried anew the next time.
const dialogs = () => import("../ui/dialogs.js");

/** @param {any} question @returns {Promise<boolean>} */
const confirm = async (question) => (await dialogs()).ask(question);

const STYLES = ["photo-grid", "photo-card", "batch-bar"];

/** @param {Page} page @param {Batch} batch @param {Promise<Uploads>} uploads */
export async function showPhotos(page, batch, uploads) {
    await keepLoading(() => Promise.all(STYLES.map(loadStyle)));
    const { settings, status, main, announcer } = page;
    const { photos, session, found } = batch;
    const grid = byID("photos", PhotoGrid);
    const bar = find(document, "batch-bar", BatchBar);
    const outside = tellOutside(settings, () => session.name);
    const summary = new Summary({ bar, main, announcer, session: () => session, outside });
    const viewing = new Viewing(page, batch, grid, () => acts());
    /** @type {() => Acts} */
    const acts = once(() => actsOf({ batch, uploads, outside, viewing }));
    const review = dockedBars({ grid, session, acts, confirm, ...page });

    grid.newsAgeMs = () => status.ageMs;
    status.onAge = () => grid.redraw();
    grid.canChange = session.canAdd;
    followBatch(batch, { grid, summary, viewing, review });
    followGrid(page, grid, bar);
    followButtons(page, acts, grid, bar);
    whenSpoken(() => {
        summary.show();
        grid.drawAll(photos.entries.values());
    });

    await found;
    summary.show();
    keepPlace(grid);
    viewing.address.begin();
    const { held } = await uploads;
    if (held.entries.length > 0) review();
    whenSpoken(() => held.entries.length > 0 && review());
}

/**
 * @param {Batch} batch
 * @param {{grid: PhotoGrid, summary: Summary, viewing: Viewing, review: () => void}} parts
 */
function followBatch(batch, { grid, summary, viewing, review }) {
    const { photos, session } = batch;
    batch.follow({
        enter: (entry) => {
            grid.draw(entry);
            viewing.viewer?.follow(entry);
            summary.enter(entry);
        },
        leave: (entry) => {
            grid.drop(entry);
            viewing.viewer?.leave(entry);
            summary.leave(entry);
        },
        isShown: ({ key }) => grid.isShown(key),
        held: review,
        renamed: () => summary.soon(),
        gone: () => viewing.close(),
        owned: () => {
            grid.canChange = session.canAdd;
            grid.drawAll(photos.entries.values());
        },
        network: () => summary.soon(),
    });
}

/**
 * Which photos are wanted, and in which order.
 * @param {Page} page @param {PhotoGrid} grid @param {BatchBar} bar
 */
function followGrid({ report }, grid, bar) {
    listen(grid, "trouble", report);
    listen(bar, "filter", (filter) => Object.assign(grid, { filter }));
    listen(bar, "sort", (sort) => Object.assign(grid, { sort }));
    listen(bar, "search", (search) => Object.assign(grid, { search }));
}

/**
 * The buttons of a card and those of the bar.
 * @param {Page} page @param {() => Acts} acts @param {PhotoGrid} grid @param {BatchBar} bar
 */
function followButtons({ perform }, acts, grid, bar) {
    listen(grid, "photo-action", ({ action, entry, button }) =>
        perform(async () => (await acts()).actions[action](entry, button)),
    );
    const onAll = (/** @type {string} */ action) =>
        perform(async () => (await acts()).onAll[action]());
    listen(bar, "batch-action", onAll);
    find(document, "#ending button", HTMLElement).addEventListener("click", () => onAll("keep"));
}

/** A photo that is looked at: its viewer, which comes when it is asked for, and its address. */
class Viewing {
    /** @type {PhotoViewer | null} */ viewer = null;

    /**
     * @param {Page} page @param {Batch} batch @param {PhotoGrid} grid
     * @param {() => Acts} acts
     */
    constructor({ settings, report, perform, told, ...page }, { photos, session }, grid, acts) {
        this.address = new PhotoAddress({
            open: (image) =>
                perform(async () => {
                    const entry = photos.ofImage(image);
                    if (entry) return (await acts()).actions.info(entry);
                    this.address.hide();
                    told.note(t("photo.gone"));
                }),
            close: () => this.close(),
        });
        const ask = async (/** @type {Entry} */ entry) => (await acts()).actions.tell(entry);
        const parts = { photos, session, grid, settings, ask, onTrouble: report };
        this.open = once(async () => {
            const { makeViewer } = await import("../viewer/make-viewer.js");
            this.viewer = await makeViewer({ ...parts, address: this.address });
            return this.viewer;
        });
        page.onTrouble((sentence) => {
            if (this.viewer?.isOpen) this.viewer.say(sentence);
        });
        byID("viewer", HTMLElement).addEventListener("close", () => {
            if (this.viewer?.entry) grid.reveal(this.viewer.entry);
        });
    }

    close() {
        this.viewer?.dialog.close();
    }
}

/**
 * What buttons do: those of a card, of the bar, and of a photo's own address.
 * @param {{batch: Batch, uploads: Promise<Uploads>, outside: Outside, viewing: Viewing}} parts
 */
async function actsOf({ batch: { photos, session }, uploads, outside, viewing }) {
    const { uploader, held } = await uploads;
    const parts = { photos, session, uploader, confirm };
    const actions = photoActions({ ...parts, held, viewer: viewing.open });
    const onAll = batchActions({
        ...parts,
        actions,
        notify: outside.notify,
        askName: async (name) => (await import("../ui/name-dialog.js")).askName(name),
        askEnd: async (times) => (await import("../ui/keep-dialog.js")).askEnd(times),
        drop: async () => (await import("../ui/drop-dialog.js")).showDrops(session.batch ?? ""),
        share: async () =>
            (await dialogs()).share(location.origin + batchPage(session.batch ?? "")),
    });
    return { actions, onAll, held };
}
