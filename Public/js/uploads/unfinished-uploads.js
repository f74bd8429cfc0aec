// @ts-check
/**
 * What an earlier visit left unfinished, whether or not any of it was sent: it stands on the sheet
 * again, in its order, and goes on by itself where this browser can read the file again. Where it
 * wants to be asked by a person, that is at the press of a button; where it cannot, the card says so.
 */

import { ofPlace, removeOld, sourcesOf } from "./kept-files.js";
import { oneAfterAnother } from "./one-after-another.js";
import { PAGE } from "./open-tabs.js";
import { isFinal } from "../model/photo-state.js";
import { likenessOf } from "../model/photos.js";
import { create } from "./tus.js";
import * as memory from "./upload-memory.js";

/** @typedef {import("./kept-files.js").Kept} Kept */
/** @typedef {import("./kept-files.js").Source} Source */
/** @typedef {import("../model/photos.js").Entry} Entry */
/** @typedef {{entry: Entry, kept: Kept, handle: any, path: string[]}} Waiting */
/** @typedef {import("./upload-task.js").Task} Task */

const READ = { mode: "read" };

export class UnfinishedUploads {
    /** @type {Map<Entry, Waiting>} those a person must allow to be read */
    #waiting = new Map();
    /** One search at a time, or a file would be found twice. */
    #next = oneAfterAnother();

    /**
     * @param {object} parts
     * @param {import("../model/photos.js").Photos} parts.photos
     * @param {import("../model/session.js").Session} parts.session
     * @param {import("./incoming-files.js").IncomingFiles} parts.incoming
     * @param {() => import("./uploader.js").Uploader} parts.uploader
     * @param {(unsent: number, lost: number) => void} parts.onFound how many were never sent, and
     *   how many files this browser cannot give again
     * @param {(waiting: number) => void} parts.onWaiting how many need the button
     */
    constructor(parts) {
        this.parts = parts;
    }

    /** After the batch was opened. */
    find() {
        return this.#next(() => this.#find(new Map()));
    }

    /** This page slept, or was left and came back: what it sent may be another's by now. */
    wake() {
        return this.#next(async () => {
            const taken = await this.#release();
            if (taken.size === 0) return;
            // The other page made the batch of this draft, and its address is where to go on.
            if (!this.parts.session.batch) location.reload();
            await this.#find(taken);
        });
    }

    /** A person pressed the button, which is what the browser wants before it asks. */
    async goOn() {
        for (const [entry, one] of this.#waiting) {
            // Allowing one may have allowed all.
            if (!(await isAllowed(one.handle, "requestPermission"))) break;
            // Pressed twice, it was asked for twice.
            if (!this.#waiting.delete(entry)) continue;
            if (isOpen(entry)) await this.#read(one);
        }
        this.#show();
    }

    /** @param {Entry} entry that changed: its file may have arrived, or was given again */
    follow(entry) {
        if (isOpen(entry)) return;
        if (this.#waiting.delete(entry)) this.#show();
        // What was on its way when the page was left was the rest of it: its file is wanted no more.
        const isOver = entry.lacks && !entry.task && isFinal(entry.image?.state);
        if (!isOver || !entry.kept) return;
        entry.lack(undefined);
        memory.forget([entry.kept.key]);
    }

    /** @param {Entry} entry */
    leave(entry) {
        if (this.#waiting.delete(entry)) this.#show();
    }

    /** @param {Map<string, Task>} files what this page still has in its memory, by their keys */
    async #find(files) {
        const { place, owner } = this.parts.session;
        if (!place || !owner) return;
        void removeOld();
        await memory.endMove(place);
        const records = (await ofPlace(place)) ?? [];
        const own = await this.#complete(await memory.adopt(records));
        const entries = own.map((kept) => ({ kept, entry: this.#entryOf(kept) }));
        memory.forget(entries.filter(({ entry }) => !entry).map(({ kept }) => kept.key));
        const open = /** @type {{kept: Kept, entry: Entry}[]} */ (
            entries.filter(({ entry }) => entry && !entry.refusal)
        );
        const sources = await sourcesOf(open.map(({ kept }) => kept.key));
        for (const { kept, entry } of open) {
            if (isOpen(entry)) await this.#take(kept, entry, sources.get(kept.key), files);
        }
        const isUnsent = (/** @type {Kept} */ { key, image, held }) =>
            !image && !held && !files.has(key);
        const unsent = open.filter(({ kept }) => isUnsent(kept));
        const lost = open.filter(({ entry }) => entry.lacks === "file");
        this.parts.onFound(unsent.length, lost.length);
        this.#show();
    }

    /**
     * The page may have been left between a creation and its answer. Whether an image that looks so is
     * one of these, the same request under the same key tells.
     * @param {Kept[]} records
     * @returns {Promise<Kept[]>} with the images that were made for them
     */
    async #complete(records) {
        const { photos, session } = this.parts;
        const known = new Set(records.map(({ image }) => image));
        const strays = new Set();
        for (const { image, task } of photos.entries.values()) {
            const isStray = image?.state === "uploading" && !task && !known.has(image.id);
            if (isStray) strays.add(likenessOf(image));
        }
        const complete = async (/** @type {Kept} */ record) => {
            if (record.image || record.held) return record;
            if (!strays.delete(likenessOf(record))) return record;
            const { name, key } = record;
            const { url, image } = /** @type {any} */ (
                await create(session.batch ?? "", record, name, key)
            );
            return url && image ? { ...record, image, url } : record;
        };
        return Promise.all(records.map(complete));
    }

    #show() {
        this.parts.onWaiting(this.#waiting.size);
    }

    /**
     * Its card, whether or not the file can be read.
     * @param {Kept} kept
     * @returns {Entry | null} null where nothing is left to do
     */
    #entryOf(kept) {
        const { photos } = this.parts;
        const { name, refusal, image } = kept;
        if (!image) return photos.add({ name, kept, refusal, position: kept.position });
        const entry = photos.ofImage(image);
        if (entry?.image?.state !== "uploading" || entry.task) return null;
        entry.remember(kept, name);
        return entry;
    }

    /**
     * @param {Kept} kept @param {Entry} entry @param {Source | undefined} source
     * @param {Map<string, Task>} files
     */
    async #take(kept, entry, source, files) {
        const task = files.get(kept.key);
        if (task) return this.#goOn(entry, task.file, task.source);
        if (!source) return this.#lack(entry, "file");
        if ("file" in source) return this.#goOn(entry, source.file);
        const { handle, path } = source;
        const waiting = { entry, kept, handle, path };
        if (await isAllowed(handle, "queryPermission")) return this.#read(waiting);
        this.#lack(entry, "permission");
        this.#waiting.set(entry, waiting);
    }

    /** @param {Waiting} waiting */
    async #read({ entry, kept, handle, path }) {
        const file = await read(handle, path);
        const isSame = file?.size === kept.size && file?.lastModified === kept.lastModified;
        // What was sent of another file is no beginning of this one; where nothing was, it is fine.
        if (!file || (kept.image && !isSame)) return this.#lack(entry, "file");
        this.#goOn(entry, file, { handle: async () => handle, path }, !isSame);
    }

    /**
     * @param {Entry} entry @param {File} file @param {import("./dropped-files.js").Source} [source]
     * @param {boolean} [isChanged] since it was given
     */
    #goOn(entry, file, source, isChanged = false) {
        const name = entry.name ?? file.name;
        this.parts.incoming.goOn(entry, { file, name, fromFolder: false, source }, isChanged);
    }

    /** @param {Entry} entry @param {Entry["lacks"]} what */
    #lack(entry, what) {
        entry.lack(what);
        this.parts.photos.changed(entry);
    }

    /**
     * Lets go of what another page has taken, or brought to its end.
     * @returns {Promise<Map<string, Task>>} by their keys
     */
    async #release() {
        const { session, photos, uploader } = this.parts;
        /** @type {Map<string, Task>} */
        const taken = new Map();
        const all = session.place ? await ofPlace(session.place) : null;
        if (!all) return taken;
        const own = new Set(all.filter(({ page }) => page === PAGE).map(({ key }) => key));
        for (const entry of [...photos.entries.values()]) {
            const { task } = entry;
            if (!task?.isKept || task.isOver || own.has(task.key)) continue;
            taken.set(task.key, task);
            uploader().letGo(task);
            entry.letGo();
            if (entry.image) photos.changed(entry);
            else photos.remove(entry);
        }
        return taken;
    }
}

/** @param {Entry} entry whether its file is still wanted */
const isOpen = ({ task, image, refusal }) => !task && !refusal && !isFinal(image?.state ?? "");

/** @param {any} handle @param {"queryPermission" | "requestPermission"} how */
async function isAllowed(handle, how) {
    try {
        return (await handle[how](READ)) === "granted";
    } catch {
        // Not the time to ask, as far as the browser is concerned.
        return false;
    }
}

/** @param {any} handle @param {string[]} path @returns {Promise<File | null>} null where the file is gone */
async function read(handle, path) {
    try {
        let found = handle;
        for (const folder of path.slice(0, -1)) found = await found.getDirectoryHandle(folder);
        if (path.length > 0) found = await found.getFileHandle(path.at(-1));
        return await found.getFile();
    } catch {
        return null;
    }
}
