// @ts-check
/**
 * One run: a batch of its own is made, followed in several ways at once, given photos, read once more
 * by an independent reader at the end, and deleted. What was measured is kept whatever breaks.
 */

import { eventsURL } from "../base/addresses.js";
import * as api from "../base/api.js";
import { sleep } from "../base/sleep.js";
import { Uploader } from "../uploads/uploader.js";
import { Task } from "../uploads/upload-task.js";
import { pageTime } from "./clocks.js";
import { Faults } from "./faults.js";
import { Lane } from "./lane.js";
import { readLog } from "./log.js";
import { Marks } from "./marks.js";
import { drawPicture } from "./pictures.js";
import { recordOf } from "./record.js";
import { Turns } from "./turns.js";
import { laneOf } from "./wire.js";
import { POLLS_AT_ONCE } from "./ways.js";

/** @typedef {import("./ways.js").Way} Way */
/** @typedef {"settled" | "stopped" | "patience" | "refused" | "unreachable"} End */

const OWN_PICTURES = 12;
const PICTURE_EVERY_MS = 600;
/** Those that are sent so that something goes on happening while faults are made. */
const EXTRA_EVERY_MS = 1_000;
const LOOK_EVERY_MS = 200;
/** After everything has happened, so long the slowest lane has to hear of it. */
const PATIENCE_MS = 20_000;
/** The browser tells the times of a request a moment after its end. */
const TIMINGS_MS = 300;

export class Run {
    /** @type {Lane[]} */ lanes = [];
    /** @type {Map<number, {seq: number, type: string, at: number}>} `at` by the server's clock */
    events = new Map();
    marks = new Marks(() => this.now());
    startedAt = 0;
    startedAtEpoch = 0;
    phase = "opening";
    /** @type {End | null} */ end = null;
    /** Whether an independent reader has read the log at the end. */
    isChecked = false;
    batch = "";
    sent = 0;
    /** Nobody else knows it: whoever does can make faults for these lanes. */
    #name = api.newKey().slice(0, 8);
    #cursor = "";
    #isSettled = false;
    #settledAt = 0;
    #isGiven = false;
    /** @type {Uploader | null} */ #uploader = null;

    /**
     * @param {object} options
     * @param {readonly Way[]} options.ways
     * @param {readonly File[] | null} options.photos null: the lab's own set
     * @param {import("./clocks.js").Clocks} options.clocks
     * @param {{kinds: readonly string[], seconds: number}} options.faults made on purpose
     * @param {() => void} options.onChange
     */
    constructor({ ways, photos, clocks, faults, onChange }) {
        this.ways = ways;
        this.photos = photos;
        this.clocks = clocks;
        this.onChange = onChange;
        this.faults = new Faults({ ...faults, run: this.#name });
    }

    get total() {
        return Math.max(this.photos?.length ?? OWN_PICTURES, this.sent);
    }

    /** Milliseconds of this run. */
    now() {
        return performance.now() - this.startedAt;
    }

    /** @returns {Promise<import("./record.js").RunRecord>} */
    async carry() {
        await this.clocks.start();
        const { document, cursor } = await api.createBatch(undefined, api.newKey());
        this.batch = document.id;
        this.#cursor = cursor;
        const leave = () => void this.#clear(true);
        addEventListener("pagehide", leave);
        const timings = new PerformanceObserver((list) => this.#learn(list.getEntries()));
        timings.observe({ type: "resource" });
        try {
            this.#open();
            await this.#follow();
            await this.#close();
        } finally {
            await sleep(TIMINGS_MS);
            timings.disconnect();
            removeEventListener("pagehide", leave);
            await this.#clear(false);
        }
        this.onChange();
        return recordOf(this);
    }

    stop() {
        this.end ??= "stopped";
    }

    #open() {
        this.startedAt = performance.now();
        this.startedAtEpoch = pageTime();
        this.marks.follow(this.lanes);
        const turns = new Turns(POLLS_AT_ONCE);
        for (const way of this.ways) {
            const lane = new Lane({
                way,
                name: `${this.#name}.${way.id}`,
                url: eventsURL(this.batch),
                cursor: this.#cursor,
                now: () => this.now(),
                turns,
                onEvent: (event) => this.#hear(event),
            });
            this.lanes.push(lane);
            lane.feed.start();
        }
        void this.#give();
        void this.#makeFaults();
    }

    async #makeFaults() {
        try {
            await this.faults.make({
                startedAtEpoch: this.startedAtEpoch,
                isWholeSince: (at) => this.#isWholeSince(at),
                isOver: () => this.end !== null,
            });
        } catch (error) {
            // What was measured is kept.
            this.end ??= error instanceof api.Problem ? "refused" : "unreachable";
        }
    }

    /** @param {number} moment by the server's clock */
    #isWholeSince(moment) {
        const fresh = [...this.events.values()].filter(({ at }) => at >= moment);
        const first = Math.min(...fresh.map(({ seq }) => seq));
        return fresh.length > 0 && this.lanes.every((lane) => lane.last >= first);
    }

    async #give() {
        this.phase = "sending";
        this.#uploader = new Uploader({
            batch: async () => this.batch,
            parallel: () => 1,
            onChange: () => this.onChange(),
        });
        const wanted = this.total;
        while ((this.sent < wanted || this.faults.isUnderWay) && !this.end) {
            const own = this.photos?.[this.sent];
            const file = own ?? (await drawPicture(this.sent));
            const task = new Task(file, file.name);
            this.#uploader.add(task);
            if (own) await this.#untilOver(task);
            else await sleep(this.sent < wanted ? PICTURE_EVERY_MS : EXTRA_EVERY_MS);
            this.sent += 1;
        }
        this.#isGiven = true;
        this.phase = "waiting";
    }

    /** @param {Task} task */
    async #untilOver(task) {
        while (!task.isOver && !this.end) await sleep(LOOK_EVERY_MS);
    }

    /** @param {any} event */
    #hear({ seq, type, at, patch }) {
        if (!this.events.has(seq)) {
            this.events.set(seq, { seq, type, at: Date.parse(at) - this.startedAtEpoch });
            const isNewest = seq >= Math.max(...this.events.keys());
            if (isNewest && patch?.state) this.#isSettled = patch.state === "settled";
        }
        this.onChange();
    }

    async #follow() {
        while (!this.end) {
            await sleep(LOOK_EVERY_MS);
            this.onChange();
            if (!this.#isGiven || !this.#isSettled) {
                this.#settledAt = 0;
                continue;
            }
            this.#settledAt ||= this.now();
            const newest = Math.max(...this.events.keys());
            const isHeardByAll = this.lanes.every((lane) => lane.last >= newest);
            if (isHeardByAll) this.end ??= "settled";
            else if (this.now() - this.#settledAt > PATIENCE_MS) this.end ??= "patience";
        }
    }

    async #close() {
        this.phase = "checking";
        this.onChange();
        this.#uploader?.stopAll();
        this.endedAt = this.now();
        for (const lane of this.lanes) lane.feed.end();
        this.marks.end();
        await this.clocks.ask();
        this.clocks.stop();
        try {
            for (const event of await readLog(eventsURL(this.batch), this.#cursor)) {
                const { seq, type, at } = event;
                this.events.set(seq, { seq, type, at: Date.parse(at) - this.startedAtEpoch });
            }
            this.isChecked = true;
        } catch {
            this.end = "unreachable";
        }
    }

    /** @param {PerformanceEntryList} entries */
    #learn(entries) {
        for (const entry of entries) {
            const name = laneOf(entry.name);
            const lane = this.lanes.find(({ wire }) => name.startsWith(`${wire.name}.`));
            lane?.wire.learn(/** @type {PerformanceResourceTiming} */ (entry));
        }
    }

    /** @param {boolean} isLeaving */
    async #clear(isLeaving) {
        try {
            await api.deleteBatch(this.batch, { keepalive: isLeaving });
        } catch {
            // It is left behind, among the reader's earlier batches, and can be deleted there.
        }
    }
}
