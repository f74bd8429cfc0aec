// @ts-check
/** The page's own life, told to the feed: hidden, frozen, offline, and back. */

/** @param {() => import("./feed.js").Feed | null} feed @param {() => void} onNetwork */
export function followLifecycle(feed, onNetwork) {
    const network = () => {
        feed()?.network(navigator.onLine);
        onNetwork();
    };
    addEventListener("online", network);
    addEventListener("offline", network);
    addEventListener("pagehide", () => feed()?.suspend());
    addEventListener("pageshow", ({ persisted }) => persisted && feed()?.wake());
    document.addEventListener("resume", () => feed()?.thaw());
    document.addEventListener("visibilitychange", () => {
        feed()?.hide(document.hidden);
        if (!document.hidden) feed()?.wake();
    });
}
