// @ts-check
/**
 * Where each unfinished upload goes on, kept in the browser: after a reload, dropping the same
 * file again continues it. One key a file, so that two pages never overwrite each other's.
 */

const PREFIX = "revela.upload:";

/** @param {string} batch @param {string} name @param {File} file */
const keyOf = (batch, name, file) => `${PREFIX}${batch}:${name}:${file.size}:${file.lastModified}`;

/** @param {string} batch @param {string} name @param {File} file
 *  @returns {{url: string, image: string} | null} */
export function recall(batch, name, file) {
    try {
        return JSON.parse(localStorage.getItem(keyOf(batch, name, file)) ?? "null");
    } catch {
        return null;
    }
}

/** @param {string} batch @param {string} name @param {File} file
 *  @param {{url: string, image: string}} place */
export function remember(batch, name, file, place) {
    try {
        localStorage.setItem(keyOf(batch, name, file), JSON.stringify(place));
    } catch {
        // A full or forbidden storage costs only the resuming after a reload.
    }
}

/**
 * A batch that is gone takes its unfinished uploads along.
 * @param {string} batch
 */
export function forgetBatch(batch) {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(`${PREFIX}${batch}:`));
    for (const key of keys) localStorage.removeItem(key);
}

/** @param {string} batch @param {string} name @param {File} file */
export function forget(batch, name, file) {
    localStorage.removeItem(keyOf(batch, name, file));
}
