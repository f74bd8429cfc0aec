// @ts-check
/**
 * Which uploads run: a few at a time, in their order, and what a person does to them. How one of
 * them goes is `UploadRun`'s matter. It does not depend on the feed.
 */

import { Echoes } from "./echoes.js";
import { hashFile } from "./file-hash.js";
import { Uplink } from "./uplink.js";
import { UploadRun } from "./upload-run.js";

/** @typedef {import("./upload-task.js").Task} Task */
/** @typedef {import("./upload-task.js").TaskState} TaskState */

export class Uploader {
    /** @type {Set<Task>} */ #queue = new Set();
    /** @type {Map<Task, Promise<void>>} until each has let go of its task */ #running = new Map();
    /** @type {Set<Task>} stopped, and whether they have an image is still asked */ #settling =
        new Set();
    /** @type {Set<() => void>} */ #wakers = new Set();
    #echoes = new Echoes(hashFile, () => this.fill());

    /**
     * @param {object} options
     * @param {() => Promise<string>} options.batch
     * @param {() => number} options.parallel
     * @param {(task: Task) => void} options.onChange
     * @param {(image: string) => boolean} options.isTaken whether an upload has this image already
     */
    constructor({ batch, parallel, onChange, isTaken }) {
        this.parallel = parallel;
        this.onChange = onChange;
        const uplink = new Uplink(globalThis.localStorage);
        this.surroundings = { batch, onChange, isTaken, uplink, wait: this.#wait.bind(this) };
        globalThis.addEventListener?.("online", () => this.wake());
    }

    /** Those being created now: their images may appear before their answers do. */
    get creating() {
        return [...this.#running.keys(), ...this.#settling].filter((task) => task.isUnanswered);
    }

    /** @param {Task} task */
    add(task) {
        this.#queue.add(task);
        this.fill();
    }

    /** Starts what the settings allow. */
    fill() {
        for (const task of this.#queue) {
            if (this.#running.size >= this.parallel()) return;
            if (this.#running.has(task) || this.#waits(task)) {
                if (this.#echoes.isBusy) return;
                continue;
            }
            this.#queue.delete(task);
            this.#running.set(task, this.#run(task));
        }
    }

    /** @param {Task} task */
    pause(task) {
        this.#leave(task, "paused");
    }

    /** @param {Task} task */
    resume(task) {
        task.controller = new AbortController();
        task.problem = null;
        task.state = "queued";
        this.onChange(task);
        this.add(task);
    }

    /** @param {Task} task @returns {Promise<void>} once it is known which image it has, if any */
    async stop(task) {
        this.#leave(task, "stopped");
        await this.#running.get(task);
        if (!task.isUnanswered) return;
        this.#settling.add(task);
        await new UploadRun(task, this.surroundings).settle();
        this.#settling.delete(task);
        this.onChange(task);
    }

    /** Nothing more is sent to a sheet that is gone, and nothing of it goes to another. */
    stopAll() {
        for (const task of [...this.#queue, ...this.#running.keys()]) this.#leave(task, "stopped");
    }

    /** The network may be back: nobody waits out a backoff. */
    wake() {
        for (const wake of this.#wakers) wake();
    }

    /**
     * Whether an equal file, or one that may be, is being sent now.
     * @param {Task} task
     */
    #waits(task) {
        const original = this.#echoes.originalOf(task, this.#running.keys());
        const name = original?.isEqual ? original.task.file.name : null;
        if (task.waitsFor !== name) {
            task.waitsFor = name;
            this.onChange(task);
        }
        return original !== null;
    }

    /** @param {Task} task @param {TaskState} state */
    #leave(task, state) {
        this.#queue.delete(task);
        task.controller.abort();
        task.problem = null;
        task.state = state;
        this.onChange(task);
    }

    /** @param {Task} task */
    async #run(task) {
        try {
            await new UploadRun(task, this.surroundings).carry();
        } finally {
            this.#running.delete(task);
            if (task.state === "done") this.#echoes.arrived(task);
            this.onChange(task);
            this.fill();
        }
    }

    /** @param {number} ms @param {AbortSignal} signal @returns {Promise<void>} */
    #wait(ms, signal) {
        return new Promise((resolve) => {
            const wake = () => {
                clearTimeout(timer);
                this.#wakers.delete(wake);
                signal.removeEventListener("abort", wake);
                resolve();
            };
            const timer = setTimeout(wake, ms);
            this.#wakers.add(wake);
            signal.addEventListener("abort", wake);
        });
    }
}
