// @ts-check
/** One file on its way: what is known of its upload. The uploader alone changes it. */

/** @typedef {"queued" | "creating" | "comparing" | "sending" | "waiting" | "paused" | "done" | "stopped"} TaskState */

/** 128 random bits in hexadecimal; also where there is no secure context, and so no `randomUUID`. */
export function newKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Task {
    /** Made when the file is sent, and kept over a reload: whatever carries it means this upload. */
    key = newKey();
    /** @type {TaskState} */ state = "queued";
    /** @type {string | null} */ url = null;
    /** @type {string | null} */ image = null;
    /** Where it goes; empty until it is created. */
    batch = "";
    /** Bytes that left this browser. */
    sent = 0;
    /** Bytes the server acknowledged. */
    held = 0;
    /** @type {any} */ problem = null;
    remembered = false;
    /** @type {string | null} the name of an equal file that is sent first */
    waitsFor = null;
    /** It was asked to be created, and no answer came. */
    isUnanswered = false;
    controller = new AbortController();

    /**
     * @param {File} file
     * @param {string} name
     * @param {import("./unpack.js").HandleSource} [handle] where the file can be read again
     */
    constructor(file, name, handle) {
        this.file = file;
        this.name = name;
        this.handle = handle;
    }

    get isOver() {
        return this.state === "done" || this.state === "stopped";
    }
}
