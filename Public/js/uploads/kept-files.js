// @ts-check
/**
 * Files that were sent and that the server does not hold whole yet, kept in this browser's database:
 * what each is called and where its upload stands, and, apart from that, what it can be read from
 * again. A browser that keeps nothing answers `null` to everything, and costs only the going on.
 */

/** @typedef {{key: string, place: string, page: string, at: number, index: number, position?: number,
 *             name: string, size: number, type: string, lastModified: number, url?: string | null,
 *             image?: string | null, refusal?: any, held?: boolean}} Kept
 *   `place`: its batch, or the draft of one; `page`: who sends it, by `PAGE`; `at`, `index`: when it was
 *   given, in milliseconds since 1970 and by a count of that page; `position`: where it stood in its batch,
 *   as far as was known; `refusal`: why it is not sent at all; `held`: it is sent when a person says so */
/** @typedef {{file: File} | {handle: any, path: string[]}} Source a copy, or a handle of the file
 *   itself or of a folder, from which `path` leads to it */
/** @typedef {{files: IDBObjectStore, sources: IDBObjectStore}} Stores */

const DATABASE = "revela";
const VERSION = 2;
const FILES = "files";
const SOURCES = "sources";
/** About ten milliseconds' work. */
const PUT_AT_ONCE = 200;
/** Longer than any unfinished upload lives. */
const OLD_MS = 2 * 24 * 3_600_000;

/** @type {Promise<IDBDatabase> | null} */
let opening = null;

/** @returns {Promise<IDBDatabase>} */
function database() {
    opening ??= new Promise((resolve, reject) => {
        const request = indexedDB.open(DATABASE, VERSION);
        request.onupgradeneeded = () => build(request.result);
        request.onsuccess = () => {
            // A page of a later version waits for this one to let go.
            request.result.onversionchange = () => request.result.close();
            resolve(request.result);
        };
        request.onerror = () => reject(request.error);
        request.onblocked = () => reject(new Error("an earlier version is open"));
    });
    return opening;
}

/** @param {IDBDatabase} database */
function build(database) {
    for (const name of database.objectStoreNames) database.deleteObjectStore(name);
    database.createObjectStore(FILES, { keyPath: "key" }).createIndex("place", "place");
    database.createObjectStore(SOURCES);
}

/**
 * One transaction, until it is committed.
 * @template Value
 * @param {IDBTransactionMode} mode
 * @param {(stores: Stores) => Value} act
 * @returns {Promise<Value | null>}
 */
async function perform(mode, act) {
    try {
        const transaction = (await database()).transaction([FILES, SOURCES], mode);
        const committed = new Promise((resolve, reject) => {
            transaction.oncomplete = resolve;
            transaction.onabort = () => reject(transaction.error);
        });
        const value = act({
            files: transaction.objectStore(FILES),
            sources: transaction.objectStore(SOURCES),
        });
        await committed;
        return value;
    } catch {
        return null;
    }
}

/** @param {Kept[]} records one transaction for all of them, which holds no frame up */
export const put = (records) =>
    perform("readwrite", ({ files }) => {
        putFrom(files, records, 0);
        return true;
    });

/** @param {IDBObjectStore} files @param {Kept[]} records @param {number} from */
function putFrom(files, records, from) {
    const end = Math.min(from + PUT_AT_ONCE, records.length);
    for (let at = from; at < end; at += 1) {
        const asked = files.put(records[at]);
        if (at === end - 1 && end < records.length) {
            asked.onsuccess = () => putFrom(files, records, end);
        }
    }
}

/** @param {[string, Source][]} given by the files' keys */
export const putSources = (given) =>
    perform("readwrite", ({ sources }) => {
        for (const [key, source] of given) sources.put(source, key);
        return true;
    });

/** @param {string[]} keys */
export const remove = (keys) =>
    perform("readwrite", ({ files, sources }) => {
        for (const key of keys) {
            files.delete(key);
            sources.delete(key);
        }
    });

/** @param {string} place @returns {Promise<Kept[] | null>} in the order in which they were given */
export async function ofPlace(place) {
    const asked = await perform("readonly", ({ files }) => files.index("place").getAll(place));
    if (!asked) return null;
    const records = /** @type {Kept[]} */ (asked.result);
    return records.sort((one, other) => one.at - other.at || one.index - other.index);
}

/** @param {string} image @returns {Promise<Kept | null>} */
export async function ofImage(image) {
    const asked = await perform("readonly", ({ files }) => files.getAll());
    return asked?.result.find((/** @type {Kept} */ one) => one.image === image) ?? null;
}

/** @param {string[]} keys @returns {Promise<Map<string, Source>>} of those that have one */
export async function sourcesOf(keys) {
    const asked = await perform("readonly", ({ sources }) => keys.map((key) => sources.get(key)));
    const found = (asked ?? []).map(({ result }, index) => [keys[index], result]);
    return new Map(/** @type {[string, Source][]} */ (found.filter(([, source]) => source)));
}

/**
 * Only those that still belong to whom they are thought to: of two pages that want one, one gets it.
 * @param {Kept[]} records @param {string} page
 * @returns {Promise<Kept[]>}
 */
export async function claim(records, page) {
    /** @type {Kept[]} */
    const claimed = [];
    await perform("readwrite", ({ files }) => {
        for (const record of records) {
            const asked = files.get(record.key);
            asked.onsuccess = () => {
                if (asked.result?.page !== record.page) return;
                const own = { ...asked.result, page };
                files.put(own);
                claimed.push(own);
            };
        }
    });
    return claimed;
}

/**
 * The batch was made: what a page kept for its draft is the batch's.
 * @param {string} draft @param {string} batch @param {string} [page] any, where none is named
 */
export const move = (draft, batch, page) =>
    perform("readwrite", ({ files }) => {
        const asked = files.index("place").getAll(draft);
        asked.onsuccess = () => {
            for (const record of asked.result) {
                if (!page || record.page === page) files.put({ ...record, place: batch });
            }
        };
    });

/** @param {string} place */
export const removePlace = (place) =>
    perform("readwrite", ({ files, sources }) => {
        const asked = files.index("place").getAllKeys(place);
        asked.onsuccess = () => {
            for (const key of asked.result) {
                files.delete(key);
                sources.delete(key);
            }
        };
    });

/** Those of batches to which nobody came back. */
export const removeOld = () =>
    perform("readwrite", ({ files, sources }) => {
        const asked = files.getAll();
        asked.onsuccess = () => {
            const before = Date.now() - OLD_MS;
            for (const { key, at } of asked.result) {
                if (at >= before) continue;
                files.delete(key);
                sources.delete(key);
            }
        };
    });
