// @ts-check
/** The opened bar: what goes over the wire, drawn as it goes, and what it comes to in a minute. */

import { drawTraffic, CHART_HEIGHT } from "./traffic-chart.js";
import { find, put, stamp } from "../base/dom.js";
import { secondsOf, t, words } from "../base/i18n.js";
import { loadStyle } from "../base/style.js";
import { nameOf, secondsUp } from "./transport-bar.js";

/** @typedef {import("./transport-bar.js").Status} Status */
/** @typedef {import("../feed/traffic.js").Traffic} Traffic */

/** The chart is drawn so often, where motion is welcome, and the sums so often. */
const FRAME_MS = 40;
const STEP_MS = 1_000;
const SUMS_MS = 500;
const BESIDE = ["polling", "sse", "websocket"];
const isStill = matchMedia("(prefers-reduced-motion: reduce)");

/** @param {HTMLElement} place @param {() => void} join gives up the tab's own choice */
export async function openTraffic(place, join) {
    await loadStyle("traffic-panel");
    return new TrafficPanel(place, join);
}

export class TrafficPanel {
    /** @type {() => Traffic | null} */ traffic = () => null;
    /** @type {Status | null} */ #status = null;
    #frame = 0;
    #drawnAt = 0;
    #summedAt = 0;

    /** @param {HTMLElement} place @param {() => void} join gives up the tab's own choice */
    constructor(place, join) {
        this.place = place;
        place.replaceChildren(stamp("traffic-panel-template"));
        place.hidden = false;
        words.translate(place);
        this.canvas = find(place, "canvas", HTMLCanvasElement);
        this.brush = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
        this.#find(".alone button").addEventListener("click", join);
        const run = (/** @type {number} */ now) => {
            this.#frame = requestAnimationFrame(run);
            if (now - this.#drawnAt < (isStill.matches ? STEP_MS : FRAME_MS)) return;
            this.#drawnAt = now;
            this.#draw(now);
        };
        this.#frame = requestAnimationFrame(run);
    }

    close() {
        cancelAnimationFrame(this.#frame);
        this.place.hidden = true;
        this.place.replaceChildren();
    }

    /** @param {Status} status */
    show(status) {
        this.#status = status;
        const { choice, state, reason, transport, isOwn } = status;
        this.#find(".blank").hidden = state !== "idle";
        const why = [reason ? t(`reason.${reason}`) : "", t(`transport.${choice}.text`)];
        this.#put(".why", why.filter(Boolean).join(" "));
        this.#put(".state", transport ? `${nameOf(transport)}, ${t(`feed.${state}`)}` : "–");
        this.#find(".alone").hidden = !isOwn;
        this.#showBeside(status);
    }

    /** @param {Status} status the same batch in another tab, by another transport */
    #showBeside({ choice, state }) {
        this.#find(".beside").hidden = state === "idle";
        for (const [index, link] of [...this.place.querySelectorAll(".beside a")].entries()) {
            const { pathname } = location;
            const way = BESIDE[index];
            /** @type {HTMLAnchorElement} */ (link).href = `${pathname}?transport=${way}`;
            /** @type {HTMLElement} */ (link).hidden = way === choice;
        }
    }

    /** @param {string} selector */
    #find(selector) {
        return find(this.place, selector, HTMLElement);
    }

    /** @param {string} selector @param {string} text */
    #put(selector, text) {
        put(this.#find(selector), text);
    }

    /** @param {number} now */
    #draw(now) {
        const traffic = this.traffic();
        const { clientWidth: width } = this.canvas;
        const scale = devicePixelRatio;
        const [wide, high] = [Math.round(width * scale), Math.round(CHART_HEIGHT * scale)];
        if (this.canvas.width !== wide || this.canvas.height !== high) {
            Object.assign(this.canvas, { width: wide, height: high });
        }
        const { brush } = this;
        brush.setTransform(scale, 0, 0, scale, 0, 0);
        const colours = this.#colours();
        const glows = !isStill.matches;
        const drawing = { brush, width, height: CHART_HEIGHT, now, colours, glows };
        this.canvas.dataset.drawn = String(drawTraffic(drawing, traffic));
        this.#drawRing(now, traffic);
        if (now - this.#summedAt < SUMS_MS) return;
        this.#summedAt = now;
        this.#sum(traffic);
    }

    /** As the style sheet has them, for each theme and for forced colours. */
    #colours() {
        const of = (/** @type {string} */ selector) => getComputedStyle(this.#find(selector)).color;
        const [live, none, frame] = [of(".key.live"), of(".key.none"), of(".chart")];
        const hole = getComputedStyle(this.canvas).color;
        return {
            news: of(".key.news"),
            live,
            none,
            said: live,
            open: of(".key.open"),
            hole,
            frame,
        };
    }

    /** @param {number} now @param {Traffic | null} traffic */
    #drawRing(now, traffic) {
        const { left, figure, label } = gaugeOf(this.#status, traffic, now);
        find(this.place, ".ring-left", SVGElement).style.strokeDashoffset = String(
            100 * (1 - left),
        );
        this.#put(".countdown strong", figure);
        this.#put(".countdown span", label);
    }

    /** @param {Traffic | null} traffic */
    #sum(traffic) {
        const sums = traffic?.sums();
        if (!sums) return;
        const { delayMs, messages, requests, open, bytes } = sums;
        const delay = delayMs === null ? "–" : inTime(delayMs);
        this.#put(".delay", delay);
        this.#put(".messages", words.number(messages));
        this.#put(".requests", t("updates.requests", { requests, open }));
        this.#put(".bytes", words.bytes(bytes));
    }
}

/** @param {number} ms */
function inTime(ms) {
    if (ms < 1_000) return t("unit.milliseconds", { n: Math.round(ms) });
    return t("unit.seconds", { n: words.number(ms / 1_000, 1) });
}

/**
 * The ring: how much of a pause is left, or for how long something is open already.
 * @param {Status | null} status @param {Traffic | null} traffic @param {number} now
 * @returns {{left: number, figure: string, label: string}} left 0…1
 */
function gaugeOf(status, traffic, now) {
    const pause = traffic?.pause;
    if (status?.state === "live" && pause && pause.to > now) {
        const left = (pause.to - now) / (pause.to - pause.from);
        return { left, figure: secondsUp(pause.to - now), label: t("updates.next-poll") };
    }
    if (status?.state === "reconnecting" && status.nextMs !== null) {
        const left = status.nextMs / status.pauseMs;
        return { left, figure: secondsUp(status.nextMs), label: t("updates.next-try") };
    }
    const open = traffic?.spans.filter(({ to }) => to === null).at(-1);
    if (!open) return { left: 0, figure: "–", label: "" };
    const isHeld = open.transport === "long";
    const label = t(isHeld ? "updates.held" : "updates.is-open");
    return { left: 1, figure: secondsOf(now - open.from), label };
}
