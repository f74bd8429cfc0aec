// @ts-check
/**
 * One upload on its way, until the server has every byte of the file or refuses it. It never gives
 * up on a bad network and never argues with a refusal. What to do next is `decide`'s matter; this
 * does it, and keeps the task true.
 */

import * as memory from "./upload-memory.js";
import * as tus from "./tus.js";
import { betweenProblem, Problem } from "../base/api.js";
import { hashFile } from "./file-hash.js";
import { Chunks } from "./chunks.js";
import { backoff } from "../base/backoff.js";
import { decide, Doubts, isAnswer } from "./upload-decisions.js";

/** @typedef {import("./upload-decisions.js").Phase} Phase */
/** @typedef {import("./upload-decisions.js").Outcome} Outcome */
/** @typedef {import("./upload-task.js").Task} Task */
/** @typedef {import("./upload-task.js").TaskState} TaskState */

/**
 * @typedef {object} Surroundings
 * @property {() => Promise<string>} batch where photos go; it may have to be made first
 * @property {(task: Task) => void} onChange
 * @property {(task: Task) => Promise<void>} order until those given before it are created
 * @property {(task: Task) => Promise<boolean>} turn until it may send; whether an equal file is there
 * @property {import("./uplink.js").Uplink} uplink what is known of the way to the server
 * @property {(ms: number, signal: AbortSignal) => Promise<void>} wait
 */

/** Of these the server knows that nothing more comes. */
const GONE = new Set(["upload-gone", "no-such-upload", "no-such-image", "batch-deleted"]);

export class UploadRun {
    #hasTurn = false;
    #doubts = new Doubts();

    /** @param {Task} task @param {Surroundings} surroundings */
    constructor(task, surroundings) {
        this.task = task;
        this.surroundings = surroundings;
        this.signal = task.controller.signal;
        task.chunks ??= new Chunks(task.file.size, surroundings.uplink);
        this.chunks = task.chunks;
    }

    /** Until it is done, refused or told to stop. */
    async carry() {
        const { task, signal } = this;
        /** @type {Phase} */
        let phase = task.url ? "ask" : "create";
        let attempt = 0;
        while (!signal.aborted) {
            const before = task.sent;
            const outcome = this.#doubts.judge(phase, await this.#perform(phase));
            if (signal.aborted) return this.#note(outcome);
            const decision = decide(phase, outcome, this.#circumstances);
            this.#learn(outcome, decision);
            if (await this.#isOver(outcome, decision)) return;
            attempt = decision.wait && task.sent <= before ? attempt + 1 : 0;
            if (decision.wait) await this.#rest(attempt, outcome);
            phase = /** @type {Phase} */ (decision.next);
        }
    }

    /**
     * @param {Outcome} outcome @param {import("./upload-decisions.js").Decision} decision
     * @returns {Promise<boolean>} whether nothing more is to be done for now
     */
    async #isOver(outcome, { next }) {
        if (next === "done") this.#finish("done");
        else if (next === "block") this.#set("blocked");
        else if (next === "stop") await this.#stop();
        else if (await this.#isUnreadable(outcome)) this.#set("stopped");
        else return false;
        return true;
    }

    get #circumstances() {
        const { task, chunks } = this;
        const { isLeast, isDisguised } = chunks;
        return { size: task.file.size, remembered: task.remembered, isLeast, isDisguised };
    }

    /**
     * Files are created in the order in which they were given, and few send at a time.
     * @param {Phase} phase @returns {Promise<Phase>} what is to be done then
     */
    async #wait(phase) {
        const { task, surroundings } = this;
        if (phase === "create") {
            await surroundings.order(task);
            return phase;
        }
        if (this.#hasTurn) return phase;
        this.#set("queued");
        const isThere = await surroundings.turn(task);
        this.#hasTurn = true;
        return isThere && phase === "send" ? "offer" : phase;
    }

    /** @param {TaskState} state */
    #set(state) {
        this.task.state = state;
        this.surroundings.onChange(this.task);
    }

    /** @param {Phase} wanted @returns {Promise<Outcome>} */
    async #perform(wanted) {
        const { task, signal } = this;
        const phase = await this.#wait(wanted);
        if (signal.aborted) return { network: true };
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
        const { task, signal, chunks } = this;
        const { file, sent: offset } = task;
        const onProgress = (/** @type {number} */ left) => {
            chunks.progress(left);
            task.sent = offset + left;
            this.surroundings.onChange(task);
        };
        const length = chunks.begin(offset);
        const patience = () => chunks.patience;
        const { isDisguised } = chunks;
        const piece = { url, file, offset, length, signal, isDisguised, patience, onProgress };
        return tus.append(piece);
    }

    /** @returns {Promise<Outcome>} */
    async #create() {
        const { task, surroundings, signal } = this;
        try {
            task.batch = await surroundings.batch();
        } catch (error) {
            if (!(error instanceof Problem)) return { network: true };
            const { status, code, body, retryAfterMs, isStrangers } = error;
            // What is no word of the server's, nor of anything between, is no answer.
            if (code === "unavailable") return { network: true, wordless: status, retryAfterMs };
            return { status, problem: body, retryAfterMs, isStrangers };
        }
        if (signal.aborted) return { network: true };
        task.isUnanswered = true;
        return tus.create(task.batch, task.file, task.name, task.key);
    }

    /**
     * Until it is known which image a creation has made whose answer was lost: asked again under its
     * key, it tells.
     */
    async settle() {
        const { task, surroundings, signal } = this;
        for (let attempt = 1; task.isUnanswered; attempt += 1) {
            const outcome = await tus.create(task.batch, task.file, task.name, task.key);
            this.#note(outcome);
            if (!task.isUnanswered) return;
            const { retryAfterMs } = /** @type {any} */ (outcome);
            await surroundings.wait(backoff(attempt, Math.random(), retryAfterMs), signal);
        }
    }

    /**
     * The server has a photo of this size: if it is this one, no byte needs to go.
     * @returns {Promise<Outcome>}
     */
    async #offer() {
        const { task, signal, chunks } = this;
        const digest = await hashFile(task.file, signal);
        // Without a digest it is sent as ever.
        if (!digest) return { status: 204, offset: task.sent };
        const url = /** @type {string} */ (task.url);
        const { isDisguised } = chunks.prepare();
        return tus.offer({ url, offset: task.sent, digest, signal, isDisguised });
    }

    /** @param {any} outcome @param {import("./upload-decisions.js").Decision} decision */
    #learn(outcome, decision) {
        const { task } = this;
        if (decision.restart) {
            memory.renew(task);
            task.beginAnew();
        }
        this.#note(outcome);
        this.#learnOfTheWay(outcome, decision);
        if (Number.isInteger(outcome.offset)) task.reached(outcome.offset);
        const wordless = outcome.isStrangers
            ? betweenProblem(outcome.status)
            : { code: "unavailable" };
        const refused = outcome.problem?.code ? outcome.problem : wordless;
        task.problem = decision.next === "stop" || decision.next === "block" ? refused : null;
    }

    /** @param {any} outcome @param {import("./upload-decisions.js").Decision} decision */
    #learnOfTheWay(outcome, decision) {
        const { chunks } = this;
        const { uplink } = chunks;
        if (outcome.appendLimit) uplink.announce(outcome.appendLimit);
        if (decision.smaller) chunks.refuse();
        if (decision.disguise) uplink.disguise();
        if (decision.next === "block") uplink.undisguise();
        if ("network" in outcome) chunks.fail(Boolean(outcome.isLate));
        if (Number.isInteger(outcome.offset)) chunks.settle(outcome.offset);
    }

    /**
     * What an answer tells of the image, whether or not anybody wants to go on with it.
     * @param {any} outcome
     */
    #note(outcome) {
        if (isAnswer(outcome)) this.task.isUnanswered = false;
        if (outcome.url) this.#place(outcome);
    }

    /** @param {{url: string, image: string}} created */
    #place(created) {
        const { task } = this;
        task.created(created);
        this.surroundings.onChange(task);
        void memory.remember(task);
    }

    /** Nothing more comes: the server is told, so that it need not wait and the batch can settle. */
    async #stop() {
        const { task, surroundings, signal } = this;
        let { isDisguised } = surroundings.uplink;
        this.#finish("stopped");
        for (let attempt = 1; task.url && !GONE.has(task.problem?.code ?? ""); attempt += 1) {
            const outcome = await tus.giveUp(task.url, isDisguised);
            const isStrangers = "status" in outcome && Boolean(outcome.isStrangers);
            if (isAnswer(outcome) && !isStrangers) return;
            // Where DELETE does not pass, a POST may, or later the other way round.
            if (isStrangers) isDisguised = !isDisguised;
            await surroundings.wait(backoff(attempt, Math.random()), signal);
            if (signal.aborted) return;
        }
    }

    /** @param {TaskState} state */
    #finish(state) {
        const { task } = this;
        this.#set(state);
        memory.forget([task.key]);
    }

    /**
     * A file that cannot be read fails like a dead network. It stays remembered: where the same one is
     * given again, it goes on.
     * @param {Outcome} outcome
     */
    async #isUnreadable(outcome) {
        const { task } = this;
        if (!("network" in outcome) || (await memory.isReadable(task.file))) return false;
        task.problem = { code: "file-unreadable" };
        return true;
    }

    /** @param {number} attempt @param {any} outcome */
    #rest(attempt, outcome) {
        this.#set("waiting");
        const ms = backoff(attempt, Math.random(), outcome.retryAfterMs);
        return this.surroundings.wait(ms, this.signal);
    }
}
