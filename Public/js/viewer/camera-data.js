// @ts-check
/**
 * What a photo's camera says, from the first bytes of the original, which only its owner can have, or of a version
 * that keeps it. Where the photo is on the page no request is made.
 */

import { Problem } from "../base/api.js";
import { STALL_MS, Watchdog } from "../base/deadline.js";
import { cameraFacts } from "../pictures/camera-facts.js";
import { EXIF_REACH } from "../pictures/exif-thumbnail.js";

/** @typedef {import("../pictures/camera-facts.js").CameraFacts} CameraFacts */

export class CameraData {
    /** @type {Map<File | string, CameraFacts | null>} by the file, or the address of its bytes */
    #known = new Map();

    /** @param {File | string} source @returns {CameraFacts | null | undefined} undefined until it is read */
    known(source) {
        return this.#known.get(source);
    }

    /**
     * @param {File | string} source the photo on the page, or where its bytes are on the server
     * @param {AbortSignal} signal
     * @returns {Promise<CameraFacts | null>} null where it says nothing
     */
    async read(source, signal) {
        const isHere = typeof source !== "string";
        const bytes = isHere ? await ofFile(source) : await firstBytes(source, signal);
        const facts = cameraFacts(bytes);
        this.#known.set(source, facts);
        return facts;
    }
}

/** @param {File} file */
const ofFile = async (file) => new Uint8Array(await file.slice(0, EXIF_REACH).arrayBuffer());

/**
 * Of a file on the server as much as may matter, also where something between takes no ranges.
 * @param {string} url @param {AbortSignal} signal
 * @returns {Promise<Uint8Array>}
 */
async function firstBytes(url, signal) {
    const controller = new AbortController();
    const abort = () => controller.abort();
    signal.addEventListener("abort", abort);
    const watchdog = new Watchdog(STALL_MS, abort);
    try {
        const headers = { Range: `bytes=0-${EXIF_REACH - 1}` };
        const answer = await fetch(url, { headers, signal: controller.signal });
        if (!answer.ok) throw await Problem.from(answer);
        return await readUpTo(EXIF_REACH, answer, watchdog);
    } finally {
        watchdog.stop();
        signal.removeEventListener("abort", abort);
        // What is more than was asked for is not taken.
        abort();
    }
}

/** @param {number} most @param {Response} answer @param {Watchdog} watchdog */
async function readUpTo(most, { body }, watchdog) {
    const bytes = new Uint8Array(most);
    const reader = body?.getReader();
    for (let length = 0; ; ) {
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done || !value) return bytes.subarray(0, length);
        watchdog.feed();
        const piece = value.subarray(0, most - length);
        bytes.set(piece, length);
        length += piece.length;
        if (length === most) return bytes;
    }
}
