// @ts-check
/**
 * What this browser remembers of the files that a person sent, from the moment they did: the names
 * at once, then what each can be read from again. That is a handle where the browser has one, and
 * else a copy of the file, as long as the copies are not too large together.
 */

import { newKey } from "../base/api.js";
import * as kept from "./kept-files.js";
import { openOnes, PAGE, tellTaken } from "./open-tabs.js";

/** @typedef {import("./upload-task.js").Task} Task */
/** @typedef {import("./kept-files.js").Kept} Kept */

/** Copies take disk, and about a second for 200 MiB: `docs/decisions/0016-kept-files.md`. */
const MOST_COPIED_BYTES = 1 << 30;
/** With a batch: the draft whose files are on their way to it. */
const MOVING = "revela.moving.";
/** One transaction takes so many small files, and no more than so many bytes of larger ones. */
const COPIED_TOGETHER = 20;
const COPIED_TOGETHER_BYTES = 8 << 20;
/** A handle takes half a millisecond to keep: so many at a time hold no frame up. */
const HANDLES_AT_ONCE = 20;

/** @type {Set<string>} those whose bytes would be lost with this page */
const unsafe = new Set();
/** @type {Map<string, number>} bytes of each copy there is */
const copied = new Map();
/** @type {Task[]} those to be copied, in their order */
const line = [];
/** @type {Map<string, string>} the batches that drafts have become */
const made = new Map();
let isCopying = false;
let onUnsafe = (/** @type {boolean} */ _isAny) => {};

/** @param {Task} task @returns {Kept} */
const recordOf = ({ key, place, at, index, position, name, file, url, image, state }) => ({
    ...{ key, at, index, position, name, url, image, page: PAGE, place: made.get(place) ?? place },
    ...{ size: file.size, type: file.type, lastModified: file.lastModified },
    held: state === "held",
});

/** @param {(isAny: boolean) => void} follower whether bytes would be lost if the page were left */
export function followUnsafe(follower) {
    onUnsafe = follower;
}

/**
 * Files that were just sent.
 * @param {Task[]} tasks @param {{task: Task, refusal: any}[]} [refused] what only says why it is not sent
 */
export async function keep(tasks, refused = []) {
    for (const { key } of tasks) unsafe.add(key);
    onUnsafe(unsafe.size > 0);
    const records = tasks.map(recordOf);
    for (const { task, refusal } of refused) records.push({ ...recordOf(task), refusal });
    const isKept = await kept.put(records);
    for (const task of tasks) task.isKept = isKept === true;
    if (!isKept) return;
    for (let from = 0; from < tasks.length; from += HANDLES_AT_ONCE) {
        await keepHandles(tasks.slice(from, from + HANDLES_AT_ONCE));
    }
}

/** @param {Task[]} tasks */
async function keepHandles(tasks) {
    // A handle that cannot be had is no trouble: the file is copied.
    const asked = tasks.map(({ source }) => source?.handle().catch(() => null) ?? null);
    const handles = await Promise.all(asked);
    /** @type {[string, import("./kept-files.js").Source][]} */
    const found = [];
    for (const [at, { key, source }] of tasks.entries()) {
        const handle = handles[at];
        if (handle && unsafe.has(key)) found.push([key, { handle, path: source?.path ?? [] }]);
        else line.push(tasks[at]);
    }
    if (found.length > 0 && (await kept.putSources(found))) settle(found.map(([key]) => key));
    void copy();
}

/** A few at a time, those first that are sent first; the rest once there is room again. */
async function copy() {
    if (isCopying) return;
    isCopying = true;
    while (line.length > 0) {
        const next = nextCopies();
        if (next.length === 0) break;
        const areDone = await Promise.all(next.map(keepCopy));
        line.unshift(...next.filter((_, at) => !areDone[at]));
        if (areDone.includes(false)) break;
    }
    isCopying = false;
}

/** @returns {Task[]} taken from the line: those that are copied together, as far as there is room */
function nextCopies() {
    /** @type {Task[]} */
    const next = [];
    let room = [...copied.values()].reduce((left, bytes) => left - bytes, MOST_COPIED_BYTES);
    let together = 0;
    for (let task = line[0]; task; task = line[0]) {
        const { size } = task.file;
        const isWanted = unsafe.has(task.key) && size <= MOST_COPIED_BYTES;
        if (isWanted && size > room) break;
        if (isWanted && next.length > 0 && together + size > COPIED_TOGETHER_BYTES) break;
        if (next.length === COPIED_TOGETHER) break;
        line.shift();
        if (!isWanted) continue;
        next.push(task);
        room -= size;
        together += size;
    }
    return next;
}

/** @param {Task} task @returns {Promise<boolean>} false where the browser has no room */
async function keepCopy({ key, file }) {
    copied.set(key, file.size);
    if (await kept.putSources([[key, { file }]])) {
        settle([key]);
        return true;
    }
    copied.delete(key);
    // One that cannot be read any more is no reason to stop.
    return !(await isReadable(file));
}

/** @param {string[]} keys whose files are safe, or needed no more */
function settle(keys) {
    for (const key of keys) unsafe.delete(key);
    onUnsafe(unsafe.size > 0);
}

/**
 * A file that was moved or changed since it was given is not readable, for ever.
 * @param {File} file
 */
export async function isReadable(file) {
    try {
        await file.slice(0, 1).arrayBuffer();
        return true;
    } catch {
        return false;
    }
}

/** @param {Task[]} tasks of which something has changed: the upload has a place at the server now, say */
export const remember = (...tasks) => kept.putSoon(tasks.map(recordOf));

/** @param {string[]} keys of files that are whole at the server, or wanted no more */
export function forget(keys) {
    settle(keys);
    for (const key of keys) copied.delete(key);
    void kept.remove(keys);
    void copy();
}

/**
 * Its upload is gone, and another begins.
 * @param {Task} task
 */
export function renew(task) {
    forget([task.key]);
    task.key = newKey();
    void keep([task]);
}

/**
 * The files of a draft are the batch's. A page may be left before they are: which draft it was is noted
 * until then.
 * @param {string} draft @param {string} batch that was made of it
 */
export async function move(draft, batch) {
    made.set(draft, batch);
    localStorage.setItem(MOVING + batch, draft);
    await kept.move(draft, batch, PAGE);
    localStorage.removeItem(MOVING + batch);
}

/** @param {string} batch to which an earlier page may have left its files to be moved */
export async function endMove(batch) {
    const draft = localStorage.getItem(MOVING + batch);
    if (draft === null) return;
    await kept.move(draft, batch);
    localStorage.removeItem(MOVING + batch);
}

/**
 * A batch that is gone takes its unfinished uploads along.
 * @param {string} batch
 */
export function forgetBatch(batch) {
    settle([...unsafe]);
    line.length = 0;
    copied.clear();
    void kept.removePlace(batch);
}

/**
 * Those that nobody sends now become this page's.
 * @param {Kept[]} records
 * @returns {Promise<Kept[]>}
 */
export async function adopt(records) {
    const pages = [...new Set(records.map(({ page }) => page))];
    const open = await openOnes(pages);
    const orphans = records.filter(({ page }) => !open.has(page));
    if (orphans.length === 0) return [];
    const own = await kept.claim(orphans, PAGE);
    tellTaken(new Set(orphans.map(({ page }) => page)));
    return own;
}

/** @param {string} image whether another page of this browser sends it now */
export async function isSentElsewhere(image) {
    const record = await kept.ofImage(image);
    if (!record || record.page === PAGE) return false;
    return (await openOnes([record.page])).has(record.page);
}
