// @ts-check
/**
 * The line on the picture between the original, on its left, and the version: drawn by hand or moved
 * by keys. It knows the part of the picture's width it stands at, and the stage where that is.
 */

import { t, words } from "../base/i18n.js";

/** What an arrow key and Page Up or Down move, in parts of the width. */
const STEP = 0.02;
const LEAP = 0.1;

/**
 * @param {string} key @param {number} part 0…1
 * @returns {number | null} where the key moves it; null where it is none of its keys
 */
export function moved(key, part) {
    /** @type {Record<string, number>} */
    const steps = { ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP };
    /** @type {Record<string, number>} */
    const all = { ...steps, PageDown: -LEAP, PageUp: LEAP, Home: -1, End: 1 };
    return Object.hasOwn(all, key) ? Math.min(1, Math.max(0, part + all[key])) : null;
}

export class Divider {
    part = 0.5;

    /**
     * @param {HTMLElement} element with the role of a slider
     * @param {(at: {clientX: number, clientY: number}) => number} partAt
     * @param {() => void} onMove
     */
    constructor(element, partAt, onMove) {
        this.element = element;
        this.onMove = onMove;
        let isHeld = false;
        element.addEventListener("pointerdown", (event) => {
            isHeld = event.button === 0;
        });
        addEventListener("pointermove", (event) => isHeld && this.#move(partAt(event)));
        for (const end of ["pointerup", "pointercancel"])
            addEventListener(end, () => {
                isHeld = false;
            });
        element.addEventListener("keydown", (event) => {
            const part = moved(event.key, this.part);
            if (part === null) return;
            event.preventDefault();
            event.stopPropagation();
            this.#move(part);
        });
    }

    /** @param {number} across in pixels, from the middle of the stage */
    place(across) {
        this.element.style.translate = `${across}px`;
        const percent = Math.round(100 * this.part);
        this.element.setAttribute("aria-valuenow", String(percent));
        const text = t("details.compare.at", { percent: words.percent(this.part) });
        this.element.setAttribute("aria-valuetext", text);
    }

    /** @param {number} part */
    #move(part) {
        this.part = part;
        this.onMove();
    }
}
