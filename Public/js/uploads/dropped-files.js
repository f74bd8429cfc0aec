// @ts-check
/**
 * What somebody gives, as plain files with the folders they lay in, and, where the browser has
 * such, a way to read each again after a reload.
 */

/** @typedef {{handle: () => Promise<any>, path: string[]}} Source a `FileSystemFileHandle`, or one of
 *    a folder from which the path leads to the file; null where there is none */
/** @typedef {{file: File, name: string, fromFolder: boolean, source?: Source}} Found */
/** @typedef {(name: string) => void} Unreadable told of what is there and cannot be read */

/** @param {File} file @param {() => Promise<any>} [handle] @returns {Found} */
export function plain(file, handle) {
    const path = file.webkitRelativePath;
    const source = handle && { handle, path: [] };
    return { file, name: path || file.name, fromFolder: path !== "", source };
}

/**
 * Entries and handles are asked for at once: the browser empties the transfer after the first wait.
 * @param {DataTransfer} transfer @param {Unreadable} onUnreadable
 * @returns {AsyncGenerator<Found[]>} a large folder comes in parts
 */
export function unpack(transfer, onUnreadable) {
    const items = Array.from(transfer.items).filter(({ kind }) => kind === "file");
    const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
    const handles = items.map(handleOf);
    const files = Array.from(transfer.files, (file, index) => plain(file, handles[index]));
    const loose = files.filter((_, index) => !entries[index]?.isDirectory);
    return parts(loose, entries, handles, onUnreadable);
}

/**
 * @param {Found[]} loose @param {(FileSystemEntry | null)[]} entries
 * @param {((() => Promise<any>) | undefined)[]} handles @param {Unreadable} onUnreadable
 * @returns {AsyncGenerator<Found[]>}
 */
async function* parts(loose, entries, handles, onUnreadable) {
    if (loose.length > 0) yield loose;
    for (const [index, entry] of entries.entries()) {
        if (!entry?.isDirectory) continue;
        const folder = /** @type {FileSystemDirectoryEntry} */ (entry);
        yield* walk(folder, handles[index], onUnreadable);
    }
}

/** @param {DataTransferItem} item @returns {(() => Promise<any>) | undefined} */
function handleOf(item) {
    /** @type {Promise<any> | undefined} */
    const asked = /** @type {any} */ (item).getAsFileSystemHandle?.();
    // One that cannot be had is no trouble: the file is copied.
    const handle = asked?.catch(() => null);
    return handle && (() => handle);
}

/** @param {FileSystemEntry} entry */
const pathOf = ({ fullPath }) => fullPath.replace(/^\//, "");

/**
 * What cannot be read is told of, and holds up nothing beside it.
 * @param {FileSystemDirectoryEntry} folder
 * @param {(() => Promise<any>) | undefined} root of the folder that was given
 * @param {Unreadable} onUnreadable
 * @returns {AsyncGenerator<Found[]>}
 */
async function* walk(folder, root, onUnreadable) {
    const reader = folder.createReader();
    /** @param {FileSystemEntry} entry @returns {null} */
    const leaveOut = (entry) => {
        onUnreadable(pathOf(entry));
        return null;
    };
    while (true) {
        const entries = await next(reader).catch(() => leaveOut(folder));
        if (!entries?.length) return;
        const files = entries.filter((entry) => entry.isFile && !entry.name.startsWith("."));
        const opened = files.map((entry) =>
            open(/** @type {any} */ (entry), root).catch(() => leaveOut(entry)),
        );
        yield (await Promise.all(opened)).flatMap((one) => one ?? []);
        for (const entry of entries) {
            if (!entry.isDirectory) continue;
            yield* walk(/** @type {FileSystemDirectoryEntry} */ (entry), root, onUnreadable);
        }
    }
}

/**
 * @param {FileSystemDirectoryReader} reader
 * @returns {Promise<FileSystemEntry[]>} at most a hundred: the end is an empty answer
 */
const next = (reader) => new Promise((resolve, reject) => reader.readEntries(resolve, reject));

/** @param {FileSystemFileEntry} entry @param {() => Promise<any>} [root] @returns {Promise<Found>} */
async function open(entry, root) {
    /** @type {File} */
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    const name = pathOf(entry);
    const source = root && { handle: root, path: name.split("/").slice(1) };
    return { file, name, fromFolder: true, source };
}
