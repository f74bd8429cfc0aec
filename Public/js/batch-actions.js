// @ts-check
/** What can be done with all photos of the sheet at once, and with the sheet itself. */

import { isFinal } from "./photo-view.js";

/** @typedef {import("./photos.js").Entry} Entry */

/** So many requests go at once. */
const AT_ONCE = 4;

/**
 * @param {object} parts
 * @param {import("./photos.js").Photos} parts.photos
 * @param {import("./session.js").Session} parts.session
 * @param {import("./uploader.js").Uploader} parts.uploader
 * @param {Record<string, (entry: Entry) => unknown>} parts.actions what is done to one
 * @param {(question: {about: "cancel" | "delete", count: number}) => Promise<boolean>} parts.confirm
 * @param {() => unknown} parts.share
 * @returns {Record<string, () => unknown>}
 */
export function batchActions({ photos, session, uploader, actions, confirm, share }) {
    const all = (/** @type {(entry: Entry) => boolean | undefined} */ which) =>
        [...photos.entries.values()].filter(which);
    return {
        pause: () => {
            for (const { task, image } of all(isUnderWay)) {
                if (task && !task.isOver && !isFinal(image?.state)) uploader.pause(task);
            }
        },
        resume: () => {
            for (const { task } of all(isUnderWay)) {
                if (task?.state === "paused") uploader.resume(task);
            }
        },
        retry: () =>
            inTurns(
                all(({ image }) => image?.state === "failed"),
                actions.retry,
            ),
        cancel: async () => {
            const moving = all(isUnderWay);
            if (!(await confirm({ about: "cancel", count: moving.length }))) return;
            // First nothing more is sent, then the server is told.
            for (const { task } of moving) if (task) void uploader.stop(task);
            // One that ended meanwhile stays: cancelling it now would remove it.
            const stop = (/** @type {Entry} */ entry) =>
                isFinal(entry.image?.state) ? null : actions.cancel(entry);
            await inTurns(moving, stop);
        },
        share,
        delete: async () => {
            if (!(await confirm({ about: "delete", count: photos.entries.size }))) return;
            for (const { task } of all(isUnderWay)) if (task) void uploader.stop(task);
            await session.deleteBatch();
        },
    };
}

/** @param {Entry} entry */
const isUnderWay = ({ refusal, image, task }) =>
    !refusal && !isFinal(image?.state) && (image !== undefined || task?.isOver === false);

/**
 * @param {Entry[]} entries
 * @param {(entry: Entry) => unknown} act
 */
async function inTurns(entries, act) {
    const line = entries.values();
    const one = async () => {
        for (const entry of line) await act(entry);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
}
