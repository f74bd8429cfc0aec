// @ts-check
/**
 * How photos come in: dropped anywhere on the window, picked, pasted, or as whole folders. All
 * end in one call with plain files.
 */

import { plain, unpack } from "./dropped-files.js";
import { oneAfterAnother } from "./one-after-another.js";

/** @typedef {import("./dropped-files.js").Found} Found */

/** Photos for which not every browser knows a type. */
const UNKNOWN_ENDINGS = [".heic", ".heif", ".hif", ".mpo", ".avif"];

/** @typedef {AsyncIterable<Found[]> | Found[][]} Parts a large folder comes in some */

/**
 * @typedef {object} Takers
 * @property {() => void} onBegin somebody gives files
 * @property {(found: Found[]) => void} onFound some of them
 * @property {(error: unknown) => void} onTrouble some of them could not be taken
 */

/**
 * A folder takes a while to read: what is given meanwhile comes after it. Whatever goes wrong with
 * some of the files is told, and holds up neither the rest nor what is given later.
 * @param {Takers} takers
 * @returns {(parts: Parts) => Promise<void>}
 */
export function inLine({ onBegin, onFound, onTrouble }) {
    const next = oneAfterAnother();
    const attempt = (/** @type {() => void} */ act) => {
        try {
            act();
        } catch (error) {
            onTrouble(error);
        }
    };
    const all = async (/** @type {Parts} */ parts) => {
        attempt(onBegin);
        for await (const part of parts) attempt(() => onFound(part));
    };
    return (parts) => next(() => all(parts)).catch(onTrouble);
}

/**
 * @param {Takers & {
 *     overlay: HTMLElement,
 *     pickers: Iterable<HTMLInputElement>,
 *     onUnreadable: (name: string) => void,
 * }} options
 * @returns {(transfer: DataTransfer) => void} takes what was dropped
 */
export function takeIn({ overlay, pickers, onUnreadable, ...takers }) {
    const take = inLine(takers);
    const drop = (/** @type {DataTransfer} */ transfer) => take(unpack(transfer, onUnreadable));
    for (const picker of pickers) watchPicker(picker, { take, onUnreadable, ...takers });
    document.addEventListener("paste", (event) => {
        const files = Array.from(event.clipboardData?.files ?? []);
        if (files.length > 0) take([files.map((file) => plain(file))]);
    });
    watchDrops(overlay, drop);
    return drop;
}

/**
 * @typedef {object} Giving
 * @property {(parts: Parts) => void} take
 * @property {(name: string) => void} onUnreadable
 * @property {(error: unknown) => void} onTrouble
 */

/** @param {HTMLInputElement} picker @param {Giving} giving */
function watchPicker(picker, giving) {
    picker.addEventListener("change", () => {
        giving.take([Array.from(picker.files ?? [], (file) => plain(file))]);
        picker.value = "";
    });
    if (picker.webkitdirectory) return;
    picker.addEventListener("click", (event) => {
        const pick = handlePicker();
        if (!pick) return;
        event.preventDefault();
        pickHandles(pick, giving).catch(giving.onTrouble);
    });
}

/**
 * The dialog whose files can be read again after a reload. A phone's own picker of photos is
 * better than what it would get.
 * @returns {((options: object) => Promise<any[]>) | null}
 */
function handlePicker() {
    const isDesk = matchMedia("(pointer: fine)").matches;
    return (isDesk && /** @type {any} */ (window).showOpenFilePicker) || null;
}

/** @param {(options: object) => Promise<any[]>} pick @param {Giving} giving */
async function pickHandles(pick, { take, onUnreadable }) {
    try {
        const types = [{ accept: { "image/*": UNKNOWN_ENDINGS } }];
        const handles = await pick({ multiple: true, types, id: "photos" });
        const opened = handles.map(async (handle) => {
            const file = await handle.getFile().catch(() => null);
            return file && plain(file, async () => handle);
        });
        const found = await Promise.all(opened);
        for (const [at, one] of found.entries()) if (!one) onUnreadable(handles[at].name);
        take([found.filter((one) => one !== null)]);
    } catch (error) {
        // Nothing was picked.
        if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
    }
}

/** @param {HTMLElement} overlay @param {(transfer: DataTransfer) => void} onDrop */
function watchDrops(overlay, onDrop) {
    let depth = 0;
    const show = (/** @type {number} */ change) => {
        depth = Math.max(0, depth + change);
        overlay.hidden = depth === 0;
    };
    // Both are taken: where what lies under the pointer changes just before the drop, as when cards
    // come in, the last that the browser asked is `dragenter`.
    const accept = (/** @type {DragEvent} */ event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
    };
    addEventListener("dragenter", accept);
    addEventListener("dragover", accept);
    addEventListener("dragenter", (event) => hasFiles(event) && show(+1));
    addEventListener("dragleave", (event) => hasFiles(event) && show(-1));
    addEventListener("drop", (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        show(-depth);
        if (event.dataTransfer) onDrop(event.dataTransfer);
    });
}

/** @param {DragEvent} event */
const hasFiles = (event) => event.dataTransfer?.types.includes("Files") ?? false;
