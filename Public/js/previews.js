// @ts-check
/**
 * Faint previews from the files themselves, for the cards one can see: a photo of twelve
 * megapixels is decoded straight to a small canvas, two at a time, and never kept whole.
 */

import { drawUpright, EXIF_REACH, embeddedThumbnail } from "./exif-thumbnail.js";
import { readThumbHash } from "./thumbhash.js";

const WIDTH = 480;
const AT_ONCE = 2;

/** @typedef {{canvas: HTMLCanvasElement, file: File, onDone: () => void, isDrawn: boolean}} Job */

/** @type {Job[]} */
const waiting = [];
let running = 0;

/** @type {WeakMap<Element, () => void>} */
const onSight = new WeakMap();
const eye =
    typeof IntersectionObserver === "function"
        ? new IntersectionObserver(look, { rootMargin: "300px" })
        : null;

/** @param {IntersectionObserverEntry[]} entries */
function look(entries) {
    for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        eye?.unobserve(target);
        onSight.get(target)?.();
        onSight.delete(target);
    }
}

/**
 * Calls once the element comes near the window.
 * @param {Element} element
 * @param {() => void} call
 */
export function whenSeen(element, call) {
    if (!eye) return call();
    onSight.set(element, call);
    eye.observe(element);
}

/** @param {HTMLCanvasElement} canvas @param {File} file @param {() => void} onDone only if it can be drawn */
export function drawPreview(canvas, file, onDone) {
    const job = { canvas, file, onDone, isDrawn: false };
    void drawThumbnail(job);
    waiting.push(job);
    void next();
}

/** @param {HTMLCanvasElement} canvas @param {string} placeholder a ThumbHash in base64 */
export function drawPlaceholder(canvas, placeholder) {
    const blur = readThumbHash(placeholder);
    if (!blur) return;
    canvas.width = blur.width;
    canvas.height = blur.height;
    const image = new ImageData(/** @type {any} */ (blur.pixels), blur.width, blur.height);
    canvas.getContext("2d")?.putImageData(image, 0, 0);
    canvas.hidden = false;
}

async function next() {
    if (running >= AT_ONCE) return;
    const job = waiting.shift();
    if (!job) return;
    running += 1;
    try {
        if (job.canvas.isConnected) await draw(job);
    } catch {
        // A file the browser cannot draw keeps its blank paper; the server says what it is.
    } finally {
        running -= 1;
        void next();
    }
}

/**
 * What the camera left in the file, until the picture itself is decoded.
 * @param {Job} job
 */
async function drawThumbnail(job) {
    try {
        const head = await job.file.slice(0, EXIF_REACH).arrayBuffer();
        const found = embeddedThumbnail(new Uint8Array(head));
        if (!found) return;
        const bitmap = await createImageBitmap(new Blob([found.jpeg], { type: "image/jpeg" }));
        if (!job.isDrawn && job.canvas.isConnected) {
            drawUpright(job.canvas, bitmap, found.orientation);
            job.onDone();
        }
        bitmap.close();
    } catch {
        // A file that is gone, or a thumbnail nobody can draw: the picture itself is next.
    }
}

/** @param {Job} job */
async function draw(job) {
    const { canvas, file, onDone } = job;
    const options = /** @type {const} */ ({ resizeWidth: WIDTH, resizeQuality: "medium" });
    const bitmap = await createImageBitmap(file, options);
    job.isDrawn = true;
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
    bitmap.close();
    onDone();
}
