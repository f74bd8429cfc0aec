// @ts-check
/** The page's own life, told to its parts: hidden, frozen, offline, left, and back. */

/**
 * @param {object} parts
 * @param {() => import("../feed/feed.js").Feed | null} parts.feed
 * @param {() => void} parts.onNetwork
 * @param {() => void} parts.onBack this page was frozen, and others were not
 */
export function followLifecycle({ feed, onNetwork, onBack }) {
    const network = () => {
        feed()?.network(navigator.onLine);
        onNetwork();
    };
    addEventListener("online", network);
    addEventListener("offline", network);
    addEventListener("pagehide", () => feed()?.suspend());
    addEventListener("pageshow", ({ persisted }) => persisted && feed()?.wake());
    document.addEventListener("resume", () => feed()?.thaw());
    document.addEventListener("resume", onBack);
    addEventListener("pageshow", ({ persisted }) => persisted && onBack());
    document.addEventListener("visibilitychange", () => {
        feed()?.hide(document.hidden);
        if (!document.hidden) feed()?.wake();
    });
}

/**
 * The browser asks whether to leave, while something would be lost by it. With a listener that is
 * always there, some browsers would not keep the page for the back button.
 * @returns {(isAny: boolean) => void}
 */
export function askBeforeLeaving() {
    const ask = (/** @type {Event} */ event) => event.preventDefault();
    return (isAny) =>
        isAny ? addEventListener("beforeunload", ask) : removeEventListener("beforeunload", ask);
}
