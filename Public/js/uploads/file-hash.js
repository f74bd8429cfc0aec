// @ts-check
/** The SHA-256 of a file, worked out by workers that are kept for a while and used again. */

const IDLE_MS = 10_000;
const SOURCE = new URL("./hash-worker.js", import.meta.url);

/** @type {Set<Worker>} */
const idle = new Set();
/** @type {WeakMap<Blob, Uint8Array>} of what was hashed before */
const known = new WeakMap();

/**
 * @param {Blob} file
 * @param {AbortSignal} signal ends the work at once
 * @returns {Promise<Uint8Array | null>} null where it could not be hashed, or was not to be
 */
export function hashFile(file, signal) {
    return new Promise((resolve) => {
        const before = known.get(file);
        if (before || signal.aborted) return resolve(before ?? null);
        const worker = take();
        if (!worker) return resolve(null);
        const finish = (/** @type {Uint8Array | null} */ digest) => {
            signal.removeEventListener("abort", abort);
            worker.onmessage = worker.onerror = null;
            if (digest) {
                known.set(file, digest);
                rest(worker);
            } else worker.terminate();
            resolve(digest);
        };
        const abort = () => finish(null);
        signal.addEventListener("abort", abort);
        worker.onmessage = ({ data }) => finish(data);
        worker.onerror = () => finish(null);
        worker.postMessage(file);
    });
}

/** @returns {Worker | null} null where the browser has no such workers */
function take() {
    for (const worker of idle) {
        idle.delete(worker);
        return worker;
    }
    try {
        return new Worker(SOURCE, { type: "module" });
    } catch {
        return null;
    }
}

/** @param {Worker} worker */
function rest(worker) {
    idle.add(worker);
    setTimeout(() => {
        if (idle.delete(worker)) worker.terminate();
    }, IDLE_MS);
}
