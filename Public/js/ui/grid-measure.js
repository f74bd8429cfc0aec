// @ts-check
/**
 * The measures of the grid, as long as they hold. All rows are of one height, so that nothing jumps when a card says
 * more: what the longest of all words take is measured, in the reader's language, letters and card width.
 */

import { viewOf } from "../model/photo-state.js";
import { gridOf } from "./grid-layout.js";
import { PhotoCard } from "./photo-card.js";

/** @typedef {import("./grid-layout.js").Grid} Grid */

const NAME = "IMG_0001.jpg";
/** However long a name is, the words that mention it end after some lines. */
const LONG_NAME = NAME.repeat(20);
/** In bytes: “1,000 bytes” is longer than any number of KiB. */
const SIZE = 1_000;
const BYTES_PER_SECOND = 999 * 1_024;
const SIDE = 9_999;
const PACE = { at: () => ({ bytesPerSecond: BYTES_PER_SECOND, secondsLeft: 59 }) };
/** So many versions of a photo the server's own recipes make. */
const USUAL_VERSIONS = 3;

/**
 * A photo of each kind that may say the most.
 * @param {number} versions @returns {any[]}
 */
function samples(versions) {
    const image = { id: "", name: NAME, size: SIZE, width: SIDE, height: SIDE, position: 0 };
    const version = { url: "", width: SIDE, height: SIDE, mediaType: "" };
    const renditions = Array.from({ length: versions }, (_, index) => ({
        ...version,
        bytes: index,
    }));
    const uploading = { ...image, state: "uploading" };
    return [
        { image: uploading, task: { state: "sending", sent: 0, held: 0 }, pace: PACE },
        { image: uploading, task: { state: "waiting", sent: 0, held: 0 } },
        { image: uploading, task: { state: "comparing", sent: 0, held: 0 } },
        { image: uploading, task: { state: "queued", sent: 0, held: 0, waitsFor: LONG_NAME } },
        { image: uploading, lacks: "file" },
        { image: uploading, lacks: "permission" },
        { name: NAME, lacks: "file" },
        { name: NAME, task: { state: "held" } },
        { image: { ...image, state: "ready", sameAs: "i_", renditions }, twin: LONG_NAME },
        { image: { ...image, state: "failed" } },
    ];
}

export class GridMeasure {
    /** @type {Grid | null} */ #grid = null;
    /** @type {PhotoCard[]} */ #samples = [];
    #canChange = true;
    #versions = USUAL_VERSIONS;
    /** Of the grid and of the window, in pixels, as they were measured. */
    #width = 0;
    #windowWidth = 0;

    /** @param {HTMLElement} element @param {() => void} onChange it may have other measures */
    constructor(element, onChange) {
        this.element = element;
        this.onChange = onChange;
        // Its height is what comes of the measures: only another width asks for others.
        new ResizeObserver(([{ contentRect }]) => {
            if (Math.abs(contentRect.width - this.#width) >= 1) this.#again();
        }).observe(element);
        const options = { attributeFilter: ["data-density", "lang"] };
        new MutationObserver(() => this.#again()).observe(document.documentElement, options);
        // A phone's bar of addresses comes and goes while one scrolls.
        addEventListener("resize", () => {
            if (innerWidth === this.#windowWidth) onChange();
            else this.#again();
        });
    }

    /** @returns {Grid} the same one for as long as nothing has changed */
    get now() {
        this.#grid ??= this.#measure();
        return this.#grid;
    }

    /** @param {boolean} canChange who cannot is offered fewer buttons */
    set canChange(canChange) {
        if (canChange === this.#canChange) return;
        this.#canChange = canChange;
        this.#again();
    }

    /** @param {number} versions that are made of each photo; 0 where that is not known */
    set versions(versions) {
        if (versions === 0 || versions === this.#versions) return;
        this.#versions = versions;
        this.#again();
    }

    #again() {
        this.#grid = null;
        this.onChange();
    }

    /** @returns {Grid} */
    #measure() {
        const style = getComputedStyle(this.element);
        const pixels = (/** @type {string} */ name) =>
            Number.parseFloat(style.getPropertyValue(name)) || 0;
        const { clientWidth } = this.element;
        this.#width = clientWidth - pixels("padding-left") - pixels("padding-right");
        this.#windowWidth = innerWidth;
        return gridOf({
            width: this.#width,
            columnMin: pixels("--card-width"),
            columnGap: pixels("column-gap"),
            rowGap: pixels("row-gap"),
            captionOf: (column) => this.#captionOf(column),
        });
    }

    /** @param {number} column width of a card @returns {number} height of the most that is said under a photo */
    #captionOf(column) {
        // Not on the page yet.
        if (column <= 0) return 0;
        const photos = samples(this.#versions);
        this.#samples = photos.map((photo, index) => {
            const card = this.#samples[index] ?? new PhotoCard();
            card.dataset.sample = "";
            card.style.width = `${column}px`;
            this.element.append(card);
            const grid = { width: column, isSelected: false, isSelecting: false, isPrinted: false };
            card.show(photo, viewOf(photo, this.#canChange), { ...grid, now: 0 });
            return card;
        });
        const heights = this.#samples.map((card) => card.captionHeight);
        for (const card of this.#samples) {
            card.remove();
            card.clear();
        }
        return Math.ceil(Math.max(...heights));
    }
}
