// @ts-check
/** What can be done with all photos of the sheet at once, and with the sheet itself. */

import { renameBatch, rescheduleBatch } from "../base/api.js";
import { latestEnd } from "../model/batch-end.js";
import { isFinal } from "../model/photo-state.js";
import { inTurns } from "./in-turns.js";

/** @typedef {import("../model/photos.js").Entry} Entry */

/**
 * @param {object} parts
 * @param {import("../model/photos.js").Photos} parts.photos
 * @param {import("../model/session.js").Session} parts.session
 * @param {import("../uploads/uploader.js").Uploader} parts.uploader
 * @param {Record<string, (entry: Entry) => unknown>} parts.actions what is done to one
 * @param {(question: {about: "cancel" | "delete", count: number}) => Promise<boolean>} parts.confirm
 * @param {() => unknown} parts.notify turns notices on
 * @param {() => unknown} parts.share
 * @param {() => unknown} parts.drop shows the drop links
 * @param {(name: string) => Promise<string | null | undefined>} parts.askName
 * @param {(times: {end?: string, latest?: number}) => Promise<string | null | undefined>} parts.askEnd
 * @returns {Record<string, () => unknown>}
 */
export function batchActions({
    photos,
    session,
    uploader,
    actions,
    confirm,
    notify,
    share,
    drop,
    askName,
    askEnd,
}) {
    const all = (/** @type {(entry: Entry) => boolean | undefined} */ which) =>
        [...photos.entries.values()].filter(which);
    /** @param {Entry[]} entries */
    const pauseAll = (entries) => {
        const tasks = entries.flatMap(({ task }) => task ?? []).filter(isSent);
        for (const task of tasks) uploader.pause(task);
        return tasks;
    };
    return {
        pause: () => pauseAll(all(isUnderWay)),
        resume: () => {
            for (const { task } of all(isUnderWay)) {
                if (task?.state === "paused") uploader.resume(task);
            }
        },
        retry: () =>
            inTurns(
                all(({ image, task }) => image?.state === "failed" || task?.state === "blocked"),
                actions.retry,
            ),
        cancel: async () => {
            const moving = all(isUnderWay);
            if (!(await confirm({ about: "cancel", count: moving.length }))) return;
            // First nothing more is sent, then the server is told; what it could not be told of
            // stays paused.
            pauseAll(moving);
            // One that ended meanwhile stays.
            const stop = (/** @type {Entry} */ entry) =>
                isFinal(entry.image?.state) ? null : actions.cancel(entry);
            await inTurns(moving, stop);
        },
        notify,
        share,
        drop,
        // The feed tells of it, here as elsewhere.
        rename: async () => {
            const wish = await askName(session.name ?? "");
            if (wish !== undefined && session.batch) await renameBatch(session.batch, wish);
        },
        keep: async () => {
            const { end, keepDays } = session;
            const wish = await askEnd({ end, latest: latestEnd(photos.document, keepDays) });
            if (wish !== undefined && session.batch) await rescheduleBatch(session.batch, wish);
        },
        delete: async () => {
            if (!(await confirm({ about: "delete", count: photos.entries.size }))) return;
            const paused = pauseAll(all(isUnderWay));
            try {
                await session.deleteBatch();
            } catch (error) {
                for (const task of paused) uploader.resume(task);
                throw error;
            }
        },
    };
}

/** @param {Entry} entry */
const isUnderWay = ({ refusal, image, task, lacks }) =>
    !refusal && !isFinal(image?.state) && Boolean(image || lacks || task?.isOver === false);

/** @param {import("../uploads/upload-task.js").Task} task */
const isSent = (task) => !task.isOver && task.state !== "paused" && task.state !== "held";
