// @ts-check
/**
 * What somebody gives, as plain files with the folders they lay in, and, where the browser has
 * such, a handle to read each again after a reload.
 */

/** @typedef {() => Promise<any>} HandleSource a `FileSystemFileHandle`, or null */
/** @typedef {{file: File, name: string, fromFolder: boolean, handle?: HandleSource}} Found */

/** @param {File} file @param {HandleSource} [handle] @returns {Found} */
export function plain(file, handle) {
    const path = file.webkitRelativePath;
    return { file, name: path || file.name, fromFolder: path !== "", handle };
}

/**
 * Entries and handles must be asked for before the first wait: the browser empties the transfer
 * after it.
 * @param {DataTransfer} transfer @param {(found: Found[]) => void} onFound
 */
export async function unpack(transfer, onFound) {
    const items = Array.from(transfer.items).filter(({ kind }) => kind === "file");
    const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
    const handles = items.map(handleOf);
    const files = Array.from(transfer.files, (file, index) => plain(file, handles[index]));
    const loose = files.filter((_, index) => !entries[index]?.isDirectory);
    if (loose.length > 0) onFound(loose);
    for (const [index, entry] of entries.entries()) {
        if (!entry?.isDirectory) continue;
        const folder = /** @type {FileSystemDirectoryEntry} */ (entry);
        for await (const found of walk(folder, handles[index])) onFound(found);
    }
}

/** @param {DataTransferItem} item @returns {HandleSource | undefined} */
function handleOf(item) {
    /** @type {Promise<any> | undefined} */
    const asked = /** @type {any} */ (item).getAsFileSystemHandle?.();
    // A handle that cannot be had costs only the convenience after a reload.
    const handle = asked?.catch(() => null);
    return handle && (() => handle);
}

/**
 * @param {FileSystemDirectoryEntry} folder @param {HandleSource} [root] of the folder that was given
 * @returns {AsyncGenerator<Found[]>}
 */
async function* walk(folder, root) {
    const reader = folder.createReader();
    while (true) {
        /** @type {FileSystemEntry[]} at most a hundred: the end is an empty answer */
        const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
        if (entries.length === 0) return;
        const files = entries.filter((entry) => entry.isFile && !entry.name.startsWith("."));
        yield await Promise.all(files.map((entry) => open(/** @type {any} */ (entry), root)));
        for (const entry of entries) {
            if (!entry.isDirectory) continue;
            yield* walk(/** @type {FileSystemDirectoryEntry} */ (entry), root);
        }
    }
}

/** @param {FileSystemFileEntry} entry @param {HandleSource} [root] @returns {Promise<Found>} */
async function open(entry, root) {
    /** @type {File} */
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    const name = entry.fullPath.replace(/^\//, "");
    const handle = root && (() => below(root, name.split("/").slice(1)));
    return { file, name, fromFolder: true, handle };
}

/** @param {HandleSource} root @param {string[]} path */
async function below(root, path) {
    let handle = await root();
    for (const part of path.slice(0, -1)) handle = await handle?.getDirectoryHandle(part);
    return (await handle?.getFileHandle(path.at(-1))) ?? null;
}
