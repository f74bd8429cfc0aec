// @ts-check
/**
 * Files that were sent and that the server does not hold whole yet, kept in this browser's database:
 * what each is called and where its upload stands, and, apart from that, what it can be read from
 * again. A browser that keeps nothing answers `null` to everything, and costs only the going on.
 */

import { WriteQueue } from "./write-queue.js";

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
 * @param {IDBTransactionMode} mode
 * @param {((stores: Stores) => unknown)[]} acts one after another
 * @returns {Promise<unknown[]>} what they returned
 */
async function transact(mode, acts) {
    const transaction = (await database()).transaction([FILES, SOURCES], mode);
    const committed = new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
    });
    const act = async () => {
        const stores = {
            files: transaction.objectStore(FILES),
            sources: transaction.objectStore(SOURCES),
        };
        const values = [];
        for (const one of acts) values.push(await one(stores));
        return values;
    };
    const commit = (/** @type {unknown[]} */ values) => {
        // Without waiting for the answers to come here: the page may be left.
        transaction.commit();
        return values;
    };
    const abort = (/** @type {unknown} */ error) => {
        transaction.abort();
        throw error;
    };
    // A request that fails has no answer: then the transaction is aborted.
    const [values] = await Promise.all([act().then(commit, abort), committed]);
    return values;
}

/**
 * @template Result
 * @param {IDBRequest<Result>} asked @returns {Promise<Result>} never, where it failed: its transaction is aborted
 */
const answerTo = (asked) =>
    new Promise((resolve) => {
        asked.onsuccess = () => resolve(asked.result);
    });

/** @type {WriteQueue<Stores>} */
const writes = new WriteQueue((acts) => transact("readwrite", acts));
globalThis.addEventListener?.("pagehide", () => writes.leave());

/**
 * @template Value
 * @param {(stores: Stores) => Value} act
 * @returns {Promise<Awaited<Value> | null>}
 */
const write = (act) => writes.write(act).catch(() => null);

/**
 * What may as well be written a little later.
 * @param {(stores: Stores) => unknown} act
 */
const writeSoon = (act) => writes.writeSoon(act).catch(() => null);

/**
 * With all that was written before.
 * @template Value
 * @param {(stores: Stores) => Promise<Value>} act
 * @returns {Promise<Value | null>}
 */
async function read(act) {
    await writes.settle();
    try {
        const [value] = await transact("readonly", [act]);
        return /** @type {Value} */ (value);
    } catch {
        return null;
    }
}

/** @param {Kept[]} records at once, and whole or not at all */
export const put = (records) =>
    write(async ({ files }) => {
        for (let from = 0; from < records.length; from += PUT_AT_ONCE) {
            const asked = records.slice(from, from + PUT_AT_ONCE).map((one) => files.put(one));
            // The rest later: no frame is held up.
            if (from + PUT_AT_ONCE < records.length) await answerTo(asked[asked.length - 1]);
        }
        return true;
    });

/** @param {Kept[]} records of which something has changed */
export const putSoon = (records) =>
    writeSoon(({ files }) => {
        for (const record of records) files.put(record);
    });

/** @param {[string, Source][]} given by the files' keys */
export const putSources = (given) =>
    write(({ sources }) => {
        for (const [key, source] of given) sources.put(source, key);
        return true;
    });

/** @param {string[]} keys */
export const remove = (keys) =>
    writeSoon((stores) => {
        for (const key of keys) removeFrom(stores, key);
    });

/** @param {Stores} stores @param {string} key */
function removeFrom({ files, sources }, key) {
    files.delete(key);
    sources.delete(key);
}

/** @param {string} place @returns {Promise<Kept[] | null>} in the order in which they were given */
export async function ofPlace(place) {
    /** @type {Kept[] | null} */
    const records = await read(({ files }) => answerTo(files.index("place").getAll(place)));
    return records?.sort((one, other) => one.at - other.at || one.index - other.index) ?? null;
}

/** @param {string} image @returns {Promise<Kept | null>} */
export async function ofImage(image) {
    /** @type {Kept[] | null} */
    const records = await read(({ files }) => answerTo(files.getAll()));
    return records?.find((one) => one.image === image) ?? null;
}

/** @param {string[]} keys @returns {Promise<Map<string, Source>>} of those that have one */
export async function sourcesOf(keys) {
    const all = await read(({ sources }) =>
        Promise.all(keys.map((key) => answerTo(sources.get(key)))),
    );
    const found = (all ?? []).map((source, index) => [keys[index], source]);
    return new Map(/** @type {[string, Source][]} */ (found.filter(([, source]) => source)));
}

/**
 * Only those that still belong to whom they are thought to: of two pages that want one, one gets it.
 * @param {Kept[]} records @param {string} page
 * @returns {Promise<Kept[]>}
 */
export async function claim(records, page) {
    const claimed = await write(async ({ files }) => {
        const asked = records.map(({ key }) => answerTo(files.get(key)));
        const found = /** @type {(Kept | undefined)[]} */ (await Promise.all(asked));
        const own = found.flatMap((one, index) =>
            one && one.page === records[index].page ? { ...one, page } : [],
        );
        for (const one of own) files.put(one);
        return own;
    });
    return claimed ?? [];
}

/**
 * The batch was made: what a page kept for its draft is the batch's.
 * @param {string} draft @param {string} batch @param {string} [page] any, where none is named
 */
export const move = (draft, batch, page) =>
    write(async ({ files }) => {
        /** @type {Kept[]} */
        const records = await answerTo(files.index("place").getAll(draft));
        for (const record of records) {
            if (!page || record.page === page) files.put({ ...record, place: batch });
        }
    });

/** @param {string} place */
export const removePlace = (place) =>
    write(async (stores) => {
        const keys = await answerTo(stores.files.index("place").getAllKeys(place));
        for (const key of keys) removeFrom(stores, String(key));
    });

/** Those of batches to which nobody came back. */
export const removeOld = () =>
    writeSoon(async (stores) => {
        /** @type {Kept[]} */
        const records = await answerTo(stores.files.getAll());
        const before = Date.now() - OLD_MS;
        for (const { key, at } of records) if (at < before) removeFrom(stores, key);
    });
