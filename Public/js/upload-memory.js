// @ts-check
/**
 * Where each unfinished upload goes on, kept in the browser: after a reload, dropping the same
 * file again continues it; with a handle of the file, not even that. One key a file, so that two pages never overwrite each other's.
 */

import * as handles from "./file-handles.js";

const PREFIX = "revela.upload:";

/** @param {string} batch @param {string} name @param {File} file */
const keyOf = (batch, name, file) => `${PREFIX}${batch}:${name}:${file.size}:${file.lastModified}`;

/** @param {string} batch @param {string} name @param {File} file
 *  @returns {{url: string, image: string, key: string} | null} */
export function recall(batch, name, file) {
    try {
        return JSON.parse(localStorage.getItem(keyOf(batch, name, file)) ?? "null");
    } catch {
        return null;
    }
}

/**
 * @param {import("./upload-task.js").Task} task one that has a place
 */
export function remember(task) {
    const { batch, name, file, url, image, key } = task;
    try {
        localStorage.setItem(keyOf(batch, name, file), JSON.stringify({ url, image, key }));
    } catch {
        // A full or forbidden storage costs only the resuming after a reload.
    }
    void keepHandle(task);
}

/** @param {import("./upload-task.js").Task} task */
async function keepHandle(task) {
    const { batch, image, name } = task;
    // A handle that cannot be had costs only the convenience after a reload.
    const handle = await task.handle?.().catch(() => null);
    if (handle && image && !task.isOver) await handles.keep(batch, image, name, handle);
}

/** @param {import("./upload-task.js").Task} task */
export function forget({ batch, name, file, image }) {
    localStorage.removeItem(keyOf(batch, name, file));
    if (image) void handles.forget(batch, image);
}

/**
 * A batch that is gone takes its unfinished uploads along.
 * @param {string} batch
 */
export function forgetBatch(batch) {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(`${PREFIX}${batch}:`));
    for (const key of keys) localStorage.removeItem(key);
    void handles.forgetAll(batch);
}
