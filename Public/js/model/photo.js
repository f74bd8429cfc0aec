// @ts-check
/**
 * One photo on the page: a file of this browser, or what it remembers of one, its upload, and the image that the
 * server has. Whoever learns something of it says so by one of its verbs; what state that makes is `photo-state.js`.
 */

import { PhotoPace } from "./photo-pace.js";
import { furthestOf, isGranted } from "./photo-state.js";

/** @typedef {import("./photo-state.js").Photo} Facts */
/** @typedef {import("../uploads/upload-task.js").Task} Task */

export class Photo {
    /** @type {Facts["image"]} */ image;
    /** @type {Facts["live"]} */ live;
    /** @type {Facts["asked"]} */ asked;
    /** @type {Facts["lacks"]} */ lacks;
    /** @type {Facts["twin"]} */ twin;
    /** @type {Facts["furthest"]} */ furthest;
    /** @type {PhotoPace | undefined} */ pace;
    durable = 0;
    wanted = 0;

    /**
     * @param {string} key that no other photo on the page has
     * @param {number} position among those of its batch, as far as is known
     * @param {Pick<Facts, "file" | "name" | "task" | "refusal" | "kept">} given
     */
    constructor(key, position, { file, name, task, refusal, kept }) {
        this.key = key;
        this.position = position;
        this.file = file;
        this.name = name;
        this.task = task;
        this.refusal = refusal;
        this.kept = kept;
    }

    /** @returns {string | undefined} */
    get imageID() {
        return this.task?.image ?? this.image?.id;
    }

    /**
     * Its file is here, and sent by this task.
     * @param {Task} task @param {Partial<Facts["kept"]>} file what is remembered of it
     */
    sendBy(task, file) {
        this.file = task.file;
        this.task = task;
        this.lacks = undefined;
        const held = task.state === "held";
        this.kept = /** @type {Facts["kept"]} */ ({ ...this.kept, ...file, key: task.key, held });
        task.position = this.position;
    }

    /** It was held, and goes now. */
    release() {
        if (this.kept) this.kept.held = false;
        this.task?.giveNow();
    }

    /** Another page sends it. */
    letGo() {
        this.task = null;
    }

    /** @param {Facts["kept"]} kept what an earlier visit left of it @param {string} name */
    remember(kept, name) {
        this.kept = kept;
        this.name = name;
    }

    /** @param {Facts["lacks"]} what it takes to read its file again; nothing, where that is over */
    lack(what) {
        this.lacks = what;
    }

    /** @param {number} position */
    moveTo(position) {
        this.position = position;
        if (this.task) this.task.position = position;
    }

    /**
     * Something is asked of the server for it.
     * @param {NonNullable<Facts["asked"]>} what @returns {boolean} false where something is being asked already
     */
    ask(what) {
        if (this.asked) return false;
        this.asked = what;
        return true;
    }

    /** It could not be asked. */
    askInVain() {
        this.asked = undefined;
    }

    /**
     * The server tells of it.
     * @param {NonNullable<Facts["image"]>} image @param {{live?: Facts["live"], twin: string, wanted: number}} more
     */
    tell(image, { live, twin, wanted }) {
        Object.assign(this, { image, live, twin, wanted });
        this.furthest = furthestOf(this);
        if (isGranted(this)) this.asked = undefined;
        this.durable = Math.max(this.durable, live?.received ?? 0);
    }

    /** @param {number} position its file will be another image, which stands there */
    leaveImage(position) {
        this.image = undefined;
        this.live = undefined;
        this.durable = 0;
        this.position = position;
    }

    /** @param {number} now seconds */
    measure(now) {
        const { task, pace } = this;
        if (task?.state !== "sending") this.pace = undefined;
        else if (pace) pace.follow(task.sent, now);
        else this.pace = new PhotoPace(task.sent, task.file.size, now);
    }
}
