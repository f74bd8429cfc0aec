// @ts-check
/** A picture whose load was cut stays broken: browsers do not try again by themselves. */

import { backoff } from "../base/backoff.js";

/** About three minutes of trying. */
const MOST_ATTEMPTS = 10;

/** @type {WeakMap<HTMLImageElement, {source: string, attempt: number}>} */
const failures = new WeakMap();

/** @param {EventTarget} root in which the server's pictures are loaded again where that failed */
export function insist(root) {
    const onError = (/** @type {Event} */ { target }) => {
        if (target instanceof HTMLImageElement) loadAgain(target);
    };
    // It does not bubble.
    root.addEventListener("error", onError, true);
}

/** @param {HTMLImageElement} image */
function loadAgain(image) {
    const source = image.getAttribute("src") ?? "";
    const before = failures.get(image);
    const attempt = before?.source === source ? before.attempt + 1 : 1;
    if (!source.startsWith("/") || attempt > MOST_ATTEMPTS) return;
    failures.set(image, { source, attempt });
    const load = () => {
        if (image.isConnected && image.getAttribute("src") === source) image.src = source;
    };
    setTimeout(load, backoff(attempt, Math.random()));
}
