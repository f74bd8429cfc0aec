// @ts-check
/** The picture: a row a lane with its name, its counters and its timeline, over one axis of time. */

import { t, words } from "../base/i18n.js";
import { signOf } from "./drawing.js";
import { drawAxis, drawLane } from "./timeline.js";
import { delay, nameOf, second } from "./words.js";

/** @typedef {import("./figures.js").Figures} Figures */
/** @typedef {import("./timeline.js").LaneView} LaneView */

export class LanesView {
    #list = /** @type {HTMLElement} */ (document.getElementById("lanes"));
    #axis = /** @type {HTMLCanvasElement} */ (document.getElementById("axis"));
    #template = /** @type {HTMLTemplateElement} */ (document.getElementById("lane-template"));

    /** @param {readonly string[]} ids */
    begin(ids) {
        this.#list.replaceChildren(
            ...ids.map((id) => {
                const row = /** @type {DocumentFragment} */ (
                    this.#template.content.cloneNode(true)
                );
                const lane = /** @type {HTMLElement} */ (row.firstElementChild);
                lane.dataset.lane = id;
                find(lane, ".sign").textContent = signOf(id);
                find(lane, ".way").textContent = nameOf(id);
                find(lane, "canvas").setAttribute("aria-label", nameOf(id));
                words.translate(lane);
                return lane;
            }),
        );
    }

    /**
     * @param {readonly LaneView[]} lanes @param {readonly Figures[]} figures
     * @param {import("./timeline.js").Span} span @param {number} certainFrom
     */
    show(lanes, figures, span, certainFrom) {
        for (const [index, row] of [...this.#list.children].entries()) {
            const lane = /** @type {HTMLElement} */ (row);
            this.#write(lane, figures[index], certainFrom);
            const canvas = /** @type {HTMLCanvasElement} */ (lane.querySelector("canvas"));
            drawLane(canvas, lanes[index], span);
        }
        drawAxis(this.#axis, span, { second, mark: nameOfBand });
    }

    /** @param {HTMLElement} lane @param {Figures} figures @param {number} certainFrom */
    #write(lane, { id, events, lost, repeated, reconnects, p50, p99 }, certainFrom) {
        const way = nameOf(id);
        find(lane, ".median strong").textContent = delay(p50, certainFrom);
        find(lane, ".counters").textContent = t("lab.counters", {
            events,
            lost,
            repeated,
            reconnects,
        });
        const told = { way, events, p50: delay(p50, certainFrom), p99: delay(p99, certainFrom) };
        find(lane, "canvas").setAttribute("aria-label", t("lab.strip.label", told));
    }
}

/** @param {import("./timeline.js").Band} band @param {boolean} isShort */
function nameOfBand({ kind, number }, isShort) {
    if (number === undefined) return t(`lab.mark.${kind}`);
    return isShort ? String(number) : `${number}. ${t(`lab.fault.${kind}`)}`;
}

/** @param {Element} root @param {string} selector @returns {HTMLElement} */
const find = (root, selector) => /** @type {HTMLElement} */ (root.querySelector(selector));
