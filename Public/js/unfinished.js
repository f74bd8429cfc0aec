// @ts-check
/**
 * Uploads that an earlier visit left unfinished, and whose files this browser can read again: they
 * go on by themselves, or, where it wants to be asked by a person, at the press of a button.
 */

import * as handles from "./file-handles.js";
import { isHeld } from "./upload-claims.js";
import { recall } from "./upload-memory.js";

/** @typedef {import("./file-handles.js").Kept} Kept */

const READ = { mode: "read" };

export class Unfinished {
    /** @type {Kept[]} those a person must allow to be read */
    #waiting = [];

    /**
     * @param {object} parts
     * @param {import("./photos.js").Photos} parts.photos
     * @param {import("./session.js").Session} parts.session
     * @param {(found: import("./unpack.js").Found[]) => void} parts.take
     * @param {(waiting: number) => void} parts.onWaiting how many need the button
     */
    constructor(parts) {
        this.parts = parts;
    }

    /** After the batch was opened. */
    async find() {
        const { batch, owner } = this.parts.session;
        if (!batch || !owner) return;
        const kept = await handles.keptOf(batch);
        for (const one of kept) {
            if (!this.#isOpen(one)) await handles.forget(one.batch, one.image);
            else if (await isAllowed(one.handle, "queryPermission")) await this.#take(one);
            else this.#waiting.push(one);
        }
        this.#show();
    }

    /** A person pressed the button, which is what the browser wants before it asks. */
    async goOn() {
        for (const one of this.#waiting) {
            // Allowing one may have allowed all.
            if (!(await isAllowed(one.handle, "requestPermission"))) break;
            // Pressed twice, it was asked for twice.
            if (!this.#waiting.includes(one)) continue;
            this.#waiting = this.#waiting.filter((other) => other !== one);
            await this.#take(one);
        }
        this.#show();
    }

    #show() {
        this.#waiting = this.#waiting.filter((one) => this.#isOpen(one));
        this.parts.onWaiting(this.#waiting.length);
    }

    /** @param {Kept} kept */
    #isOpen({ image }) {
        const entry = this.parts.photos.ofImage(image);
        return entry?.image?.state === "uploading" && !entry.task;
    }

    /** @param {Kept} kept */
    async #take({ batch, image, name, handle }) {
        if (await isHeld(image)) return;
        const file = await read(handle);
        // Another file by now: it is no continuation of that upload.
        if (!file || recall(batch, name, file)?.image !== image) {
            return void handles.forget(batch, image);
        }
        this.parts.take([{ file, name, fromFolder: false, handle: async () => handle }]);
    }
}

/** @param {any} handle @param {"queryPermission" | "requestPermission"} how */
async function isAllowed(handle, how) {
    try {
        return (await handle[how](READ)) === "granted";
    } catch {
        // Not the time to ask, as far as the browser is concerned.
        return false;
    }
}

/** @param {any} handle @returns {Promise<File | null>} null where the file is gone */
async function read(handle) {
    try {
        return await handle.getFile();
    } catch {
        return null;
    }
}
