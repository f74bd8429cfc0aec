// @ts-check
/**
 * Sends files, a few at a time, until the server has every byte of each. It never gives up on a
 * bad network, never argues with a refusal, and does not depend on the feed.
 */

import * as memory from "./upload-memory.js";
import * as tus from "./tus.js";
import { Problem } from "./api.js";
import { findUnanswered } from "./lost-answers.js";
import { backoff, decide, nextLength } from "./upload-decisions.js";

/** @typedef {import("./upload-decisions.js").Phase} Phase */
/** @typedef {"queued" | "creating" | "sending" | "waiting" | "paused" | "done" | "stopped"} TaskState */

/** One file on its way. */
export class Task {
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
    /** It was asked to be created, and no answer came. */
    isUnanswered = false;
    controller = new AbortController();

    /** @param {File} file @param {string} name */
    constructor(file, name) {
        this.file = file;
        this.name = name;
    }

    get isOver() {
        return this.state === "done" || this.state === "stopped";
    }
}

export class Uploader {
    /** @type {Set<Task>} */ #queue = new Set();
    /** @type {Set<Task>} */ #running = new Set();
    #wakers = new Set();

    /**
     * @param {object} options
     * @param {() => Promise<string>} options.batch
     * @param {() => number} options.parallel
     * @param {(task: Task) => void} options.onChange
     * @param {(image: string) => boolean} options.isTaken whether an upload has this image already
     */
    constructor({ batch, parallel, onChange, isTaken }) {
        this.batch = batch;
        this.parallel = parallel;
        this.onChange = onChange;
        this.isTaken = isTaken;
        globalThis.addEventListener?.("online", () => this.wake());
    }

    /** How many files are being created now: their images may appear before their answers do. */
    get creating() {
        return [...this.#running].filter((task) => task.state === "creating");
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
            this.#queue.delete(task);
            void this.#run(task);
        }
    }

    /** @param {Task} task */
    pause(task) {
        this.#leave(task);
        this.#set(task, "paused");
    }

    /** @param {Task} task */
    resume(task) {
        task.controller = new AbortController();
        this.#set(task, "queued");
        this.add(task);
    }

    /** @param {Task} task */
    stop(task) {
        this.#leave(task);
        this.#set(task, "stopped");
    }

    /** The network may be back: nobody waits out a backoff. */
    wake() {
        for (const wake of this.#wakers) wake();
    }

    /** @param {Task} task */
    #leave(task) {
        this.#queue.delete(task);
        task.controller.abort();
    }

    /** @param {Task} task @param {TaskState} state */
    #set(task, state) {
        task.state = state;
        this.onChange(task);
    }

    /** @param {Task} task */
    async #run(task) {
        this.#running.add(task);
        const { signal } = task.controller;
        try {
            await this.#carry(task, signal);
        } finally {
            this.#running.delete(task);
            this.fill();
        }
    }

    /** @param {Task} task @param {AbortSignal} signal */
    async #carry(task, signal) {
        /** @type {Phase} */
        let phase = task.url ? "ask" : "create";
        let attempt = 0;
        while (!signal.aborted) {
            const before = task.sent;
            const outcome = await this.#perform(phase, task, signal);
            if (signal.aborted) return;
            const {
                remembered,
                file: { size },
            } = task;
            const decision = decide(phase, outcome, { size, remembered });
            this.#learn(task, outcome, decision);
            if (decision.next === "done") return this.#finish(task, "done");
            if (decision.next === "stop") return this.#finish(task, "stopped");
            if (!(await isReadable(task.file, outcome))) {
                task.problem = { code: "file-unreadable" };
                return this.#finish(task, "stopped");
            }
            attempt = decision.wait && task.sent <= before ? attempt + 1 : 0;
            if (decision.wait) await this.#wait(task, attempt, outcome, signal);
            phase = decision.next;
        }
    }

    /** @param {Phase} phase @param {Task} task @param {AbortSignal} signal */
    async #perform(phase, task, signal) {
        const { file } = task;
        if (phase === "create") {
            this.#set(task, "creating");
            return this.#create(task, signal);
        }
        this.#set(task, "sending");
        const url = /** @type {string} */ (task.url);
        if (phase === "ask") return tus.askOffset(url, signal);
        const offset = task.sent;
        const onProgress = (/** @type {number} */ sent) => {
            task.sent = sent;
            this.onChange(task);
        };
        const length = nextLength(offset, file.size);
        return tus.append({ url, file, offset, length, signal, onProgress });
    }

    /**
     * The batch itself may have to be made first, and that can fail like any other request.
     * @param {Task} task
     * @param {AbortSignal} signal
     * @returns {Promise<import("./upload-decisions.js").Outcome>}
     */
    async #create(task, signal) {
        try {
            task.batch = await this.batch();
            const lost = task.isUnanswered && (await this.#findLost(task, signal));
            if (lost) return { status: 201, offset: 0, ...lost };
        } catch (error) {
            if (!(error instanceof Problem)) return { network: true };
            const { status, body, retryAfterMs } = error;
            return { status, problem: body, retryAfterMs };
        }
        task.isUnanswered = true;
        return tus.create(task.batch, task.file, task.name, signal);
    }

    /** @param {Task} task @param {AbortSignal} signal */
    #findLost(task, signal) {
        return findUnanswered(task.batch, task, this.isTaken, signal);
    }

    /** @param {Task} task @param {any} outcome @param {import("./upload-decisions.js").Decision} decision */
    #learn(task, outcome, decision) {
        if (decision.restart) {
            task.url = null;
            task.image = null;
            task.sent = task.held = 0;
        }
        if ("status" in outcome && outcome.status < 500) task.isUnanswered = false;
        if (outcome.url) this.#place(task, outcome);
        if (Number.isInteger(outcome.offset)) task.sent = task.held = outcome.offset;
        task.problem = (decision.next === "stop" && outcome.problem) || null;
    }

    /** @param {Task} task @param {{url: string, image: string}} outcome */
    #place(task, { url, image }) {
        task.url = url;
        task.image = image;
        task.remembered = false;
        this.onChange(task);
        memory.remember(task.batch, task.name, task.file, { url, image });
    }

    /** @param {Task} task @param {TaskState} state */
    #finish(task, state) {
        this.#set(task, state);
        memory.forget(task.batch, task.name, task.file);
    }

    /** @param {Task} task @param {number} attempt @param {any} outcome @param {AbortSignal} signal */
    #wait(task, attempt, outcome, signal) {
        this.#set(task, "waiting");
        const ms = backoff(attempt, Math.random(), outcome.retryAfterMs);
        return new Promise((resolve) => {
            const wake = () => {
                clearTimeout(timer);
                this.#wakers.delete(wake);
                signal.removeEventListener("abort", wake);
                resolve(undefined);
            };
            const timer = setTimeout(wake, ms);
            this.#wakers.add(wake);
            signal.addEventListener("abort", wake);
        });
    }
}

/**
 * A file that was moved or changed since it was picked fails like a dead network, for ever.
 * @param {File} file @param {any} outcome
 */
async function isReadable(file, outcome) {
    if (!outcome.network) return true;
    try {
        await file.slice(0, 1).arrayBuffer();
        return true;
    } catch {
        return false;
    }
}
