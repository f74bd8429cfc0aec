// @ts-check
/** The viewer's buttons and keys: what each of them asks for. */

import { put } from "../base/dom.js";
import { t, words } from "../base/i18n.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {{stage: Stage, turn(step: -1 | 1): void, compare(): void, togglePanel(): void}} Viewer */

export class Controls {
    /** @param {HTMLDialogElement} dialog @param {Viewer} viewer */
    constructor(dialog, viewer) {
        this.dialog = dialog;
        this.viewer = viewer;
        const { stage } = viewer;
        /** @type {Record<string, () => void>} by what the button says that it does */
        const acts = {
            "-1": () => viewer.turn(-1),
            1: () => viewer.turn(1),
            in: () => stage.zoom("in"),
            out: () => stage.zoom("out"),
            fit: () => stage.zoom("fit"),
            one: () => stage.zoom("one"),
            details: () => viewer.togglePanel(),
            compare: () => viewer.compare(),
        };
        for (const button of dialog.querySelectorAll("button")) {
            const { turn, zoom, tool } = button.dataset;
            const act = acts[turn ?? zoom ?? tool ?? ""];
            if (act) button.addEventListener("click", act);
        }
        dialog.addEventListener("keydown", (event) => this.#key(event));
    }

    /** Those that only have a picture say in words what they do, to who points at them. */
    name() {
        for (const tool of this.#all(".tool[data-i18n-label]"))
            tool.title = tool.getAttribute("aria-label") ?? "";
    }

    /**
     * How large it is drawn, and whether it is compared.
     * @param {boolean} canCompare
     */
    show(canCompare) {
        const { pixelScale, comparing } = this.viewer.stage;
        const level = pixelScale === null ? "–" : `${words.number(100 * pixelScale)}%`;
        for (const button of this.#all("[data-zoom]")) {
            /** @type {HTMLButtonElement} */ (button).disabled = pixelScale === null;
            if (button.dataset.zoom !== "one") continue;
            put(button, level);
            button.title = t("details.zoom.actual");
            button.setAttribute("aria-label", `${level}. ${button.title}`);
        }
        for (const button of this.#all("[data-tool=compare]")) {
            button.hidden = !canCompare;
            button.setAttribute("aria-pressed", String(comparing !== "off"));
        }
        const sides = comparing === "on" ? "details.compare.on" : "details.compare.loading";
        for (const status of this.#all(".comparing"))
            put(status, comparing === "off" ? "" : t(sides));
        for (const divider of this.#all("[role=slider]")) divider.hidden = comparing !== "on";
    }

    /** @param {string} selector @returns {NodeListOf<HTMLElement>} */
    #all(selector) {
        return this.dialog.querySelectorAll(selector);
    }

    /** @param {KeyboardEvent} event */
    #key(event) {
        const { key, target, ctrlKey, metaKey, altKey } = event;
        // A field keeps its keys, and the browser its own.
        if (ctrlKey || metaKey || altKey) return;
        if (/** @type {Element} */ (target).matches("textarea, input, select")) return;
        const act = this.#actOf(key, event.repeat);
        if (!act) return;
        event.preventDefault();
        act();
    }

    /** @param {string} key @param {boolean} isHeld @returns {(() => unknown) | undefined} */
    #actOf(key, isHeld) {
        const { stage, compare, togglePanel } = this.viewer;
        /** @type {Record<string, () => unknown>} */
        const acts = {
            "+": () => stage.zoom("in"),
            "=": () => stage.zoom("in"),
            "-": () => stage.zoom("out"),
            0: () => stage.zoom("fit"),
            1: () => stage.zoom("one"),
            c: compare,
            i: togglePanel,
            ArrowLeft: () => this.#arrow(key, -1, isHeld),
            ArrowRight: () => this.#arrow(key, 1, isHeld),
        };
        if (stage.isLarger) {
            acts.ArrowUp = () => stage.moveBy(key);
            acts.ArrowDown = () => stage.moveBy(key);
        }
        return acts[key.length === 1 ? key.toLowerCase() : key];
    }

    /**
     * To the edge of a picture that is larger, and from there to the next one: that takes another press.
     * @param {string} key @param {-1 | 1} step @param {boolean} isHeld
     */
    #arrow(key, step, isHeld) {
        const { stage, turn } = this.viewer;
        const wasLarger = stage.isLarger;
        if (stage.moveBy(key) || (wasLarger && isHeld)) return;
        turn(step);
    }
}
