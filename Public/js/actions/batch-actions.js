// @ts-check
/** What can be done with all photos of the sheet at once, and with the sheet itself. */

import { Problem } from "../base/api.js";
import { isFinal } from "../model/photo-state.js";

/** @typedef {import("../model/photos.js").Entry} Entry */

/** So many requests go at once. */
const AT_ONCE = 4;

/**
 * @param {object} parts
 * @param {import("../model/photos.js").Photos} parts.photos
 * @param {import("../model/session.js").Session} parts.session
 * @param {import("../uploads/uploader.js").Uploader} parts.uploader
 * @param {Record<string, (entry: Entry) => unknown>} parts.actions what is done to one
 * @param {(question: {about: "cancel" | "delete", count: number}) => Promise<boolean>} parts.confirm
 * @param {() => unknown} parts.share
 * @returns {Record<string, () => unknown>}
 */
export function batchActions({ photos, session, uploader, actions, confirm, share }) {
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
        share,
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
const isSent = (task) => !task.isOver && task.state !== "paused";

/**
 * A refusal of one holds no other up; a server that cannot be reached is not asked on. That one has
 * moved on meanwhile is no failure of what was asked of all.
 * @param {Entry[]} entries
 * @param {(entry: Entry) => unknown} act
 */
async function inTurns(entries, act) {
    const line = [...entries];
    /** @type {unknown[]} */
    const failures = [];
    const one = async () => {
        for (let entry = line.shift(); entry; entry = line.shift()) {
            try {
                await act(entry);
            } catch (error) {
                if (!(error instanceof Problem)) line.length = 0;
                else if (error.code === "wrong-state") continue;
                failures.push(error);
            }
        }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
    if (failures.length > 0) throw failures[0];
}
