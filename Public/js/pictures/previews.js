// @ts-check
/**
 * Faint previews from the files themselves, for the cards near the window: a photo of twelve
 * megapixels is decoded straight to a small picture, two at a time, and never kept whole.
 *
 * What is shown is an image, never the canvas it was drawn on: each canvas is a layer of its own,
 * whose filter is worked out anew in every frame that scrolls.
 */

import { bitmapURL } from "./bitmap.js";
import { EXIF_REACH, embeddedThumbnail, upright } from "./exif-thumbnail.js";
import { readThumbHash } from "./thumbhash.js";

const WIDTH = 480;
const AT_ONCE = 2;
const QUALITY = 0.8;
const JPEG = "image/jpeg";

/** @typedef {{picture: HTMLImageElement, file: File, isDrawn: boolean}} Job */

/** @type {Job[]} */
const waiting = [];
let running = 0;

/** @param {HTMLImageElement} picture stays hidden where the file cannot be drawn @param {File} file */
export function drawPreview(picture, file) {
    const job = { picture, file, isDrawn: false };
    if (file.type === JPEG) void drawThumbnail(job);
    waiting.push(job);
    void next();
}

/** @param {HTMLImageElement} picture @param {string} placeholder a ThumbHash in base64 */
export function drawPlaceholder(picture, placeholder) {
    const blur = readThumbHash(placeholder);
    if (!blur) return;
    picture.src = bitmapURL(blur);
    picture.hidden = false;
}

/**
 * Who wants less motion sees the first picture of an animation.
 * @param {HTMLImageElement} picture from now on, whatever it loads @param {number} [frames]
 */
export function keepStill(picture, frames = 1) {
    if (frames < 2 || !matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    picture.dataset.moving = "";
    // Few photos move. One that moves until this is there is no harm that would be worth a word.
    import("./still.js").then(
        ({ holdStill }) => holdStill(picture),
        () => delete picture.dataset.moving,
    );
}

/** @param {{width: number, height: number}} size */
function canvasOf({ width, height }) {
    return Object.assign(document.createElement("canvas"), { width, height });
}

/** @param {HTMLCanvasElement} canvas @param {string} type @returns {Promise<Blob>} */
function blobOf(canvas, type) {
    return new Promise((resolve, reject) => {
        const take = (/** @type {Blob | null} */ blob) =>
            blob ? resolve(blob) : reject(new Error(`no ${type}`));
        canvas.toBlob(take, type, QUALITY);
    });
}

/** @param {HTMLImageElement} picture @param {Blob} blob let go of as soon as it is loaded */
function hang(picture, blob) {
    const url = URL.createObjectURL(blob);
    const revoke = () => URL.revokeObjectURL(url);
    picture.addEventListener("load", revoke, { once: true });
    picture.addEventListener("error", revoke, { once: true });
    picture.src = url;
    picture.hidden = false;
}

async function next() {
    if (running >= AT_ONCE) return;
    const job = waiting.shift();
    if (!job) return;
    running += 1;
    try {
        if (job.picture.isConnected) await draw(job);
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
        const bitmap = await createImageBitmap(new Blob([found.jpeg], { type: JPEG }));
        const canvas = upright(bitmap, found.orientation);
        bitmap.close();
        const small = await blobOf(canvas, JPEG);
        if (!job.isDrawn && job.picture.isConnected) hang(job.picture, small);
    } catch {
        // A file that is gone, or a thumbnail nobody can draw: the picture itself is next.
    }
}

/** @param {Job} job */
async function draw(job) {
    const { picture, file } = job;
    const options = /** @type {const} */ ({ resizeWidth: WIDTH, resizeQuality: "medium" });
    const bitmap = await createImageBitmap(file, options);
    const canvas = canvasOf(bitmap);
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
    bitmap.close();
    // Only a JPEG is sure to have nothing to see through.
    const type = file.type === JPEG ? JPEG : "image/webp";
    const preview = await blobOf(canvas, type);
    job.isDrawn = true;
    hang(picture, preview);
}
