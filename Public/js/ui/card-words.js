// @ts-check
/** What a card says in words and numbers. It never says more than is known. */

import { find, put, stamp } from "../base/dom.js";
import { secondsOf, t, words } from "../base/i18n.js";
import { renditionsOf } from "../model/photo-facts.js";

/** @typedef {import("../model/photo-state.js").View} View */

/** @param {View} view */
export function uploadFigure({ received, sent }) {
    if (received >= 1) return t("card.received");
    return sent > 0 ? t("card.sent", { percent: words.percent(sent) }) : t("card.unsent");
}

/** @param {View} view */
export function stageLine({ stage, stageValues, ageMs }) {
    const words = t(stage, stageValues);
    return ageMs > 0 ? t("stage.as-of", { stage: words, time: secondsOf(ageMs) }) : words;
}

/** @param {View} view @param {number | undefined} expectedMs learned from the server's own past */
export function processingFigure({ state, processing, measured, ageMs }, expectedMs) {
    if (state !== "processing") return t(ageMs > 0 ? "card.unheard" : "card.unprocessed");
    if (!measured && expectedMs) {
        const time = words.duration(Math.max(1, expectedMs / 1_000), "short");
        return t("card.usually", { time });
    }
    return t("card.processed", { percent: words.percent(processing) });
}

/** @typedef {import("../model/types.js").Image} Image */

/**
 * @param {number} bytes @param {Image | undefined} image
 * @param {import("../model/photo-pace.js").Told | null} pace while it is sent
 */
export function factsLine(bytes, image, pace) {
    const pixels = image?.width ? `${image.width} × ${image.height}` : "";
    const speed = pace
        ? t("batch.speed", { size: words.bytes(Math.round(pace.bytesPerSecond)) })
        : "";
    const time = pace ? words.left("card.left", pace.secondsLeft, "short") : "";
    return [words.bytes(bytes), pixels, speed, time].filter(Boolean).join(" · ");
}

/** @param {Image | undefined} image @returns {DocumentFragment[]} a link to each rendition, the smallest first */
export function renditionItems(image) {
    return renditionsOf(image ?? {}).map(renditionItem);
}

/** @param {import("../model/photo-facts.js").Rendition} rendition */
function renditionItem({ name, url, width, height, bytes }) {
    const item = stamp("rendition-template");
    const link = find(item, "a", HTMLAnchorElement);
    link.href = url;
    link.dataset.rendition = name;
    const copy = find(item, ".copy-link", HTMLButtonElement);
    copy.dataset.rendition = name;
    copy.setAttribute("aria-label", t("card.copy", { name }));
    copy.title = t("card.copy", { name });
    const size = words.bytes(bytes);
    link.setAttribute("aria-label", t("card.rendition", { name, width, height, size }));
    put(find(item, ".pixels", HTMLElement), `${width} × ${height}`);
    put(find(item, ".bytes", HTMLElement), size);
    return item;
}
