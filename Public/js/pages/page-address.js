// @ts-check
/**
 * The address of the batch, and of the photo that is looked at. While the settings lie over the page theirs is
 * shown, and a change is kept until one is back.
 */

import { photoMark, photoOfHash, SETTINGS_PAGE } from "../base/addresses.js";

/** @type {string | null} */
let later = null;

export const isUnderSettings = () => history.state?.over === SETTINGS_PAGE;

/** @param {string} path */
export function setAddress(path) {
    if (isUnderSettings()) later = path;
    else if (photoInAddress()) history.replaceState(history.state, "", path + location.hash);
    else history.replaceState(null, "", path);
}

/** @returns {string | undefined} the photo that the address names */
export const photoInAddress = () => photoOfHash(location.hash);

/** What the history says of a photo that was opened from the page below: Back leads there. */
const PHOTO = "photo";

/** A photo that is looked at has the address of its batch with its own name. Back closes it, Forward opens it again. */
export class PhotoAddress {
    /** @type {string | null} opened while the way back from another was not yet gone */ #next =
        null;
    #isLeaving = false;

    /** @param {{open(image: string): void, close(): void}} acts */
    constructor(acts) {
        this.acts = acts;
        addEventListener("popstate", () => this.#follow());
    }

    /** What the page was opened with. */
    begin() {
        const image = photoInAddress();
        if (image) this.acts.open(image);
    }

    /** @param {string} image is looked at now: turning to another makes no step of the way back */
    show(image) {
        if (this.#isLeaving) this.#next = image;
        else if (!photoInAddress()) history.pushState({ over: PHOTO }, "", photoMark(image));
        else history.replaceState(history.state, "", photoMark(image));
    }

    /** No photo is looked at. */
    hide() {
        this.#next = null;
        if (this.#isLeaving || !photoInAddress()) return;
        if (history.state?.over !== PHOTO) {
            history.replaceState(null, "", location.pathname + location.search);
            return;
        }
        this.#isLeaving = true;
        history.back();
    }

    #follow() {
        const next = this.#next;
        this.#isLeaving = false;
        this.#next = null;
        const image = photoInAddress();
        if (next) this.show(next);
        else if (image) this.acts.open(image);
        else this.acts.close();
    }
}

/** @param {() => void} open called in place of going to the page of the settings, Forward too */
export function onSettings(open) {
    addEventListener("popstate", () => isUnderSettings() && open());
    document.addEventListener("click", (event) => {
        const link = /** @type {Element} */ (event.target).closest(`a[href="${SETTINGS_PAGE}"]`);
        const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
        if (!link || !isPlain || event.button !== 0) return;
        event.preventDefault();
        open();
    });
}

addEventListener("popstate", () => {
    if (later === null || isUnderSettings()) return;
    history.replaceState(null, "", later);
    later = null;
});
