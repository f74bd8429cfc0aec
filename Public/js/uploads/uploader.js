// @ts-check
/**
 * Which uploads run: created in the order in which they were given, a few of them sending at a time,
 * and what a person does to them. How one of them goes is `UploadRun`'s matter. It does not depend on
 * the feed.
 */

import { sleep } from "../base/sleep.js";
import { Duplicates } from "./duplicates.js";
import { hashFile } from "./file-hash.js";
import { Uplink } from "./uplink.js";
import { UploadRun } from "./upload-run.js";

/** @typedef {import("./upload-task.js").Task} Task */

/** So many are created before they may send: the next is there at once when one is done. */
const AHEAD = 4;

export class Uploader {
    /** @type {Set<Task>} */ #queue = new Set();
    /** @type {Map<Task, Promise<void>>} until each has let go of its task */ #running = new Map();
    /** @type {Map<Task, () => void>} those not created yet, in their order, and how each goes on */
    #uncreated = new Map();
    /** @type {Map<Task, () => void>} those that wait for their turn to send, likewise */
    #ready = new Map();
    /** @type {Set<Task>} */ #sending = new Set();
    /** @type {Set<Task>} stopped, and whether they have an image is still asked */ #settling =
        new Set();
    /** @type {Set<AbortController>} */ #wakers = new Set();
    #duplicates = new Duplicates(hashFile, () => this.fill());

    /**
     * @param {object} options
     * @param {() => Promise<string>} options.batch
     * @param {() => number} options.parallel
     * @param {(task: Task) => void} options.onChange
     */
    constructor({ batch, parallel, onChange }) {
        this.parallel = parallel;
        this.onChange = onChange;
        const wait = this.#wait.bind(this);
        const changed = (/** @type {Task} */ task) => {
            if (task.image) this.#pass(task);
            onChange(task);
        };
        const order = (/** @type {Task} */ task) => this.#order(task);
        const turn = (/** @type {Task} */ task) => this.#turn(task);
        const uplink = new Uplink(globalThis.localStorage);
        this.surroundings = { batch, onChange: changed, uplink, wait, order, turn };
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
        for (const [task, go] of this.#ready) {
            if (this.#sending.size >= this.parallel()) break;
            if (this.#waits(task)) continue;
            this.#ready.delete(task);
            this.#sending.add(task);
            go();
        }
        for (const task of this.#queue) {
            if (this.#running.size - this.#sending.size >= AHEAD) return;
            if (this.#running.has(task)) continue;
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
        task.goOn();
        this.onChange(task);
        this.add(task);
    }

    /** @param {Task} task one that ended without its bytes: its upload may be gone by now */
    restart(task) {
        task.remembered = true;
        this.resume(task);
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

    /** @param {Task} task one that another page sends */
    letGo(task) {
        this.#leave(task, "stopped");
    }

    /** Nothing more is sent to a sheet that is gone, and nothing of it goes to another. */
    stopAll() {
        for (const task of [...this.#queue, ...this.#running.keys()]) this.#leave(task, "stopped");
    }

    /** The network may be back: nobody waits out a backoff. */
    wake() {
        for (const waker of this.#wakers) waker.abort();
    }

    /**
     * The order of the drop is the order of the batch: one is created when those before it are.
     * @param {Task} task @returns {Promise<void>}
     */
    #order(task) {
        return new Promise((resolve) => {
            if (!this.#uncreated.has(task) || this.#isNext(task)) return resolve();
            this.#uncreated.set(task, resolve);
            task.controller.signal.addEventListener("abort", () => resolve());
        });
    }

    /** @param {Task} task */
    #isNext(task) {
        return this.#uncreated.keys().next().value === task;
    }

    /** @param {Task} task one that is created, or will not be */
    #pass(task) {
        if (!this.#uncreated.delete(task)) return;
        const [next] = this.#uncreated.values();
        next?.();
    }

    /** @param {Task} task @returns {Promise<boolean>} whether an equal file has arrived */
    async #turn(task) {
        const { signal } = task.controller;
        await new Promise((/** @type {(value: void) => void} */ resolve) => {
            if (signal.aborted) return resolve();
            this.#ready.set(task, resolve);
            signal.addEventListener("abort", () => resolve());
            this.fill();
        });
        return this.#duplicates.hasArrived(task);
    }

    /**
     * Whether an equal file, or one that may be, is being sent now.
     * @param {Task} task
     */
    #waits(task) {
        const original = this.#duplicates.originalOf(task, this.#sending);
        const name = original?.isEqual ? original.task.file.name : null;
        if (task.waitsFor !== name) {
            task.waitsFor = name;
            this.onChange(task);
        }
        return original !== null;
    }

    /** @param {Task} task @param {"paused" | "stopped"} state */
    #leave(task, state) {
        this.#queue.delete(task);
        task.leave(state);
        this.onChange(task);
    }

    /** @param {Task} task */
    async #run(task) {
        if (!task.image) this.#uncreated.set(task, () => {});
        try {
            await new UploadRun(task, this.surroundings).carry();
        } finally {
            this.#pass(task);
            this.#ready.delete(task);
            this.#sending.delete(task);
            this.#running.delete(task);
            if (task.state === "done") this.#duplicates.arrived(task);
            this.onChange(task);
            this.fill();
        }
    }

    /** @param {number} ms @param {AbortSignal} signal */
    async #wait(ms, signal) {
        const waker = new AbortController();
        this.#wakers.add(waker);
        const wake = () => waker.abort();
        if (signal.aborted) wake();
        signal.addEventListener("abort", wake);
        await sleep(ms, { signal: waker.signal });
        signal.removeEventListener("abort", wake);
        this.#wakers.delete(waker);
    }
}
