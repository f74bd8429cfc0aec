// @ts-check
/**
 * The photos on the page: each pairs a file of this browser, if there is one, with its image in
 * the document. It says which of them changed, so that only their cards are drawn again.
 */

import { mergePatch, touchedImages } from "./batch-document.js";
import { Photo } from "./photo.js";

/** @typedef {import("./types.js").BatchDocument} BatchDocument */
/** @typedef {import("./types.js").Live} Live */
/** @typedef {Photo} Entry */

/**
 * What an image and its file have in common, as far as can be told: the server cleans names.
 * @param {{name: string, size: number}} given
 */
export function likenessOf({ name, size }) {
    const parts = name.split(/[/\\]/).map((part) => part.replace(/^[.\s]+|\s+$/g, ""));
    return `${size}:${parts.filter(Boolean).join("/")}`;
}

/**
 * A name and the folders it lay in.
 * @param {string} path
 */
export function splitPath(path) {
    const cut = path.lastIndexOf("/");
    return { folder: path.slice(0, Math.max(0, cut)), name: path.slice(cut + 1) };
}

const BETWEEN = 0.5;
let lastKey = 0;

export class Photos {
    /** @type {BatchDocument} */ document = {};
    /** @type {Record<string, Live>} */ live = {};
    /** @type {Map<string, Entry>} */ entries = new Map();
    /** @type {Map<string, Entry>} */ #byImage = new Map();
    /** Where the server will put what is given next, as far as can be told. */
    #nextPosition = 0;
    /** Images that may be ones being created here. */
    #expected = new Set();

    /**
     * @param {object} options
     * @param {(entry: Entry) => void} options.onChange also called for a new one
     * @param {(entry: Entry) => void} options.onRemove
     * @param {(image: {size: number}) => boolean} options.isExpected whether an unknown image may turn out to
     *   be one that is being created from here
     * @param {(entry: Entry) => boolean} options.isShown whether the reader has chosen to see it
     * @param {() => number} [options.now] seconds
     */
    constructor(options) {
        this.options = options;
    }

    /**
     * @param {ConstructorParameters<typeof Photo>[2] & {position?: number}} given
     * @returns {Entry}
     */
    add(given) {
        const entry = this.#make(given);
        this.options.onChange(entry);
        return entry;
    }

    /** @param {Parameters<Photos["add"]>[0]} given @returns {Entry} that nobody has been told of yet */
    #make(given) {
        lastKey += 1;
        // What is refused here never comes to the server: it stands between two that do.
        const position = given.position ?? this.#nextPosition - (given.refusal ? BETWEEN : 0);
        const entry = new Photo(`p${lastKey}`, position, given);
        this.#nextPosition = Math.max(this.#nextPosition, Math.floor(position) + 1);
        this.entries.set(entry.key, entry);
        return entry;
    }

    /** @param {Entry} entry */
    remove(entry) {
        this.entries.delete(entry.key);
        const id = entry.imageID;
        if (id && this.#byImage.get(id) === entry) this.#byImage.delete(id);
        this.options.onRemove(entry);
    }

    /** @param {Entry} entry one that was removed meanwhile stays so */
    changed(entry) {
        entry.measure(this.options.now?.() ?? performance.now() / 1_000);
        if (this.entries.has(entry.key)) this.options.onChange(entry);
    }

    /** @param {Entry} entry @returns {boolean} */
    isShown(entry) {
        return this.options.isShown(entry);
    }

    /** @param {string} id */
    ofImage(id) {
        return this.#byImage.get(id);
    }

    /**
     * This file is that image.
     * @param {Entry} entry
     * @param {string} id
     */
    bind(entry, id) {
        const other = this.#byImage.get(id);
        if (other && other !== entry) this.remove(other);
        this.#byImage.set(id, entry);
        this.#refresh(id);
    }

    /**
     * This file is that image no more: the file will be another, and the image has its own card.
     * @param {Entry} entry
     */
    release(entry) {
        const { image } = entry;
        if (image) this.#byImage.delete(image.id);
        entry.leaveImage(this.#nextPosition);
        this.#nextPosition += 1;
        this.changed(entry);
    }

    /**
     * A whole document.
     * @param {BatchDocument} document
     * @param {Record<string, Live>} [live]
     */
    load(document, live) {
        this.document = document;
        this.live = live ?? {};
        const images = document.images ?? {};
        for (const id of this.#byImage.keys()) if (!(id in images)) this.#refresh(id);
        const inOrder = Object.keys(images).sort((a, b) => images[a].position - images[b].position);
        for (const id of inOrder) this.#refresh(id);
    }

    /** The sheet is no more, and neither is anything on it. */
    clear() {
        this.document = {};
        this.live = {};
        for (const entry of [...this.entries.values()]) this.remove(entry);
    }

    /** @param {import("./batch-document.js").BatchEvent} event */
    apply(event) {
        this.document = mergePatch(this.document, event.patch);
        for (const id of touchedImages(event)) this.#refresh(id);
    }

    /**
     * Live values are replaced whole.
     * @param {Record<string, Live>} live
     */
    move(live) {
        const before = this.live;
        this.live = live;
        for (const id of new Set([...Object.keys(before), ...Object.keys(live)])) {
            if (this.#byImage.has(id)) this.#refresh(id);
        }
    }

    /** Images that were taken for one being created here may show now. */
    settleExpected() {
        const waiting = [...this.#expected];
        this.#expected.clear();
        for (const id of waiting) if (!this.#byImage.has(id)) this.#refresh(id);
    }

    /** @param {string} id */
    #refresh(id) {
        const image = this.document.images?.[id];
        const known = this.#byImage.get(id);
        if (!image) {
            // Known only from the answer to its creation, the image's own event is still to come.
            if (known?.image) this.remove(known);
            return;
        }
        if (!known && this.options.isExpected(image)) return this.#expected.add(id);
        const entry = known ?? this.#make({ position: image.position });
        const twin = splitPath(this.document.images?.[image.sameAs ?? ""]?.name ?? "").name;
        const wanted = this.document.recipe?.renditions?.length ?? 0;
        entry.tell({ id, ...image }, { live: this.live[id], twin, wanted });
        if (known) this.#move(entry, image.position);
        this.#byImage.set(id, entry);
        this.options.onChange(entry);
    }

    /**
     * The server knows where a photo stands. Those that are still to come stand as much further back.
     * @param {Entry} entry @param {number} position
     */
    #move(entry, position) {
        const from = entry.position;
        if (position === from) return;
        entry.moveTo(position);
        this.#nextPosition = Math.max(this.#nextPosition, position + 1);
        for (const other of this.entries.values()) {
            if (position < from || other.image || other.position <= from) continue;
            other.moveTo(other.position + position - from);
            this.#nextPosition = Math.max(this.#nextPosition, Math.floor(other.position) + 1);
            this.options.onChange(other);
        }
    }
}
