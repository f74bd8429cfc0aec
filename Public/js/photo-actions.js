// @ts-check
/** What the buttons of a card do. */

import { showDetails } from "./elements/photo-details.js";

/** @typedef {import("./photos.js").Entry} Entry */

/**
 * @param {object} parts
 * @param {import("./photos.js").Photos} parts.photos
 * @param {import("./session.js").Session} parts.session
 * @param {import("./uploader.js").Uploader} parts.uploader
 * @param {HTMLDialogElement} parts.details
 * @param {(error: unknown) => void} parts.report tells the reader what went wrong
 * @returns {Record<string, (entry: Entry) => unknown>}
 */
export function photoActions({ photos, session, uploader, details, report }) {
    const show = async (/** @type {Entry} */ entry) => {
        const { image, via } = await session.info(photos.imageID(entry) ?? "");
        showDetails(details, image, via);
        turnPages(details, pagesAround(photos, entry), (page) => show(page).catch(report));
    };
    return {
        pause: ({ task }) => task && uploader.pause(task),
        resume: ({ task }) => task && uploader.resume(task),
        retry: (entry) => session.retry(photos.imageID(entry) ?? ""),
        info: show,
        cancel: async (entry) => {
            if (entry.task) uploader.stop(entry.task);
            const image = photos.imageID(entry);
            if (image) await session.cancel(image);
            else photos.remove(entry);
        },
        remove: async (entry) => {
            const image = photos.imageID(entry);
            if (image) await session.remove(image);
            else photos.remove(entry);
        },
    };
}

/**
 * The photos before and after one, in the order of the sheet.
 * @param {import("./photos.js").Photos} photos
 * @param {Entry} entry
 * @returns {Record<string, Entry | undefined>} by the step of the turn
 */
function pagesAround(photos, entry) {
    const all = [...photos.entries.values()].filter((one) => photos.imageID(one));
    const at = all.indexOf(entry);
    return { "-1": all[at - 1], 1: all[at + 1] };
}

/**
 * @param {HTMLDialogElement} details
 * @param {Record<string, Entry | undefined>} pages
 * @param {(entry: Entry) => unknown} show
 */
function turnPages(details, pages, show) {
    const turn = (/** @type {string} */ step) => {
        const page = pages[step];
        if (page) show(page);
    };
    const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (
        details.querySelectorAll("[data-turn]")
    );
    for (const button of buttons) {
        const step = button.dataset.turn ?? "";
        button.disabled = !pages[step];
        button.onclick = () => turn(step);
    }
    /** @type {HTMLElement} */ (details.querySelector(".turn")).hidden = false;
    details.onkeydown = ({ key, target }) => {
        if (target instanceof HTMLTextAreaElement) return;
        if (key === "ArrowLeft") turn("-1");
        if (key === "ArrowRight") turn("1");
    };
}
