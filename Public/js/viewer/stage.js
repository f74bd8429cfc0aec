// @ts-check
/**
 * Where a photo is looked at: it fits the picture, zooms and moves it by wheel, clicks, fingers and keys, and
 * lays the original beside the version. What all of these come to is `zoom.js`.
 */

import { atRest, Beside } from "./beside.js";
import { Divider } from "./divider.js";
import { followGestures, Gestures, pointOn } from "./gestures.js";
import { Sheet } from "./sheet.js";
import * as zoom from "./zoom.js";

/** @typedef {import("./sheet.js").Photo} Photo */
/** @typedef {"in" | "out" | "fit" | "one"} ZoomStep */

/** What an arrow key moves a larger picture by, in pixels. */
const KEY_STEP = 80;
/** A finger that pulls where nothing comes moves the picture so much less. */
const RELUCTANT = 0.3;
const MIDDLE = { x: 0, y: 0 };

export class Stage {
    /** @type {Sheet | null} */ #sheet = null;
    /** @type {string} */ #key = "";
    /** @type {zoom.View} */ #view = zoom.FITTED;
    /** @type {zoom.Frame | null} */ #frame = null;
    #compares = false;

    /**
     * @param {HTMLElement} element
     * @param {object} parts
     * @param {(step: -1 | 1) => boolean} parts.canTurn
     * @param {(step: -1 | 1) => void} parts.turn
     * @param {(step: -1 | 1) => import("./beside.js").Neighbour | null} parts.neighbourOf what it would turn to
     * @param {() => void} parts.close
     * @param {(stage: Stage) => void} parts.onChange how large it is drawn, or what of it is there
     */
    constructor(element, parts) {
        this.element = element;
        this.parts = parts;
        this.beside = new Beside(element, parts.neighbourOf);
        const bar = /** @type {HTMLElement} */ (element.querySelector("[role=slider]"));
        this.divider = new Divider(
            bar,
            (event) =>
                this.#frame ? zoom.partAt(pointOn(element, event).x, this.#view, this.#frame) : 0,
            () => this.#draw(),
        );
        followGestures(element, new Gestures(() => this.isLarger), (act) => this.#act(act));
        element.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
        let kind = "";
        element.addEventListener("pointerdown", ({ pointerType }) => {
            kind = pointerType;
        });
        element.addEventListener("dblclick", (event) => {
            const isControl = /** @type {Element} */ (event.target).closest(
                "button, [role=slider]",
            );
            // Two taps of a finger are one of the gestures, whether the browser tells of them here or not.
            if (!isControl && kind === "mouse") this.#toggle(pointOn(element, event));
        });
        new ResizeObserver(() => this.#measure()).observe(element);
    }

    /** Whether there is more of the picture than is seen. */
    get isLarger() {
        return this.#frame !== null && zoom.isLarger(this.#view, this.#frame);
    }

    /** How large a pixel of the version is on the screen, 1 for one to one; null where nothing is drawn. */
    get pixelScale() {
        return this.#frame && zoom.pixelScale(this.#view, this.#frame);
    }

    get isSharp() {
        return this.#sheet?.isSharp ?? false;
    }

    /** @returns {"off" | "loading" | "on"} */
    get comparing() {
        if (!this.#compares) return "off";
        return this.#sheet?.hasUnder ? "on" : "loading";
    }

    /**
     * @param {string} key of the photo: the same one keeps its place
     * @param {Photo} photo @param {number} [from] the side it comes from: -1 the left, 1 the right
     */
    show(key, photo, from = 0) {
        const isSame = key === this.#key;
        this.#key = key;
        if (!isSame) this.#view = zoom.FITTED;
        if (!isSame || !this.#sheet?.take(photo)) this.#begin(photo, from);
        this.#measure();
    }

    /** @param {boolean} isOn whether the original lies beside the version */
    compare(isOn) {
        this.#compares = isOn;
        if (isOn) this.divider.part = 0.5;
        this.#draw();
    }

    /** @param {ZoomStep} step */
    zoom(step) {
        if (!this.#frame) return;
        const { scale } = this.#view;
        const scales = {
            in: scale * zoom.STEP,
            out: scale / zoom.STEP,
            fit: 1,
            one: this.#frame.oneToOne,
        };
        const view =
            step === "fit"
                ? zoom.FITTED
                : zoom.zoomTo(this.#view, scales[step], MIDDLE, this.#frame);
        this.#smoothly(view);
    }

    /**
     * @param {string} key an arrow's
     * @returns {boolean} whether there was more of the picture to move to
     */
    moveBy(key) {
        if (!this.#frame || !this.isLarger) return false;
        const steps = {
            ArrowLeft: [1, 0],
            ArrowRight: [-1, 0],
            ArrowUp: [0, 1],
            ArrowDown: [0, -1],
        };
        const [x, y] = steps[/** @type {keyof typeof steps} */ (key)];
        const view = zoom.pan(this.#view, { x: x * KEY_STEP, y: y * KEY_STEP }, this.#frame);
        const hasMoved = view.x !== this.#view.x || view.y !== this.#view.y;
        if (hasMoved) this.#smoothly(view);
        return hasMoved;
    }

    /** @param {Photo} photo @param {number} from */
    #begin(photo, from) {
        const former = this.#sheet;
        const known = this.beside.take(this.#key);
        if (known?.take(photo)) {
            known.onChange = () => this.#measure();
            this.#sheet = known;
            if (former) void this.#slideOut(former, -from);
            return;
        }
        known?.end();
        former?.end();
        this.#sheet = new Sheet(this.element, photo, () => this.#measure());
        if (from !== 0) this.#sheet.element.dataset.from = String(from);
    }

    /** @param {Sheet} former @param {number} side on which it leaves */
    async #slideOut(former, side) {
        former.element.dataset.side = String(side);
        // It lies where the finger has pulled it, and moves only once that is drawn.
        await new Promise((resolve) => requestAnimationFrame(resolve));
        await atRest(former.element);
        former.end();
    }

    #measure() {
        const { clientWidth: width, clientHeight: height } = this.element;
        this.beside.lay();
        const { whole, photo } = this.#sheet ?? {};
        if (!whole || !photo || width === 0 || height === 0) this.#frame = null;
        else {
            const pixels = photo.chosen?.width ?? whole.width;
            this.#frame = zoom.frameOf(whole, pixels, { width, height }, devicePixelRatio);
            const isFitted = this.#view.scale === 1;
            this.#view = isFitted ? zoom.FITTED : zoom.settle(this.#view, this.#frame);
        }
        this.#draw();
    }

    /** @param {zoom.View} view a step, which the style may show as a short way */
    #smoothly(view) {
        this.element.toggleAttribute("data-smooth", true);
        this.#view = view;
        this.#draw();
    }

    /** @param {zoom.View} view */
    #at(view) {
        this.element.toggleAttribute("data-smooth", false);
        this.#view = view;
        this.#draw();
    }

    #draw() {
        const sheet = this.#sheet;
        if (sheet && this.#frame) {
            const { fitted } = this.#frame;
            const { scale, x, y } = this.#view;
            const { style } = sheet.element;
            style.width = `${fitted.width}px`;
            style.height = `${fitted.height}px`;
            style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
            sheet.part = this.#compares ? this.divider.part : null;
            this.divider.place(zoom.acrossOf(this.divider.part, this.#view, this.#frame));
        }
        if (sheet) sheet.element.hidden = !this.#frame;
        this.element.toggleAttribute("data-larger", this.isLarger);
        this.element.dataset.comparing = this.comparing;
        this.parts.onChange(this);
    }

    /** @param {import("./gestures.js").Act} act */
    #act(act) {
        const frame = this.#frame;
        if (act.does === "turn") return this.#turn(act.step);
        if (act.does === "close") return this.parts.close();
        if (act.does === "drag") return this.#pull(act.by);
        if (act.does === "drop") return this.#pull(null);
        if (!frame) return;
        if (act.does === "pan") return this.#at(zoom.pan(this.#view, act.by, frame));
        if (act.does === "double-tap") return this.#toggle(act.at);
        const moved = zoom.zoomTo(this.#view, this.#view.scale * act.factor, act.at, frame);
        this.#at(zoom.pan(moved, act.by, frame));
    }

    /** @param {-1 | 1} step */
    #turn(step) {
        if (!this.parts.canTurn(step)) return this.#pull(null);
        const { style } = this.element;
        const pulled = Number.parseFloat(style.getPropertyValue("--pull-x")) || 0;
        const former = this.#sheet;
        this.parts.turn(step);
        const isSlid = former?.element.hasAttribute("data-side");
        if (isSlid) {
            // Where both lie now, seen from the one that has come.
            style.setProperty("--pull-x", `${pulled + step * this.beside.distance}px`);
            void this.element.offsetWidth;
        }
        this.#pull(null);
    }

    /**
     * The picture follows the finger that may turn it.
     * @param {{x: number, y: number} | null} by
     */
    #pull(by) {
        const { style } = this.element;
        if (!by) {
            style.removeProperty("--pull-x");
            style.removeProperty("--pull-y");
            return void this.beside.leave();
        }
        const step = by.x < 0 ? 1 : -1;
        if (by.x !== 0) this.beside.show(step);
        const x = by.x * (this.parts.canTurn(step) ? 1 : RELUCTANT);
        style.setProperty("--pull-x", `${x}px`);
        style.setProperty("--pull-y", `${by.y}px`);
    }

    /** @param {{x: number, y: number}} at */
    #toggle(at) {
        if (this.#frame) this.#smoothly(zoom.toggle(this.#view, at, this.#frame));
    }

    /** @param {WheelEvent} event */
    #wheel(event) {
        if (!this.#frame) return;
        event.preventDefault();
        const scale = this.#view.scale * zoom.wheelFactor(event);
        this.#at(zoom.zoomTo(this.#view, scale, pointOn(this.element, event), this.#frame));
    }
}
