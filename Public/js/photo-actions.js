// @ts-check
/** What the buttons of a card do. */

import { showDetails } from "./elements/photo-details.js";

/** @typedef {import("./photos.js").Entry} Entry */

/**
 * @param {object} parts
 * @param {import("./photos.js").Photos} parts.photos
 * @param {import("./session.js").Session} parts.session
 * @param {import("./uploader.js").Uploader} parts.uploader
 * @param {HTMLDialogElement} parts.details
 * @returns {Record<string, (entry: Entry) => unknown>}
 */
export function photoActions({ photos, session, uploader, details }) {
    return {
        pause: ({ task }) => task && uploader.pause(task),
        resume: ({ task }) => task && uploader.resume(task),
        retry: (entry) => session.retry(photos.imageID(entry) ?? ""),
        info: async (entry) => {
            const { image, via } = await session.info(photos.imageID(entry) ?? "");
            showDetails(details, image, via);
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
}
