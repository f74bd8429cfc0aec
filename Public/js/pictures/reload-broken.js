// @ts-check
/**
 * A picture whose load was cut stays broken: browsers do not try again by themselves. Until it is there
 * `data-broken` says so, and the style shows what lies under it.
 */

import { backoff } from "../base/backoff.js";
import { sleep } from "../base/sleep.js";

/** So often it is tried as soon as it may, about three minutes; then more rarely, for as long as it is on the page. */
const QUICK_ATTEMPTS = 10;
const RARE_MS = 60_000;

/** @type {WeakMap<HTMLImageElement, {source: string, attempt: number}>} */
const failures = new WeakMap();

/** Ends all waits when the network is back. */
let back = new AbortController();

/** @param {EventTarget} root in which the server's pictures are loaded again where that failed */
export function insist(root) {
    const on = (
        /** @type {string} */ type,
        /** @type {(image: HTMLImageElement) => void} */ act,
    ) => {
        const take = (/** @type {Event} */ { target }) => {
            if (target instanceof HTMLImageElement) act(target);
        };
        // Neither bubbles.
        root.addEventListener(type, take, true);
    };
    on("error", (image) => void loadAgain(image));
    on("load", (image) => delete image.dataset.broken);
    addEventListener("online", () => {
        back.abort();
        back = new AbortController();
    });
}

/** @param {HTMLImageElement} image */
async function loadAgain(image) {
    const source = image.getAttribute("src") ?? "";
    if (!source.startsWith("/")) return;
    image.dataset.broken = "";
    const before = failures.get(image);
    const attempt = before?.source === source ? before.attempt + 1 : 1;
    failures.set(image, { source, attempt });
    const least = attempt > QUICK_ATTEMPTS ? RARE_MS : 0;
    await sleep(backoff(attempt, Math.random(), least), { signal: back.signal });
    if (image.isConnected && image.getAttribute("src") === source) image.src = source;
}
