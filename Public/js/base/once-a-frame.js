// @ts-check
/** Drawing once a frame, however often it is asked for. */

/** A hidden tab has no frames: there it is late. */
const HIDDEN_MS = 200;

/** @param {() => void} draw @returns {() => void} asks for it */
export function onceAFrame(draw) {
    let isAsked = false;
    const run = () => {
        if (!isAsked) return;
        isAsked = false;
        draw();
    };
    return () => {
        if (isAsked) return;
        isAsked = true;
        requestAnimationFrame(run);
        if (document.hidden) setTimeout(run, HIDDEN_MS);
    };
}
