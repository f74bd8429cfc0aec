// @ts-check
/**
 * One file on its way: what is known of its upload. What is held waits for a person to send it. Whoever sends it
 * changes it by these verbs.
 */

import { newKey } from "../base/api.js";

/** @typedef {"held" | "queued" | "creating" | "comparing" | "sending" | "waiting" | "paused" | "blocked" | "done" | "stopped"} TaskState */

let count = 0;
const nextIndex = () => {
    count += 1;
    return count;
};

export class Task {
    /** Made when the file is sent, and kept over a reload: whatever carries it means this upload. */
    key = newKey();
    /** When it was given: milliseconds since 1970, and a count of this page. */
    at = Date.now();
    index = nextIndex();
    /** @type {number | undefined} where it stands among the photos of its batch */ position;
    /** @type {TaskState} */ state = "queued";
    /** @type {string | null} */ url = null;
    /** @type {string | null} */ image = null;
    /** Where it goes; empty until it is created. */
    batch = "";
    /** Bytes that left this browser. */
    sent = 0;
    /** Bytes the server acknowledged. */
    held = 0;
    /** @type {import("../model/types.js").Problem | null} */ problem = null;
    /** Its URL is from an earlier visit. */
    remembered = false;
    /** This browser remembers it. */
    isKept = false;
    /** @type {string | null} the name of an equal file that is sent first */
    waitsFor = null;
    /** @type {import("./chunks.js").Chunks | null} how it goes in chunks */
    chunks = null;
    /** It was asked to be created, and no answer came. */
    isUnanswered = false;
    controller = new AbortController();

    /**
     * @param {File} file
     * @param {string} name
     * @param {string} place the batch it is meant for, or the draft of one
     * @param {import("./dropped-files.js").Source} [source] where the file can be read again
     */
    constructor(file, name, place = "", source = undefined) {
        this.file = file;
        this.name = name;
        this.place = place;
        this.source = source;
    }

    /** It is given now, after all that was given before. */
    giveNow() {
        this.at = Date.now();
        this.index = nextIndex();
    }

    /** Until a person sends it. */
    hold() {
        this.state = "held";
    }

    /** @param {"paused" | "stopped"} state nothing of it is sent any more */
    leave(state) {
        this.controller.abort();
        this.problem = null;
        this.state = state;
    }

    /** It is sent, from where the server has it. */
    goOn() {
        this.controller = new AbortController();
        this.problem = null;
        this.state = "queued";
    }

    /** @param {{key: string, at?: number, index?: number}} kept it is the upload that an earlier visit began */
    beThatOf({ key, at, index }) {
        Object.assign(this, { key, at, index });
    }

    /** @param {{url: string, image: string, batch: string}} upload that the server knows from an earlier visit */
    continueAt({ url, image, batch }) {
        Object.assign(this, { url, image, batch, remembered: true });
    }

    /** @param {{url: string, image: string}} created by the server, just now */
    created({ url, image }) {
        Object.assign(this, { url, image, remembered: false });
    }

    /** The server has nothing of it. */
    beginAnew() {
        this.url = null;
        this.image = null;
        this.reached(0);
    }

    /** @param {number} offset bytes that the server holds */
    reached(offset) {
        this.sent = offset;
        this.held = offset;
    }

    get isOver() {
        return this.state === "done" || this.state === "stopped";
    }
}
