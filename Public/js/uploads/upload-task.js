// @ts-check
/**
 * One file on its way: what is known of its upload. The uploader alone changes it; what is held waits for a
 * person to send it.
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

    get isOver() {
        return this.state === "done" || this.state === "stopped";
    }
}
