// @ts-check
/** The route report on the page: a button, a verdict in plain words, and a text to copy. */

import { copyButton } from "../ui/copy-text.js";
import { t } from "../base/i18n.js";
import { explainError } from "../base/problems.js";
import { examine, LONGEST_SILENCE } from "./route.js";
import { second, size, time } from "./words.js";

/** @typedef {import("./route.js").Report} Report */
/** @typedef {import("./route.js").Stream} Stream */

/** @param {string} id @returns {any} */
const byID = (id) => document.getElementById(id);

export class RouteView {
    /** @type {AbortController | null} */ #running = null;
    /** @type {Report | null} */ #report = null;

    /** @param {(isBusy: boolean) => void} onBusy nothing else is measured meanwhile */
    constructor(onBusy) {
        this.onBusy = onBusy;
        byID("examine").addEventListener("click", () => void this.#examine());
        byID("enough").addEventListener("click", () => this.#running?.abort());
        copyButton(byID("copy-report"), byID("report"), {
            copy: () => t("lab.route.copy"),
            copied: () => t("lab.route.copied"),
            byHand: () => t("lab.route.by-hand"),
        });
    }

    async #examine() {
        if (this.#running) return;
        this.#running = new AbortController();
        this.#setBusy(true);
        try {
            this.#report = await examine(this.#running.signal, (step, seconds = 0) => {
                const values = { seconds, longest: LONGEST_SILENCE };
                byID("route-state").textContent = t(`lab.route.step.${step}`, values);
            });
            byID("route-state").textContent = "";
            this.show();
        } catch (error) {
            byID("route-state").textContent = explainError(error);
        } finally {
            this.#running = null;
            this.#setBusy(false);
        }
    }

    /** Also when the words have changed their language. */
    show() {
        if (!this.#report) return;
        const lines = linesOf(this.#report);
        byID("route-verdict").textContent = t(`lab.route.verdict.${verdictOf(this.#report)}`);
        byID("route-lines").replaceChildren(
            ...lines.map((line) => {
                const item = document.createElement("li");
                item.textContent = line;
                return item;
            }),
        );
        const { at, browser } = this.#report;
        const head = [`Revela, ${location.origin}, ${at}`, browser];
        byID("report").value = [...head, ...lines.map((line) => `- ${line}`)].join("\n");
        byID("route-result").hidden = false;
    }

    /** @param {boolean} isBusy */
    #setBusy(isBusy) {
        byID("examine").hidden = isBusy;
        byID("enough").hidden = !isBusy;
        byID(isBusy ? "enough" : "examine").focus();
        this.onBusy(isBusy);
    }
}

/**
 * What will do here.
 * @param {Report} report
 * @returns {"all" | "websocket" | "sse" | "polling" | "foreign"}
 */
export function verdictOf({ passed, silence }) {
    if (!passed) return "foreign";
    const lasts = (/** @type {Stream} */ { verdict, heartbeatMs }) =>
        verdict === "passes" && !isTooQuiet(silence, heartbeatMs);
    if (lasts(passed.sse)) return lasts(passed.websocket) ? "all" : "sse";
    return lasts(passed.websocket) ? "websocket" : "polling";
}

/**
 * Whether streams are cut between two heartbeats.
 * @param {Report["silence"]} silence @param {number | null} heartbeatMs
 */
const isTooQuiet = (silence, heartbeatMs) =>
    silence?.isCut === true && silence.seconds * 1_000 < (heartbeatMs ?? 0);

/** @param {Report} report @returns {string[]} */
function linesOf({ protocol, compressed, passed, silence }) {
    const heartbeatMs = passed?.sse.heartbeatMs ?? passed?.websocket.heartbeatMs ?? null;
    return [
        protocol === "http/1.1" || protocol === "http/1.0"
            ? t("lab.route.protocol.http1")
            : t("lab.route.protocol.newer", { protocol: protocol || "HTTP" }),
        ...(passed ? passedLines(passed) : [t("lab.route.foreign")]),
        silenceLine(silence, heartbeatMs),
        t(compressed ? "lab.route.compressed" : "lab.route.uncompressed"),
    ];
}

/** @param {import("./route.js").Passed} passed */
const passedLines = ({ sse, websocket, body }) => [
    t(`lab.route.sse.${sse.verdict}`, { time: time(sse.ms ?? 0) }),
    t(`lab.route.websocket.${websocket.verdict}`, { time: time(websocket.ms ?? 0) }),
    bodyLine(body),
];

/** @param {import("./route.js").Body} body */
function bodyLine({ bytes, isLimit, status }) {
    const [passed, next] = [size(bytes), size(2 * bytes)];
    if (!isLimit) return t("lab.route.body.open", { passed });
    const answer = status ? String(status) : t("lab.route.body.silent");
    if (bytes === 0) return t("lab.route.body.none", { answer });
    return t("lab.route.body.limit", { passed, next, answer });
}

/** @param {Report["silence"]} silence @param {number | null} heartbeatMs */
function silenceLine(silence, heartbeatMs) {
    if (!silence) return t("lab.route.silence.skipped");
    const lasted = second(Math.round(silence.seconds));
    if (!silence.isCut) {
        const isWhole = silence.seconds >= LONGEST_SILENCE - 1;
        return t(isWhole ? "lab.route.silence.whole" : "lab.route.silence.stopped", { lasted });
    }
    if (heartbeatMs === null) return t("lab.route.silence.cut", { lasted });
    const heartbeat = second(heartbeatMs / 1_000);
    const key = isTooQuiet(silence, heartbeatMs) ? "short" : "outlived";
    return t(`lab.route.silence.${key}`, { lasted, heartbeat });
}
