// @ts-check
/** What the buttons of a card do. */

import { Problem } from "../base/api.js";
import { Commands } from "./commands.js";
import { canSendAgain, isFinal } from "../model/photo-state.js";
import { forget, keep } from "../uploads/upload-memory.js";

/** @typedef {import("../model/photos.js").Entry} Entry */

/**
 * @param {object} parts
 * @param {import("../model/photos.js").Photos} parts.photos
 * @param {import("../model/session.js").Session} parts.session
 * @param {import("../uploads/uploader.js").Uploader} parts.uploader
 * @param {() => Promise<import("../viewer/photo-viewer.js").PhotoViewer>} parts.viewer
 * @param {import("../uploads/held-uploads.js").HeldUploads} parts.held
 * @param {(question: {about: "remove", name: string}) => Promise<boolean>} parts.confirm
 * @returns {Record<string, (entry: Entry, button?: HTMLElement) => unknown>}
 */
export function photoActions({ photos, session, uploader, held, viewer, confirm }) {
    const commands = new Commands(session);
    /**
     * Once: until the feed has told what came of it, or it could not be asked.
     * @param {NonNullable<Entry["asked"]>} what @param {(entry: Entry) => Promise<unknown>} act
     */
    const asking = (what, act) => async (/** @type {Entry} */ entry) => {
        if (!entry.ask(what)) return;
        photos.changed(entry);
        try {
            await act(entry);
        } catch (error) {
            entry.askInVain();
            photos.changed(entry);
            throw error;
        }
    };
    /** @param {Entry} entry one that is only here */
    const drop = (entry) => {
        forgetFile(entry);
        photos.remove(entry);
    };
    /** @param {Entry} entry whose upload ended without its bytes */
    const sendAgain = async (entry) => {
        const task = /** @type {import("../uploads/upload-task.js").Task} */ (entry.task);
        const { image } = entry;
        if (image && isFinal(image.state)) {
            photos.release(entry);
            await commands.remove(image.id);
        }
        void keep([task]);
        uploader.restart(task);
    };
    const retry = asking("retry", (entry) => commands.retry(entry.imageID ?? ""));
    const discard = asking("remove", async (entry) => {
        if (entry.task?.isOver === false) await uploader.stop(entry.task);
        const image = entry.imageID;
        if (!image) return drop(entry);
        // An upload that was refused may have left its image open.
        if (!isFinal(entry.image?.state)) await commands.cancel(image).catch(unlessLate);
        await commands.remove(image);
        forgetFile(entry);
    });
    return {
        earlier: (entry) => held.step(entry, -1),
        later: (entry) => held.step(entry, 1),
        pause: ({ task }) => task && uploader.pause(task),
        resume: ({ task }) => task && uploader.resume(task),
        // One that was held up on its way goes on from where it is.
        retry: (entry) => {
            if (entry.task?.state === "blocked") return uploader.resume(entry.task);
            return canSendAgain(entry) ? sendAgain(entry) : retry(entry);
        },
        info: async (entry) => (await viewer()).open(entry),
        tell: (entry) => commands.info(entry.imageID ?? ""),
        copy: async ({ image }, button) => {
            const { url } = image?.renditions?.[button?.dataset.rendition ?? ""] ?? {};
            if (!url || !button) return;
            const { copyLink } = await import("../ui/copy-text.js");
            await copyLink(new URL(url, location.href).href, button);
        },
        cancel: asking("cancel", async (entry) => {
            const task = entry.task?.isOver ? null : entry.task;
            if (task) await uploader.stop(task);
            const image = entry.imageID;
            if (!image) return drop(entry);
            try {
                await commands.cancel(image);
            } catch (error) {
                // Nothing is sent any more, but the server waits for it: it may go on.
                if (task) uploader.pause(task);
                throw error;
            }
            forgetFile(entry);
        }),
        // What was never processed is no loss.
        remove: async (entry) => {
            const { image } = entry;
            const isLoss = image?.state === "ready";
            if (isLoss && !(await confirm({ about: "remove", name: image.name }))) return;
            await discard(entry);
        },
        /** Without a question, wherever it stands. */
        discard,
    };
}

/** @param {unknown} error what has ended meanwhile can be removed as it is */
function unlessLate(error) {
    if (!(error instanceof Problem && error.code === "wrong-state")) throw error;
}

/** @param {Entry} entry */
function forgetFile({ task, kept }) {
    const key = task?.key ?? kept?.key;
    if (key) forget([key]);
}

/**
 * Where a photo is among those on the page that the viewer can show. One that has just left what the filter
 * shows keeps its place among them while it is looked at.
 * @param {import("../model/photos.js").Photos} photos
 * @param {Entry} entry
 * @param {import("../model/photo-order.js").Compare} compare their order
 * @returns {import("../viewer/photo-viewer.js").Place}
 */
export function placeOf(photos, entry, compare) {
    const isPage = (/** @type {Entry} */ one) => one.imageID && photos.isShown(one);
    const pages = [...photos.entries.values()].filter((one) => one === entry || isPage(one));
    const all = pages.sort(compare);
    const at = all.indexOf(entry);
    if (at >= 0)
        return { previous: all[at - 1], next: all[at + 1], number: at + 1, count: all.length };
    // It is no more: its place is between those that stood beside it.
    const after = all.filter((one) => compare(entry, one) < 0).length;
    const number = all.length - after;
    return { previous: all[number - 1], next: all[number], number, count: all.length };
}
