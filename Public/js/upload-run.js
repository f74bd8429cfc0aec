// @ts-check
/**
 * One upload on its way, until the server has every byte of the file or refuses it. It never gives
 * up on a bad network and never argues with a refusal. What to do next is `decide`'s matter; this
 * does it, and keeps the task true.
 */

import * as memory from "./upload-memory.js";
import * as tus from "./tus.js";
import { Problem } from "./api.js";
import { hashFile } from "./file-hash.js";
import { findUnanswered } from "./lost-answers.js";
import { hold } from "./upload-claims.js";
import { backoff, decide, nextLength } from "./upload-decisions.js";

/** @typedef {import("./upload-decisions.js").Phase} Phase */
/** @typedef {import("./upload-decisions.js").Outcome} Outcome */
/** @typedef {import("./upload-task.js").Task} Task */
/** @typedef {import("./upload-task.js").TaskState} TaskState */

/**
 * @typedef {object} Surroundings
 * @property {() => Promise<string>} batch where photos go; it may have to be made first
 * @property {(task: Task) => void} onChange
 * @property {(image: string) => boolean} isTaken whether an upload has this image already
 * @property {(ms: number, signal: AbortSignal) => Promise<void>} wait
 */

export class UploadRun {
    #end = () => {};
    /** @type {Promise<void>} */
    #over = new Promise((resolve) => {
        this.#end = resolve;
    });

    /** @param {Task} task @param {Surroundings} surroundings */
    constructor(task, surroundings) {
        this.task = task;
        this.surroundings = surroundings;
        this.signal = task.controller.signal;
    }

    /** Until it is done, refused or told to stop. */
    async carry() {
        const { image } = this.task;
        if (image) hold(image, this.#over);
        try {
            await this.#carry();
        } finally {
            this.#end();
        }
    }

    async #carry() {
        const { task, signal } = this;
        /** @type {Phase} */
        let phase = task.url ? "ask" : "create";
        let attempt = 0;
        while (!signal.aborted) {
            const before = task.sent;
            const outcome = await this.#perform(phase);
            if (signal.aborted) return this.#note(outcome);
            const { size } = task.file;
            const decision = decide(phase, outcome, { size, remembered: task.remembered });
            this.#learn(outcome, decision);
            if (decision.next === "done") return this.#finish("done");
            if (decision.next === "stop") return this.#finish("stopped");
            if (!(await isReadable(task.file, outcome))) {
                task.problem = { code: "file-unreadable" };
                return this.#finish("stopped");
            }
            attempt = decision.wait && task.sent <= before ? attempt + 1 : 0;
            if (decision.wait) await this.#wait(attempt, outcome);
            phase = decision.next;
        }
    }

    /** @param {TaskState} state */
    #set(state) {
        this.task.state = state;
        this.surroundings.onChange(this.task);
    }

    /** @param {Phase} phase @returns {Promise<Outcome>} */
    #perform(phase) {
        const { task, signal } = this;
        if (phase === "create") {
            this.#set("creating");
            return this.#create();
        }
        if (phase === "offer") {
            this.#set("comparing");
            return this.#offer();
        }
        this.#set("sending");
        const url = /** @type {string} */ (task.url);
        return phase === "ask" ? tus.askOffset(url, signal) : this.#send(url);
    }

    /** @param {string} url */
    #send(url) {
        const { task, signal } = this;
        const { file, sent: offset } = task;
        const onProgress = (/** @type {number} */ sent) => {
            task.sent = sent;
            this.surroundings.onChange(task);
        };
        const length = nextLength(offset, file.size);
        return tus.append({ url, file, offset, length, signal, onProgress });
    }

    /** @returns {Promise<Outcome>} */
    async #create() {
        const { task, surroundings, signal } = this;
        try {
            task.batch = await surroundings.batch();
            const lost = task.isUnanswered && (await this.#findLost());
            if (signal.aborted && !lost) return { network: true };
            if (lost) return { status: 201, offset: 0, ...lost };
        } catch (error) {
            if (!(error instanceof Problem)) return { network: true };
            const { status, body, retryAfterMs } = error;
            return { status, problem: body, retryAfterMs };
        }
        task.isUnanswered = true;
        const outcome = await tus.create(task.batch, task.file, task.name, task.key);
        // Another upload, whose answer was lost, took this image for its own: that one may be ours.
        const isAnothers =
            "image" in outcome && outcome.image && surroundings.isTaken(outcome.image);
        return isAnothers ? { network: true } : outcome;
    }

    #findLost() {
        const { task, surroundings } = this;
        return findUnanswered(task.batch, task, surroundings.isTaken);
    }

    /** Until it is known whether a creation whose answer was lost has made an image. */
    async settle() {
        const { task, surroundings, signal } = this;
        for (let attempt = 1; task.isUnanswered; attempt += 1) {
            try {
                const lost = await this.#findLost();
                this.#note({ status: lost ? 201 : 404, ...lost });
            } catch (error) {
                const { status = 0, retryAfterMs = 0 } = error instanceof Problem ? error : {};
                if (status >= 400 && status < 500 && status !== 429) return;
                await surroundings.wait(backoff(attempt, Math.random(), retryAfterMs), signal);
            }
        }
    }

    /**
     * The server has a photo of this size: if it is this one, no byte needs to go.
     * @returns {Promise<Outcome>}
     */
    async #offer() {
        const { task, signal } = this;
        const digest = await hashFile(task.file, signal);
        // Without a digest it is sent as ever.
        if (!digest) return { status: 204, offset: task.sent };
        return tus.offer(/** @type {string} */ (task.url), task.sent, digest, signal);
    }

    /** @param {any} outcome @param {import("./upload-decisions.js").Decision} decision */
    #learn(outcome, decision) {
        const { task } = this;
        if (decision.restart) {
            task.url = null;
            task.image = null;
            task.sent = task.held = 0;
        }
        this.#note(outcome);
        if (Number.isInteger(outcome.offset)) task.sent = task.held = outcome.offset;
        const refused = outcome.problem?.code ? outcome.problem : { code: "unavailable" };
        task.problem = decision.next === "stop" ? refused : null;
    }

    /**
     * What an answer tells of the image, whether or not anybody wants to go on with it.
     * @param {any} outcome
     */
    #note(outcome) {
        if ("status" in outcome && outcome.status < 500) this.task.isUnanswered = false;
        if (outcome.url) this.#place(outcome);
    }

    /** @param {{url: string, image: string}} outcome */
    #place({ url, image }) {
        const { task } = this;
        task.url = url;
        task.image = image;
        task.remembered = false;
        this.surroundings.onChange(task);
        hold(image, this.#over);
        memory.remember(task);
    }

    /** @param {TaskState} state */
    #finish(state) {
        const { task } = this;
        this.#set(state);
        memory.forget(task);
    }

    /** @param {number} attempt @param {any} outcome */
    #wait(attempt, outcome) {
        this.#set("waiting");
        const ms = backoff(attempt, Math.random(), outcome.retryAfterMs);
        return this.surroundings.wait(ms, this.signal);
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
