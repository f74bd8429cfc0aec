// @ts-check
/** “Try it” on a card of the settings: one trial at a time, its result in a sentence. */

import { t, words } from "../base/i18n.js";

/** @type {AbortController | null} */
let running = null;

/**
 * @param {HTMLElement} place with a button and a paragraph
 * @param {import("./settings-store.js").Choice} choice
 * @param {() => number} intervalMs
 */
export function tryButton(place, choice, intervalMs) {
    const button = /** @type {HTMLButtonElement} */ (place.querySelector("button"));
    const result = /** @type {HTMLElement} */ (place.querySelector(".tried"));
    button.addEventListener("click", async () => {
        if (running) return;
        running = new AbortController();
        button.setAttribute("aria-disabled", "true");
        result.textContent = t("try.running");
        try {
            const { tryOut } = await import("./transport-trial.js");
            const measured = await tryOut(choice, intervalMs(), running.signal);
            result.dataset.works = String(measured.works);
            result.textContent = inWords(choice, measured);
        } catch {
            result.dataset.works = "false";
            result.textContent = t("problem.unreachable");
        } finally {
            running = null;
            button.removeAttribute("aria-disabled");
        }
    });
}

/** @param {string} choice @param {import("./transport-trial.js").Result} measured */
function inWords(choice, measured) {
    const { works, transport, firstMs, delayMs, requestsPerMinute, bytesPerMinute } = measured;
    if (!works || firstMs === null) {
        return t("try.silent", { time: words.duration(measured.seconds) });
    }
    const milliseconds = (/** @type {number} */ value) =>
        t("unit.milliseconds", { n: words.number(value) });
    const bytes = words.bytes(bytesPerMinute);
    return [
        choice === "auto" ? t("try.took", { name: t(`transport.${transport}`) }) : "",
        t("try.first", { time: milliseconds(firstMs) }),
        delayMs === null
            ? t("try.no-news", { time: words.duration(measured.seconds) })
            : t("try.delay", { time: milliseconds(delayMs) }),
        requestsPerMinute === null
            ? t("try.cost.stream", { bytes })
            : t("try.cost", { count: Math.round(requestsPerMinute), bytes }),
    ]
        .filter(Boolean)
        .join(" ");
}
