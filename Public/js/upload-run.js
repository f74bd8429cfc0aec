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
import { Pieces } from "./pieces.js";
import { backoff, decide, isTemporary } from "./upload-decisions.js";

/** @typedef {import("./upload-decisions.js").Phase} Phase */
/** @typedef {import("./upload-decisions.js").Outcome} Outcome */
/** @typedef {import("./upload-task.js").Task} Task */
/** @typedef {import("./upload-task.js").TaskState} TaskState */

/**
 * @typedef {object} Surroundings
 * @property {() => Promise<string>} batch where photos go; it may have to be made first
 * @property {(task: Task) => void} onChange
 * @property {(image: string) => boolean} isTaken whether an upload has this image already
 * @property {import("./uplink.js").Uplink} uplink what is known of the way to the server
 * @property {(ms: number, signal: AbortSignal) => Promise<void>} wait
 */

/** Of these the server knows that nothing more comes. */
const GONE = new Set(["upload-gone", "no-such-upload", "no-such-image", "batch-deleted"]);

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
        task.pieces ??= new Pieces(task.file.size, surroundings.uplink);
        this.pieces = task.pieces;
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
            const decision = decide(phase, outcome, this.#circumstances);
            this.#learn(outcome, decision);
            if (await this.#isOver(outcome, decision)) return;
            attempt = decision.wait && task.sent <= before ? attempt + 1 : 0;
            if (decision.wait) await this.#wait(attempt, outcome);
            phase = /** @type {Phase} */ (decision.next);
        }
    }

    /**
     * @param {Outcome} outcome @param {import("./upload-decisions.js").Decision} decision
     * @returns {Promise<boolean>} whether nothing more is to be done for now
     */
    async #isOver(outcome, { next }) {
        const { task } = this;
        if (next === "done") this.#finish("done");
        else if (next === "block") this.#set("blocked");
        else if (next === "stop") await this.#stop();
        else if (await isReadable(task.file, outcome)) return false;
        else {
            task.problem = { code: "file-unreadable" };
            await this.#stop();
        }
        return true;
    }

    get #circumstances() {
        const { task, pieces } = this;
        const { isLeast, isDisguised } = pieces;
        return { size: task.file.size, remembered: task.remembered, isLeast, isDisguised };
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
        const { task, signal, pieces } = this;
        const { file, sent: offset } = task;
        const onProgress = (/** @type {number} */ left) => {
            pieces.progress(left);
            task.sent = offset + left;
            this.surroundings.onChange(task);
        };
        const length = pieces.begin(offset);
        const patience = () => pieces.patience;
        const { isDisguised } = pieces;
        const piece = { url, file, offset, length, signal, isDisguised, patience, onProgress };
        return tus.append(piece);
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
            const { status, body, retryAfterMs, isStrangers } = error;
            return { status, problem: body, retryAfterMs, isStrangers };
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
                if (status > 0 && !isTemporary(status)) return;
                await surroundings.wait(backoff(attempt, Math.random(), retryAfterMs), signal);
            }
        }
    }

    /**
     * The server has a photo of this size: if it is this one, no byte needs to go.
     * @returns {Promise<Outcome>}
     */
    async #offer() {
        const { task, signal, pieces } = this;
        const digest = await hashFile(task.file, signal);
        // Without a digest it is sent as ever.
        if (!digest) return { status: 204, offset: task.sent };
        const url = /** @type {string} */ (task.url);
        const { isDisguised } = pieces.prepare();
        return tus.offer({ url, offset: task.sent, digest, signal, isDisguised });
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
        this.#learnOfTheWay(outcome, decision);
        if (Number.isInteger(outcome.offset)) task.sent = task.held = outcome.offset;
        const refused = outcome.problem?.code ? outcome.problem : { code: "unavailable" };
        task.problem = decision.next === "stop" || decision.next === "block" ? refused : null;
    }

    /** @param {any} outcome @param {import("./upload-decisions.js").Decision} decision */
    #learnOfTheWay(outcome, decision) {
        const { pieces } = this;
        const { uplink } = pieces;
        if (outcome.appendLimit) uplink.announce(outcome.appendLimit);
        if (decision.smaller) pieces.refuse();
        if (decision.disguise) uplink.disguise();
        if (decision.next === "block") uplink.undisguise();
        if ("network" in outcome) pieces.fail(Boolean(outcome.isLate));
        if (Number.isInteger(outcome.offset)) pieces.settle(outcome.offset);
    }

    /**
     * What an answer tells of the image, whether or not anybody wants to go on with it.
     * @param {any} outcome
     */
    #note(outcome) {
        if ("status" in outcome && !isTemporary(outcome.status)) this.task.isUnanswered = false;
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

    /** Nothing more comes: the server is told, so that it need not wait and the batch can settle. */
    async #stop() {
        const { task, surroundings, signal } = this;
        this.#finish("stopped");
        for (let attempt = 1; task.url && !GONE.has(task.problem?.code); attempt += 1) {
            const outcome = await tus.giveUp(task.url, surroundings.uplink.isDisguised);
            if (!("network" in outcome) && !isTemporary(outcome.status)) return;
            await surroundings.wait(backoff(attempt, Math.random()), signal);
            if (signal.aborted) return;
        }
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
