// @ts-check
/**
 * How photos come in: dropped anywhere on the window, picked, pasted, or as whole folders. All
 * end in one call with plain files.
 */

/** @typedef {{file: File, name: string, fromFolder: boolean}} Found */

/**
 * @param {object} options
 * @param {HTMLElement} options.overlay
 * @param {Iterable<HTMLInputElement>} options.pickers
 * @param {() => void} options.onBegin somebody gives files
 * @param {(found: Found[]) => void} options.onFound some of them; a large folder comes in parts
 */
export function takeIn({ overlay, pickers, onBegin, onFound }) {
    for (const picker of pickers) {
        picker.addEventListener("change", () => {
            onBegin();
            onFound(Array.from(picker.files ?? [], plain));
            picker.value = "";
        });
    }
    document.addEventListener("paste", (event) => {
        const files = Array.from(event.clipboardData?.files ?? []);
        if (files.length === 0) return;
        onBegin();
        onFound(files.map(plain));
    });
    watchDrops(overlay, (transfer) => {
        onBegin();
        return unpack(transfer, onFound);
    });
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

/** @param {File} file @returns {Found} */
function plain(file) {
    const path = file.webkitRelativePath;
    return { file, name: path || file.name, fromFolder: path !== "" };
}

/**
 * The entries must be taken before the first wait: the browser empties the transfer after it.
 * @param {DataTransfer} transfer @param {(found: Found[]) => void} onFound
 */
async function unpack(transfer, onFound) {
    const items = Array.from(transfer.items).filter(({ kind }) => kind === "file");
    const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
    const files = Array.from(transfer.files, plain);
    const folders = entries.filter((entry) => entry?.isDirectory);
    if (folders.length === 0) return onFound(files);
    const loose = files.filter(({ file }) => !folders.some((entry) => entry?.name === file.name));
    if (loose.length > 0) onFound(loose);
    for (const folder of folders) {
        const reader = /** @type {FileSystemDirectoryEntry} */ (folder);
        for await (const found of walk(reader)) onFound(found);
    }
}

/** @param {FileSystemDirectoryEntry} folder @returns {AsyncGenerator<Found[]>} */
async function* walk(folder) {
    const reader = folder.createReader();
    while (true) {
        /** @type {FileSystemEntry[]} at most a hundred: the end is an empty answer */
        const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
        if (entries.length === 0) return;
        const files = entries.filter((entry) => entry.isFile && !entry.name.startsWith("."));
        yield await Promise.all(files.map((entry) => open(/** @type {any} */ (entry))));
        for (const entry of entries) {
            if (entry.isDirectory) yield* walk(/** @type {FileSystemDirectoryEntry} */ (entry));
        }
    }
}

/** @param {FileSystemFileEntry} entry @returns {Promise<Found>} */
async function open(entry) {
    /** @type {File} */
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return { file, name: entry.fullPath.replace(/^\//, ""), fromFolder: true };
}
