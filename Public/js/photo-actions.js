// @ts-check
/** What the buttons of a card do. */

import { Commands } from "./commands.js";

/** @typedef {import("./photos.js").Entry} Entry */

/**
 * @param {object} parts
 * @param {import("./photos.js").Photos} parts.photos
 * @param {import("./session.js").Session} parts.session
 * @param {import("./uploader.js").Uploader} parts.uploader
 * @param {() => Promise<import("./elements/photo-viewer.js").PhotoViewer>} parts.viewer
 * @returns {Record<string, (entry: Entry) => unknown>}
 */
export function photoActions({ photos, session, uploader, viewer }) {
    const commands = new Commands(session);
    return {
        pause: ({ task }) => task && uploader.pause(task),
        resume: ({ task }) => task && uploader.resume(task),
        retry: (entry) => commands.retry(photos.imageID(entry) ?? ""),
        info: async (entry) => {
            const told = commands.info(photos.imageID(entry) ?? "");
            const [answer, page] = await Promise.all([told, viewer()]);
            page.open(entry, answer);
        },
        turn: async (entry) => {
            const answer = await commands.info(photos.imageID(entry) ?? "");
            (await viewer()).turnTo(entry, answer);
        },
        cancel: async (entry) => {
            if (entry.task) await uploader.stop(entry.task);
            const image = photos.imageID(entry);
            if (image) await commands.cancel(image);
            else photos.remove(entry);
        },
        remove: async (entry) => {
            const image = photos.imageID(entry);
            if (image) await commands.remove(image);
            else photos.remove(entry);
        },
    };
}

/**
 * Where a photo is among those on the sheet that have a page. One that has just left what the filter
 * shows keeps its place among them while it is looked at.
 * @param {import("./photos.js").Photos} photos
 * @param {Entry} entry
 * @returns {import("./elements/photo-viewer.js").Place}
 */
export function placeOf(photos, entry) {
    const isPage = (/** @type {Entry} */ one) => photos.imageID(one) && photos.isShown(one);
    const all = [...photos.entries.values()].filter((one) => one === entry || isPage(one));
    const at = all.indexOf(entry);
    return { previous: all[at - 1], next: all[at + 1], number: at + 1, count: all.length };
}
