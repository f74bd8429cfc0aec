// @ts-check
/** Hashes files beside the page, a mebibyte at a time: none is ever whole in memory. */

import { Sha256 } from "./sha256.js";

const PIECE = 1 << 20;

self.addEventListener("message", async ({ data }) => {
    try {
        self.postMessage(await hash(data));
    } catch {
        // The file cannot be read; whoever sends it finds that out, too.
        self.postMessage(null);
    }
});

/** @param {Blob} file */
async function hash(file) {
    const hash = new Sha256();
    for (let at = 0; at < file.size; at += PIECE) {
        hash.update(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()));
    }
    return hash.digest();
}
