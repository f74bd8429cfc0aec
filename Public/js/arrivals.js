// @ts-check
/**
 * What happens to files that came in: those that will be refused say so at once, those that an
 * earlier visit left unfinished go on, all others get in line.
 */

import { t } from "./i18n.js";
import { likenessOf } from "./photos.js";
import { explain } from "./problems.js";
import { refusal } from "./upload-decisions.js";
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
    take(found) {
        const { session, note } = this.parts;
        if (!session.owner) return note(t("batch.shared"));
        const isStray = (/** @type {import("./unpack.js").Found} */ { file, fromFolder }) =>
            fromFolder && !file.type.startsWith("image/");
        const strays = found.filter(isStray).length;
        this.#skipped += strays;
        if (strays > 0) note(t("intake.skipped", { count: this.#skipped }));
        const unanswered = this.parts.photos.strays();
        for (const one of found) {
            if (!isStray(one)) this.#takeOne(one, unanswered);
        }
    }

    /**
     * An upload moved on.
     * @param {Task} task
     */
    follow(task) {
        const { photos } = this.parts;
        const entry = this.#entries.get(task);
        if (!entry) return;
        if (task.image !== null && entry.image?.id !== task.image) photos.bind(entry, task.image);
        photos.settleExpected();
        photos.changed(entry);
    }

    /** @param {import("./unpack.js").Found} found @param {Set<string>} unanswered */
    #takeOne({ file, name, handle }, unanswered) {
        const { photos, uploader, limits, say } = this.parts;
        const refused = refusal(file, limits(), photos.entries.size);
        if (refused) {
            photos.add({ file, name, refusal: refused });
            return say(`${name}: ${explain(refused)}`);
        }
        const task = new Task(file, name, handle);
        const entry = this.#unfinished(task) ?? photos.add({ file, name });
        if (!entry.image) task.isUnanswered = unanswered.has(likenessOf({ name, size: file.size }));
        Object.assign(entry, { file, task });
        this.#entries.set(task, entry);
        photos.changed(entry);
        uploader().add(task);
    }

    /**
     * An upload of an earlier visit that this file continues.
     * @param {Task} task
     * @returns {Entry | undefined}
     */
    #unfinished(task) {
        const { photos, session } = this.parts;
        const place = session.batch && recall(session.batch, task.name, task.file);
        const entry = place ? photos.ofImage(place.image) : undefined;
        const isOpen = entry?.image?.state === "uploading" && !entry.task;
        if (!place || !isOpen) return undefined;
        Object.assign(task, { ...place, batch: session.batch, remembered: true });
        return entry;
    }
}
