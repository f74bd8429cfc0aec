// @ts-check
/**
 * A reload comes back to the photo one was looking at. The browser looks for its own place before
 * the sheet is there, and finds the page too short.
 */

const KEY = "revela.place";

/** @param {import("../ui/photo-sheet.js").PhotoSheet} sheet whose photos are there now */
export function keepPlace(sheet) {
    history.scrollRestoration = "manual";
    const { path, place } = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
    if (path === location.pathname) sheet.place = place;
    addEventListener("pagehide", () => {
        const now = { path: location.pathname, place: sheet.place };
        sessionStorage.setItem(KEY, JSON.stringify(now));
    });
}
