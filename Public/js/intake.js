// @ts-check
/**
 * How photos come in: dropped anywhere on the window, picked, pasted, or as whole folders. All
 * end in one call with plain files.
 */

import { plain, unpack } from "./unpack.js";

/** @typedef {import("./unpack.js").Found} Found */

/**
 * @param {object} options
 * @param {HTMLElement} options.overlay
 * @param {Iterable<HTMLInputElement>} options.pickers
 * @param {() => void} options.onBegin somebody gives files
 * @param {(found: Found[]) => void} options.onFound some of them; a large folder comes in parts
 */
export function takeIn({ overlay, pickers, onBegin, onFound }) {
    const take = (/** @type {Found[]} */ found) => {
        onBegin();
        onFound(found);
    };
    for (const picker of pickers) watchPicker(picker, take);
    document.addEventListener("paste", (event) => {
        const files = Array.from(event.clipboardData?.files ?? []);
        if (files.length > 0) take(files.map((file) => plain(file)));
    });
    watchDrops(overlay, (transfer) => {
        onBegin();
        return unpack(transfer, onFound);
    });
}

/** @param {HTMLInputElement} picker @param {(found: Found[]) => void} take */
function watchPicker(picker, take) {
    picker.addEventListener("change", () => {
        take(Array.from(picker.files ?? [], (file) => plain(file)));
        picker.value = "";
    });
    if (picker.webkitdirectory) return;
    picker.addEventListener("click", (event) => {
        const pick = handlePicker();
        if (!pick) return;
        event.preventDefault();
        void pickHandles(pick, take);
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

/** @param {(options: object) => Promise<any[]>} pick @param {(found: Found[]) => void} take */
async function pickHandles(pick, take) {
    try {
        const types = [{ accept: { "image/*": [] } }];
        const handles = await pick({ multiple: true, types, id: "photos" });
        const found = handles.map(async (handle) =>
            plain(await handle.getFile(), async () => handle),
        );
        take(await Promise.all(found));
    } catch (error) {
        // Nothing was picked.
        if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
    }
}

/** @param {HTMLElement} overlay @param {(transfer: DataTransfer) => Promise<void>} onDrop */
function watchDrops(overlay, onDrop) {
    let depth = 0;
    const show = (/** @type {number} */ change) => {
        depth = Math.max(0, depth + change);
        overlay.hidden = depth === 0;
    };
    addEventListener("dragenter", (event) => hasFiles(event) && show(+1));
    addEventListener("dragleave", (event) => hasFiles(event) && show(-1));
    addEventListener("dragover", (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
    });
    addEventListener("drop", (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        show(-depth);
        if (event.dataTransfer) void onDrop(event.dataTransfer);
    });
}

/** @param {DragEvent} event */
const hasFiles = (event) => event.dataTransfer?.types.includes("Files") ?? false;
