// @ts-check
/**
 * What happens to files that came in: those that will be refused say so at once, those that an
 * earlier visit left unfinished go on, all others get in line. This browser remembers all of them
 * from here on.
 */

import { t } from "../base/i18n.js";
import { explain } from "../base/problems.js";
import { isUnknownType, refusal } from "./upload-decisions.js";
import * as memory from "./upload-memory.js";
import { Task } from "./upload-task.js";

/** @typedef {import("../model/photos.js").Entry} Entry */
/** @typedef {import("./dropped-files.js").Found} Found */

/** What systems leave in folders, beside files whose names begin with a dot. */
const CLUTTER = new Set(["desktop.ini", "ehthumbs.db", "thumbs.db"]);
const NAMES_SHOWN = 3;

export class IncomingFiles {
    /** @type {WeakMap<Task, Entry>} */ #entries = new WeakMap();
    /** Files of the folders being given that are no photos. */
    #skipped = 0;
    /** @type {string[]} what is in them and cannot be read */
    #unreadable = [];

    /**
     * @param {object} parts
     * @param {import("../model/photos.js").Photos} parts.photos
     * @param {import("../model/session.js").Session} parts.session
     * @param {() => import("./uploader.js").Uploader} parts.uploader
     * @param {() => boolean} parts.areHeld whether new files wait for a person to send them
     * @param {() => import("../model/types.js").Limits | undefined} parts.limits
     * @param {(sentence: string) => void} parts.note shows a sentence to all
     * @param {(sentence: string) => void} parts.say for those who listen
     */
    constructor(parts) {
        this.parts = parts;
    }

    /** Somebody gives files, which come in parts. */
    begin() {
        this.#skipped = 0;
        this.#unreadable = [];
    }

    /** @param {string} name of what cannot be read, and is left out */
    leaveOut(name) {
        this.#unreadable.push(name);
        this.#tellLeftOut();
    }

    /** @param {Found[]} found */
    take(found) {
        const { session, photos, note } = this.parts;
        if (!session.canAdd) return note(t(session.drop ? "problem.drop-ended" : "batch.shared"));
        const wanted = found.filter((one) => !isStray(one));
        this.#skipped += found.length - wanted.length;
        if (wanted.length < found.length) this.#tellLeftOut();
        if (wanted.length === 0) return;
        const place = session.begin();
        const known = knownOf(photos.entries.values());
        /** @type {{task: Task, refusal: any}[]} */
        const refused = [];
        const tasks = [];
        for (const { file, name, source } of wanted) {
            const entry = known.get(fingerprintOf({ name, ...ofFile(file) }))?.shift();
            // It goes on already.
            if (entry && !isLacking(entry)) continue;
            const task = new Task(file, name, place, source);
            const reason = entry ? null : this.#refuse(task);
            if (reason) refused.push({ task, refusal: reason });
            else tasks.push(this.#accept(task, entry));
        }
        void memory.keep(tasks, refused);
        this.#send(tasks);
    }

    /** @param {Task} task @param {Entry} [entry] one of an earlier visit whose file was missing */
    #accept(task, entry) {
        const { photos, areHeld } = this.parts;
        if (entry ? entry.kept?.held : areHeld()) task.hold();
        this.#put(task, entry ?? photos.add({ file: task.file, name: task.name }));
        return task;
    }

    /** @param {Task[]} tasks those that are held go when a person says so */
    #send(tasks) {
        for (const task of tasks) if (task.state !== "held") this.parts.uploader().add(task);
    }

    /**
     * A file that was remembered goes on.
     * @param {Entry} entry @param {Found} found
     * @param {boolean} isChanged it is another file by now, of which nothing was sent
     */
    goOn(entry, { file, name, source }, isChanged) {
        const task = this.#accept(new Task(file, name, this.parts.session.begin(), source), entry);
        task.isKept = true;
        if (isChanged) memory.renew(task);
        this.#send([task]);
    }

    /**
     * An upload moved on.
     * @param {Task} task
     */
    follow(task) {
        const { photos } = this.parts;
        const entry = this.#entries.get(task);
        const isHere = entry?.task === task && photos.entries.has(entry.key);
        if (isHere && task.image !== null && entry.image?.id !== task.image) {
            photos.bind(entry, task.image);
        }
        photos.settleExpected();
        if (isHere) photos.changed(entry);
    }

    /** @param {Task} task @returns {import("../model/types.js").Problem | null} why it is not sent, if it is not */
    #refuse(task) {
        const { photos, limits, say } = this.parts;
        const { file, name, key } = task;
        const reason = refusal(file, limits(), photos.entries.size);
        if (!reason) return null;
        const kept = { key, ...ofFile(file) };
        task.position = photos.add({ file, name, refusal: reason, kept }).position;
        say(`${name}: ${explain(reason)}`);
        return reason;
    }

    /** @param {Task} task @param {Entry} entry */
    #put(task, entry) {
        const { photos, session } = this.parts;
        const { kept, image } = entry;
        const url = entry.task?.url ?? kept?.url;
        if (kept) task.beThatOf(kept);
        if (image && url) task.continueAt({ url, image: image.id, batch: session.batch ?? "" });
        entry.sendBy(task, ofFile(task.file));
        this.#entries.set(task, entry);
        photos.changed(entry);
    }

    #tellLeftOut() {
        const [skipped, unread] = [this.#skipped, this.#unreadable.length];
        const names = this.#unreadable.slice(0, NAMES_SHOWN).join(", ");
        const dots = unread > NAMES_SHOWN ? ", …" : "";
        const sentences = [
            unread > 0 && t("intake.unreadable", { count: unread, names: names + dots }),
            skipped > 0 && t("intake.skipped", { count: skipped }),
        ];
        this.parts.note(sentences.filter(Boolean).join(" "));
    }
}

/**
 * A file of a folder that is known to be none. One whose type the browser does not know may be a
 * photo: the server looks at what is in it.
 * @param {Found} found
 */
function isStray({ file, fromFolder }) {
    if (!fromFolder) return false;
    if (isUnknownType(file.type)) return CLUTTER.has(file.name.toLowerCase());
    return !file.type.startsWith("image/");
}

/** @param {File} file */
const ofFile = ({ size, lastModified }) => ({ size, lastModified });

/** @param {{name?: string, size: number, lastModified?: number}} file */
const fingerprintOf = ({ name, size, lastModified }) => `${size}:${lastModified}:${name}`;

/** @param {Entry} entry whether it waits for its file to be given again */
const isLacking = ({ task }) => !task || task.problem?.code === "file-unreadable";

/** @param {Entry} entry whether it is one of an earlier visit that goes on */
const isResumed = ({ kept, task }) => kept?.at !== undefined && task?.isOver === false;

/**
 * Photos whose files a person may give again, since they were left in the middle.
 * @param {Iterable<Entry>} entries
 * @returns {Map<string, Entry[]>} by `fingerprintOf` the file
 */
function knownOf(entries) {
    /** @type {Map<string, Entry[]>} */
    const known = new Map();
    for (const entry of entries) {
        const { kept, refusal, name } = entry;
        if (!kept || refusal || !(isLacking(entry) || isResumed(entry))) continue;
        const fingerprint = fingerprintOf({ name, ...kept });
        known.set(fingerprint, [...(known.get(fingerprint) ?? []), entry]);
    }
    return known;
}
