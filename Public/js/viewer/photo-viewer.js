// @ts-check
/**
 * One photo, large. It opens at once with what the page has; what the server tells more of it comes in
 * later. Its parts: the stage, where it is zoomed and compared, and the panel with all that is known of it.
 */

import { originalURL } from "../base/addresses.js";
import { find, put } from "../base/dom.js";
import { t } from "../base/i18n.js";
import { sleep } from "../base/sleep.js";
import { drawableRenditionsOf, isDrawable, renditionsOf } from "../model/photo-facts.js";
import { viewOf } from "../model/photo-state.js";
import { splitPath } from "../model/photos.js";
import { stageLine } from "../ui/card-words.js";
import { Controls } from "./controls.js";
import { DetailsPanel, whyNot } from "./details-panel.js";
import { Neighbours } from "./neighbours.js";
import { Stage } from "./stage.js";

/** @typedef {import("../model/photos.js").Entry} Entry */
/** @typedef {import("../model/types.js").Image} Image */
/** @typedef {{image: Image, via: "websocket" | "http"}} Told */
/** @typedef {{previous?: Entry, next?: Entry, number: number, count: number}} Place */
/**
 * @typedef {object} Parts
 * @property {(entry: Entry) => Promise<Told>} ask the server what it knows
 * @property {(entry: Entry) => Place} placeOf
 * @property {(entry: Entry) => string} idOf its image's
 * @property {() => boolean} isOwner
 * @property {() => string} batch
 * @property {() => import("../model/types.js").BatchDocument["recipe"]} recipe
 * @property {import("../settings/settings-store.js").SettingsStore} settings
 * @property {import("../pages/page-address.js").PhotoAddress} address
 * @property {(error: unknown) => void} onTrouble
 */

const REST_MS = 100;
/** Where the panel lies beside the picture. */
const WIDE = "(min-width: 60rem)";

/** @param {Image | undefined} image @returns {string} what is worth asking again for */
const newsOf = (image) => `${image?.state} ${Object.keys(image?.renditions ?? {})}`;

export class PhotoViewer {
    /** @type {Entry | null} */ entry = null;
    /** The version that the reader has chosen; "" for the best. */
    #choice = "";
    /** @type {Image} */ #image = { id: "", position: 0, name: "", size: 0, state: "uploading" };
    #news = "";
    #asked = 0;
    #neighbours = new Neighbours();
    #hasFetched = false;
    /** @type {Place} where it stood when it was shown */ #place = { number: 0, count: 0 };

    /** @param {HTMLDialogElement} dialog @param {Parts} parts */
    constructor(dialog, parts) {
        this.dialog = dialog;
        this.parts = parts;
        const { isOwner, batch, recipe } = parts;
        const onChoose = (/** @type {string} */ name) => {
            this.#choice = name;
            this.#showPicture();
        };
        this.panel = new DetailsPanel(this.#find("#viewer-panel"), {
            isOwner,
            batch,
            recipe,
            onChoose,
        });
        this.stage = new Stage(this.#find(".viewer-picture"), {
            canTurn: (step) => Boolean(step < 0 ? this.#place.previous : this.#place.next),
            turn: (step) => this.#turn(step),
            neighbourOf: (step) => this.#beside(step),
            close: () => dialog.close(),
            onChange: () => this.#showStage(),
        });
        this.controls = new Controls(dialog, {
            stage: this.stage,
            turn: (step) => this.#turn(step),
            compare: () => this.#compare(),
            togglePanel: () => this.#togglePanel(),
        });
        dialog.addEventListener("close", () => this.#closed());
        parts.settings.follow(() => this.isOpen && this.#showPanel());
    }

    get isOpen() {
        return this.dialog.open;
    }

    /** @param {Entry} entry one that changed, perhaps while it is looked at */
    follow(entry) {
        if (!this.isOpen || entry !== this.entry) return;
        if (newsOf(entry.image) === this.#news) return this.#showWhy();
        this.#show(entry, 0);
    }

    /** @param {Entry} entry one that is no more: the next one is shown in its place */
    leave(entry) {
        if (!this.isOpen || entry !== this.entry) return;
        const { next, previous } = this.parts.placeOf(entry);
        const heir = next ?? previous;
        if (heir) this.open(heir);
        else this.dialog.close();
    }

    /** @param {string} sentence what went wrong */
    say(sentence) {
        this.panel.say(sentence);
    }

    /** @param {Entry} entry @param {number} [from] the side it comes from: -1 the left, 1 the right */
    open(entry, from = 0) {
        const isSame = this.isOpen && entry === this.entry;
        this.parts.address.show(this.parts.idOf(entry));
        if (!isSame) this.stage.compare(false);
        if (!this.isOpen) this.#begin();
        this.#show(entry, from);
    }

    #begin() {
        this.controls.name();
        this.#showPanel();
        this.dialog.showModal();
    }

    #closed() {
        // It is told of a moment later, and may be open again.
        if (this.isOpen) return;
        this.#asked += 1;
        this.#neighbours.fetch([]);
        this.parts.address.hide();
    }

    /** @param {Entry} entry @param {number} from */
    #show(entry, from) {
        this.entry = entry;
        this.#news = newsOf(entry.image);
        const { name = "", file } = entry;
        const id = this.parts.idOf(entry);
        this.#image = entry.image ?? {
            id,
            position: 0,
            name,
            size: file?.size ?? 0,
            state: "uploading",
        };
        this.say("");
        this.panel.sayVia("");
        this.#showPlace();
        this.#showPicture(from);
        void this.#ask(entry);
    }

    /** @param {Entry} entry */
    async #ask(entry) {
        this.#asked += 1;
        const asked = this.#asked;
        // What the page has is all there is without a network, and it says so itself.
        if (!navigator.onLine) return;
        // Who only turns past a photo does not ask for it.
        await sleep(REST_MS);
        if (asked !== this.#asked) return;
        try {
            const { image, via } = await this.parts.ask(entry);
            if (asked !== this.#asked || !image) return;
            this.#image = image;
            this.panel.sayVia(t(`details.via.${via}`));
            this.#showPicture();
        } catch (error) {
            if (asked === this.#asked) this.parts.onTrouble(error);
        }
    }

    #showPlace() {
        const place = this.parts.placeOf(/** @type {Entry} */ (this.entry));
        this.#place = place;
        const { name } = splitPath(this.#image.name ?? "");
        put(this.#find("h2"), name);
        this.#find("h2").title = this.#image.name ?? "";
        put(this.#find(".place"), t("details.place", { number: place.number, count: place.count }));
        for (const [step, page] of [
            ["-1", place.previous],
            ["1", place.next],
        ]) {
            this.#find(`[data-turn="${step}"]`).disabled = !page;
        }
    }

    /** @param {Image} image @returns {import("../model/photo-facts.js").Rendition | undefined} */
    #versionOf(image) {
        const chosen = renditionsOf(image).find(({ name }) => name === this.#choice);
        return chosen ?? drawableRenditionsOf(image).at(-1) ?? renditionsOf(image).at(-1);
    }

    /** @param {number} [from] */
    #showPicture(from = 0) {
        const { file } = /** @type {Entry} */ (this.entry);
        const image = this.#image;
        const version = this.#versionOf(image);
        this.#hasFetched = false;
        this.stage.show(image.id, this.#photoOf(image, file), from);
        this.panel.show(image, file, version?.name);
        this.#showWhy();
    }

    /** @param {Image} image @param {File} [file] @returns {import("./sheet.js").Photo} */
    #photoOf(image, file) {
        const version = this.#versionOf(image);
        return {
            ...image,
            file,
            drawable: drawableRenditionsOf(image),
            chosen: version && isDrawable(version.mediaType) ? version : undefined,
            original: file ?? originalURL(this.parts.batch(), image.id),
        };
    }

    /** @param {-1 | 1} step @returns {import("./beside.js").Neighbour | null} */
    #beside(step) {
        const { image, file } = this.#neighbour(step) ?? {};
        return image ? { key: image.id, photo: this.#photoOf(image, file) } : null;
    }

    /** Why there is no picture, or no more of it, in the place of one. */
    #showWhy() {
        const entry = /** @type {Entry} */ (this.entry);
        const version = this.#versionOf(this.#image);
        const isDrawn = version && isDrawable(version.mediaType);
        const view = viewOf({ ...entry, image: this.#image });
        this.#find(".blank").hidden = Boolean(isDrawn);
        put(this.#find(".blank strong"), version ? "" : stageLine(view));
        put(this.#find(".blank span"), version ? t("details.undrawable") : whyNot(view));
    }

    /** What the stage has come to. */
    #showStage() {
        this.controls.show(this.#canCompare);
        if (this.stage.isSharp && !this.#hasFetched) this.#fetchNeighbours();
    }

    get #canCompare() {
        const isHad = this.parts.isOwner() && isDrawable(this.#image.mediaType);
        return isHad && this.stage.pixelScale !== null && Boolean(this.#versionOf(this.#image));
    }

    #fetchNeighbours() {
        if (!this.isOpen) return;
        this.#hasFetched = true;
        const near = [this.#neighbour(1), this.#neighbour(-1)];
        const versions = near.map((entry) => entry?.image && this.#versionOf(entry.image));
        const drawn = versions.filter((one) => one && isDrawable(one.mediaType));
        this.#neighbours.fetch(drawn.map((one) => one?.url ?? ""));
    }

    #showPanel() {
        const { details } = this.parts.settings.current;
        const isShown = details === "auto" ? matchMedia(WIDE).matches : details === "shown";
        this.dialog.toggleAttribute("data-details", isShown);
        this.#find("[data-tool=details]").setAttribute("aria-expanded", String(isShown));
        if (isShown) this.panel.wake();
    }

    #togglePanel() {
        const isShown = this.dialog.hasAttribute("data-details");
        this.parts.settings.save({ details: isShown ? "hidden" : "shown" });
    }

    #compare() {
        if (this.#canCompare) this.stage.compare(this.stage.comparing === "off");
    }

    /** @param {number} step */
    #neighbour(step) {
        if (!this.entry) return undefined;
        const { previous, next } = this.parts.placeOf(this.entry);
        return step < 0 ? previous : next;
    }

    /** @param {-1 | 1} step */
    #turn(step) {
        const page = this.#neighbour(step);
        if (page) this.open(page, step);
    }

    /** @param {string} selector @returns {any} */
    #find(selector) {
        return find(this.dialog, selector, HTMLElement);
    }
}
