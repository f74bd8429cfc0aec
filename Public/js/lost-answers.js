// @ts-check
/**
 * The answer to a creation can get lost after the server has made the image. Making it again would
 * leave a second one that never ends; so the batch is looked at first, for an image of this name
 * and size that nobody sends, on another page either, and that holds no byte yet.
 */

import * as api from "./api.js";
import { likenessOf } from "./photos.js";
import { askOffset } from "./tus.js";
import { isSentElsewhere } from "./upload-memory.js";

/**
 * @param {string} batch
 * @param {{name: string, file: {size: number}}} wanted
 * @param {(image: string) => boolean} isTaken whether another upload of this page has it
 * @returns {Promise<{url: string, image: string} | null>}
 */
export async function findUnanswered(batch, { name, file }, isTaken) {
    const { document } = await api.readBatch(batch);
    const likeness = likenessOf({ name, size: file.size });
    for (const [id, image] of Object.entries(document.images ?? {})) {
        const isAlike = likenessOf(/** @type {any} */ (image)) === likeness;
        if (image.state !== "uploading" || !isAlike || isTaken(id)) continue;
        const { upload } = await api.readImage(batch, id);
        if (!upload || (await isSentElsewhere(id))) continue;
        const held = await askOffset(upload);
        // That it is not known is no reason to make another.
        if ("network" in held || held.status >= 500) throw new Error("no answer");
        // Another upload of this page may have looked at the same time.
        if (held.offset === 0 && !isTaken(id)) return { url: upload, image: id };
    }
    return null;
}
