// @ts-check
/**
 * Handles of the files whose uploads are unfinished, kept in the browser, where it has such: after
 * a reload they are read again without being dropped again. Losing one costs only that.
 */

/** @typedef {{batch: string, image: string, name: string, handle: any, at: number}} Kept */

const DATABASE = "revela";
const FILES = "files";
/** Longer than any unfinished upload lives. */
const OLD_MS = 2 * 24 * 3_600_000;

/** @type {Promise<IDBDatabase> | null} */
let opening = null;

/** @returns {Promise<IDBDatabase>} */
function database() {
    opening ??= new Promise((resolve, reject) => {
        const request = indexedDB.open(DATABASE, 1);
        request.onupgradeneeded = () => {
            request.result.createObjectStore(FILES, { keyPath: ["batch", "image"] });
        };
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    return opening;
}

/**
 * @template Value
 * @param {IDBTransactionMode} mode
 * @param {(files: IDBObjectStore) => IDBRequest<Value>} act
 * @returns {Promise<Value | null>} null where the browser keeps nothing
 */
async function perform(mode, act) {
    try {
        const request = act((await database()).transaction(FILES, mode).objectStore(FILES));
        return await new Promise((resolve, reject) => {
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(request.error);
        });
    } catch {
        return null;
    }
}

/** @param {string} batch @param {string} image @param {string} name @param {any} handle */
export const keep = (batch, image, name, handle) =>
    perform("readwrite", (files) => files.put({ batch, image, name, handle, at: Date.now() }));

/** @param {string} batch @param {string} image */
export const forget = (batch, image) =>
    perform("readwrite", (files) => files.delete([batch, image]));

/** @param {string} batch */
export const forgetAll = (batch) =>
    perform("readwrite", (files) => files.delete(IDBKeyRange.bound([batch], [batch, []])));

/** @param {string} batch @returns {Promise<Kept[]>} */
export async function keptOf(batch) {
    const all = /** @type {Kept[]} */ (
        (await perform("readonly", (files) => files.getAll())) ?? []
    );
    const isOld = ({ at = 0 }) => at < Date.now() - OLD_MS;
    for (const one of all.filter(isOld)) void forget(one.batch, one.image);
    return all.filter((one) => one.batch === batch && !isOld(one));
}
