// @ts-check
/**
 * The same photo twice in one drop is sent once: a file that is equal to one on its way waits for
 * it, and is then whole without a byte, since the server has it. Files of different lengths are
 * different; only those of one length are hashed.
 */

/** @typedef {import("./upload-task.js").Task} Task */

/** Files hashed at a time: each takes a worker. */
const AT_ONCE = 2;

export class Duplicates {
    /** @type {WeakMap<File, string | null>} null: cannot be hashed */
    #digests = new WeakMap();
    /** @type {Set<File>} */
    #hashing = new Set();
    /** Digests of what was sent from here. */
    #sent = new Set();

    /**
     * @param {(file: File, signal: AbortSignal) => Promise<Uint8Array | null>} hash
     * @param {() => void} onKnown look again
     */
    constructor(hash, onKnown) {
        this.hash = hash;
        this.onKnown = onKnown;
    }

    /** As much is being hashed as can be: to ask of more files is of no use now. */
    get isBusy() {
        return this.#hashing.size >= AT_ONCE;
    }

    /**
     * What a file in line has to wait for: an equal one, or one of which that is not known yet.
     * @param {Task} task
     * @param {Iterable<Task>} running
     * @returns {{task: Task, isEqual: boolean} | null}
     */
    originalOf(task, running) {
        let unsure = null;
        for (const other of running) {
            if (other.file.size !== task.file.size) continue;
            const [theirs, own] = [this.#digest(other), this.#digest(task)];
            if (own && this.#sent.has(own)) return null;
            if (theirs === undefined || own === undefined) {
                unsure ??= { task: other, isEqual: false };
            } else if (own !== null && own === theirs) {
                return { task: other, isEqual: true };
            }
        }
        return unsure;
    }

    /** @param {Task} task one whose every byte is on the server: nobody waits for it any more */
    arrived(task) {
        const digest = this.#digests.get(task.file);
        if (digest) this.#sent.add(digest);
    }

    /** @param {Task} task @returns {boolean} whether an equal file was sent to its end from here */
    hasArrived({ file }) {
        const digest = this.#digests.get(file);
        return Boolean(digest && this.#sent.has(digest));
    }

    /** @param {Task} task @returns {string | null | undefined} undefined while it is not known */
    #digest({ file, controller }) {
        if (!this.#digests.has(file)) void this.#find(file, controller.signal);
        return this.#digests.get(file);
    }

    /** @param {File} file @param {AbortSignal} signal */
    async #find(file, signal) {
        if (this.isBusy || this.#hashing.has(file) || signal.aborted) return;
        this.#hashing.add(file);
        const digest = await this.hash(file, signal);
        this.#hashing.delete(file);
        if (!signal.aborted) this.#digests.set(file, digest?.join() ?? null);
        this.onKnown();
    }
}
