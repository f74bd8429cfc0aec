// @ts-check
/**
 * Files that wait until a person presses “Send”: nothing of them has left this browser. They can be
 * put in another order, which is the one in which they are sent.
 */

import { isHeld } from "../model/photo-state.js";

/** @typedef {import("../model/photos.js").Entry} Entry */
/** @typedef {import("./upload-task.js").Task} Task */

export class HeldUploads {
    /** @type {Map<string, Entry>} */ #held = new Map();

    /**
     * @param {object} parts
     * @param {() => import("./uploader.js").Uploader} parts.uploader
     * @param {(...tasks: Task[]) => unknown} parts.remember as they are now
     * @param {(entry: Entry) => void} parts.onMoved it stands elsewhere
     * @param {() => void} parts.onChange others are held than before
     */
    constructor(parts) {
        this.parts = parts;
    }

    /** @param {Entry} entry a new one, or one that changed */
    follow(entry) {
        if (isHeld(entry) === this.#held.has(entry.key)) return;
        if (isHeld(entry)) this.#held.set(entry.key, entry);
        else this.#held.delete(entry.key);
        this.parts.onChange();
    }

    /** @param {Entry} entry */
    leave(entry) {
        if (this.#held.delete(entry.key)) this.parts.onChange();
    }

    /** @returns {Entry[]} in the order in which they will be sent */
    get entries() {
        return [...this.#held.values()].sort((one, other) => one.position - other.position);
    }

    /**
     * @param {Entry} entry @param {number} by places: 1 is one later
     * @returns {{number: number, count: number} | null} where it stands now; null where it stood at the end
     */
    step(entry, by) {
        const order = this.entries;
        const target = order[order.indexOf(entry) + by];
        return target ? this.place(entry, target, by < 0 ? "before" : "after") : null;
    }

    /**
     * @param {Entry} entry @param {Entry} target @param {"before" | "after"} side
     * @returns {{number: number, count: number} | null} where it stands now
     */
    place(entry, target, side) {
        const before = this.entries;
        if (entry === target || !this.#held.has(entry.key) || !this.#held.has(target.key))
            return null;
        const order = before.filter((one) => one !== entry);
        const at = order.indexOf(target) + Number(side === "after");
        order.splice(at, 0, entry);
        const positions = before.map(({ position }) => position);
        const moved = order.filter((one, index) => one.position !== positions[index]);
        for (const [index, one] of order.entries()) one.moveTo(positions[index]);
        for (const one of moved) this.parts.onMoved(one);
        void this.parts.remember(...moved.map(taskOf));
        return { number: at + 1, count: order.length };
    }

    /** All of them, in their order. */
    send() {
        const { entries } = this;
        for (const entry of entries) entry.release();
        for (const entry of entries) this.parts.uploader().resume(taskOf(entry));
        void this.parts.remember(...entries.map(taskOf));
    }
}

/** @param {Entry} entry */
const taskOf = ({ task }) => /** @type {Task} */ (task);
