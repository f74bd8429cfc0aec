// @ts-check
/** The photo beside the one on the stage: it comes in with the finger that pulls the other one out. */

import { Sheet } from "./sheet.js";
import { fit } from "./zoom.js";

/** @typedef {{key: string, photo: import("./sheet.js").Photo}} Neighbour */

/** Between two photos, in CSS pixels. */
const GAP = 16;

export class Beside {
    /** @type {{key: string, step: -1 | 1, sheet: Sheet} | null} */ #now = null;

    /** @param {HTMLElement} stage @param {(step: -1 | 1) => Neighbour | null} neighbourOf */
    constructor(stage, neighbourOf) {
        this.stage = stage;
        this.neighbourOf = neighbourOf;
    }

    /** How far it lies from the other one. */
    get distance() {
        return this.stage.clientWidth + GAP;
    }

    /** @param {-1 | 1} step the side that the finger pulls in: -1 the left */
    show(step) {
        if (this.#now?.step === step) return;
        this.end();
        const found = this.neighbourOf(step);
        if (!found) return;
        const sheet = new Sheet(this.stage, found.photo, () => this.lay());
        sheet.element.dataset.side = String(step);
        this.#now = { key: found.key, step, sheet };
        this.lay();
    }

    /** Fitted into the stage. */
    lay() {
        const { clientWidth: width, clientHeight: height, style } = this.stage;
        style.setProperty("--beside", `${this.distance}px`);
        const { element, whole } = this.#now?.sheet ?? {};
        if (!element) return;
        element.hidden = !whole;
        if (!whole) return;
        const fitted = fit(whole, { width, height });
        element.style.width = `${fitted.width}px`;
        element.style.height = `${fitted.height}px`;
    }

    /**
     * The photo that comes onto the stage.
     * @param {string} key @returns {Sheet | null} where it is the one that lay beside the other
     */
    take(key) {
        const now = this.#now;
        if (now?.key !== key) this.end();
        this.#now = null;
        if (now?.key !== key) return null;
        delete now.sheet.element.dataset.side;
        return now.sheet;
    }

    end() {
        this.#now?.sheet.end();
        this.#now = null;
    }

    /** The finger let go: it is there until it has slid out of sight. */
    async leave() {
        const left = this.#now;
        if (!left) return;
        await atRest(left.sheet.element);
        if (this.#now === left && !this.stage.style.getPropertyValue("--pull-x")) this.end();
    }
}

/** @param {Element} element @returns {Promise<unknown>} once nothing moves it any more */
export const atRest = (element) =>
    Promise.allSettled(element.getAnimations().map(({ finished }) => finished));
