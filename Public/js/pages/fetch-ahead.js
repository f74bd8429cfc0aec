// @ts-check
/** The viewer, fetched as soon as there is a photo: a click on it then waits for nothing. */

let isAsked = false;

export function fetchViewer() {
    if (isAsked) return;
    isAsked = true;
    // Whoever opens it asks again, and is told what is wrong.
    import("../viewer/make-viewer.js").catch(() => {});
}
