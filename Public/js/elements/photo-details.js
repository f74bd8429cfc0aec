// @ts-check
/** What the server knows of one photo, in a panel, with how it was asked. */

import { t, words } from "../i18n.js";
import { pictureSnippet } from "../snippet.js";

/** @param {HTMLDialogElement} dialog @param {any} image @param {"websocket" | "http"} via */
export function showDetails(dialog, image, via) {
    const put = (/** @type {string} */ selector, /** @type {string} */ text) => {
        const element = dialog.querySelector(selector);
        if (element) element.textContent = text;
    };
    put("h2", image.name ?? "");
    put(".via", t(`details.via.${via}`));
    dialog.querySelector("dl")?.replaceChildren(...factsOf(image).flatMap(termAndValue));
    showLarge(/** @type {HTMLImageElement} */ (dialog.querySelector(".large")), image);
    const snippet = pictureSnippet(image, location.origin);
    const field = /** @type {HTMLTextAreaElement} */ (dialog.querySelector(".snippet textarea"));
    field.value = snippet;
    /** @type {HTMLElement} */ (dialog.querySelector(".snippet")).hidden = snippet === "";
    if (!dialog.open) dialog.showModal();
}

/** @param {HTMLImageElement} picture @param {any} image */
function showLarge(picture, image) {
    const { large, medium, thumb } = image.renditions ?? {};
    const best = large ?? medium ?? thumb;
    picture.hidden = !best;
    if (!best) return picture.removeAttribute("src");
    picture.width = best.width;
    picture.height = best.height;
    picture.alt = image.name ?? "";
    picture.src = best.url;
}

/** @param {number} bytes @param {number | undefined} original */
function saving(bytes, original) {
    if (!original || bytes >= original) return "";
    return t("details.smaller", { percent: words.percent(1 - bytes / original) });
}

/** @param {any} image @returns {[string, string][]} */
function factsOf(image) {
    const { state, size, mediaType, width, height, sha256, renditions = {} } = image;
    const made = Object.entries(renditions).map(
        ([name, one]) =>
            /** @type {[string, string]} */ ([
                name,
                [`${one.width} × ${one.height}`, words.bytes(one.bytes), saving(one.bytes, size)]
                    .filter(Boolean)
                    .join(" · "),
            ]),
    );
    /** @type {[string, string | undefined][]} */
    const facts = [
        [t("details.state"), t(`stage.${state}`)],
        [t("details.size"), size === undefined ? undefined : words.bytes(size)],
        [t("details.type"), mediaType],
        [t("details.pixels"), width ? `${width} × ${height}` : undefined],
        ...made,
        ["SHA-256", sha256],
    ];
    return /** @type {[string, string][]} */ (facts.filter(([, value]) => value !== undefined));
}

/** @param {[string, string]} fact */
function termAndValue([term, value]) {
    const dt = document.createElement("dt");
    const dd = document.createElement("dd");
    dt.textContent = term;
    dd.textContent = value;
    return [dt, dd];
}
