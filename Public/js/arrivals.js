// @ts-check
/**
 * What happens to files that came in: those that will be refused say so at once, those that an
 * earlier visit left unfinished go on, all others get in line.
 */

import { t } from "./i18n.js";
import { likenessOf } from "./photos.js";
import { explain } from "./problems.js";
import { refusal } from "./upload-decisions.js";
import { isHeld } from "./upload-claims.js";
import { recall } from "./upload-memory.js";
import { Task } from "./upload-task.js";

/** @typedef {import("./photos.js").Entry} Entry */

export class Arrivals {
    /** @type {WeakMap<Task, Entry>} */ #entries = new WeakMap();
    /** Files of the folders being given that are no photos. */
    #skipped = 0;

    /**
     * @param {object} parts
     * @param {import("./photos.js").Photos} parts.photos
     * @param {import("./session.js").Session} parts.session
     * @param {() => import("./uploader.js").Uploader} parts.uploader
     * @param {() => any} parts.limits
     * @param {(sentence: string) => void} parts.note shows a sentence to all
     * @param {(sentence: string) => void} parts.say for those who listen
     */
    constructor(parts) {
        this.parts = parts;
    }

    /** Somebody gives files, which come in parts. */
    begin() {
        this.#skipped = 0;
    }

    /** @param {import("./unpack.js").Found[]} found */
    async take(found) {
        const { session, note } = this.parts;
        if (!session.owner) return note(t("batch.shared"));
        const isStray = (/** @type {import("./unpack.js").Found} */ { file, fromFolder }) =>
            fromFolder && !file.type.startsWith("image/");
        const strays = found.filter(isStray).length;
        this.#skipped += strays;
        if (strays > 0) note(t("intake.skipped", { count: this.#skipped }));
        const unanswered = this.parts.photos.strays();
        for (const one of found) {
            if (isStray(one)) continue;
            const place = this.#unfinished(one);
            // What another page of this browser sends now is its own.
            const isOurs = place && !(await isHeld(place.image));
            this.#takeOne(one, unanswered, isOurs ? place : null);
        }
    }

    /**
     * An upload moved on.
     * @param {Task} task
     */
    follow(task) {
        const { photos } = this.parts;
        const entry = this.#entries.get(task);
        const isHere = entry !== undefined && photos.entries.has(entry.key);
        if (isHere && task.image !== null && entry.image?.id !== task.image) {
            photos.bind(entry, task.image);
        }
        photos.settleExpected();
        if (entry) photos.changed(entry);
    }

    /**
     * @param {import("./unpack.js").Found} found
     * @param {Set<string>} unanswered
     * @param {{url: string, image: string} | null} place where it goes on
     */
    #takeOne({ file, name, handle }, unanswered, place) {
        const { photos, uploader, limits, say } = this.parts;
        const refused = refusal(file, limits(), photos.entries.size);
        if (refused) {
            photos.add({ file, name, refusal: refused });
            return say(`${name}: ${explain(refused)}`);
        }
        const task = new Task(file, name, handle);
        const entry = (place && this.#openAt(place)) ?? photos.add({ file, name });
        if (entry.image) {
            Object.assign(task, { ...place, batch: this.parts.session.batch, remembered: true });
        } else {
            task.isUnanswered = unanswered.has(likenessOf({ name, size: file.size }));
        }
        Object.assign(entry, { file, task });
        this.#entries.set(task, entry);
        photos.changed(entry);
        uploader().add(task);
    }

    /**
     * An upload of an earlier visit that this file continues.
     * @param {import("./unpack.js").Found} found
     */
    #unfinished({ file, name }) {
        const { batch } = this.parts.session;
        const place = batch ? recall(batch, name, file) : null;
        return place && this.#openAt(place) ? place : null;
    }

    /** @param {{image: string}} place @returns {Entry | undefined} */
    #openAt({ image }) {
        const entry = this.parts.photos.ofImage(image);
        return entry?.image?.state === "uploading" && !entry.task ? entry : undefined;
    }
}
