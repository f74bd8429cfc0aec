// @ts-check
/**
 * A reload comes back to the photo one was looking at. The browser looks for its own place before
 * the photos are there, and finds the page too short.
 */

const KEY = "revela.place";

/** @param {import("../ui/photo-grid.js").PhotoGrid} grid whose photos are there now */
export function keepPlace(grid) {
    history.scrollRestoration = "manual";
    const { path, place } = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
    if (path === location.pathname) grid.place = place;
    addEventListener("pagehide", () => {
        const now = { path: location.pathname, place: grid.place };
        sessionStorage.setItem(KEY, JSON.stringify(now));
    });
}
