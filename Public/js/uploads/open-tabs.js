// @ts-check
/**
 * The open pages of this browser, as far as they send files: two must not send the same one, for the
 * newer would end the older's requests for ever. A page that does not answer is gone. Web Locks
 * would tell it at once, but not on plain http.
 */

import { newKey } from "../base/api.js";

const CHANNEL = "revela.pages";
/** The page that this tab showed last; a copy of the tab does not get it from one that is open. */
const LEFT = "revela.left";
/** How long a busy page may take to answer. */
const PATIENCE_MS = 1_000;

/** This page, until it is left. */
export const PAGE = newKey();

const channel = typeof BroadcastChannel === "function" ? new BroadcastChannel(CHANNEL) : null;
/** @type {Set<(page: string) => void>} */
const answers = new Set();
/** @type {Set<() => void>} */
const followers = new Set();

channel?.addEventListener("message", ({ data }) => {
    if (data.ask?.includes(PAGE)) channel.postMessage({ here: PAGE });
    if (data.here) for (const answer of answers) answer(data.here);
    if (data.taken?.includes(PAGE)) for (const follower of followers) follower();
});

addEventListener("pagehide", () => sessionStorage.setItem(LEFT, PAGE));
// Back from the cache of pages that were left.
addEventListener("pageshow", () => {
    if (sessionStorage.getItem(LEFT) === PAGE) sessionStorage.removeItem(LEFT);
});

/**
 * @param {string[]} pages
 * @returns {Promise<Set<string>>} those that are open
 */
export async function openOnes(pages) {
    const left = sessionStorage.getItem(LEFT);
    const asked = new Set(pages.filter((page) => page !== PAGE && page !== left));
    /** @type {Set<string>} */
    const open = new Set(pages.includes(PAGE) ? [PAGE] : []);
    if (asked.size === 0 || !channel) return open;
    await new Promise((resolve) => {
        const timer = setTimeout(() => end(), PATIENCE_MS);
        const answer = (/** @type {string} */ page) => {
            if (asked.delete(page)) open.add(page);
            if (asked.size === 0) end();
        };
        const end = () => {
            clearTimeout(timer);
            answers.delete(answer);
            resolve(null);
        };
        answers.add(answer);
        channel.postMessage({ ask: [...asked] });
    });
    return open;
}

/**
 * Pages that were only slow to answer, or asleep, learn that their files are sent from here.
 * @param {Iterable<string>} pages
 */
export const tellTaken = (pages) => channel?.postMessage({ taken: [...pages] });

/** @param {() => void} follower what this page sends may have been taken by another */
export const followTaken = (follower) => followers.add(follower);
