// @ts-check
/** What is done once, however often it is asked for. */

/** A hidden tab has no frames: there it is late. */
const HIDDEN_MS = 200;

/**
 * What is made once, when it is asked for first.
 * @template Value
 * @param {() => Promise<Value>} make
 * @returns {() => Promise<Value>} one that fails is made anew the next time
 */
export function once(make) {
    /** @type {Promise<Value> | null} */
    let made = null;
    return () => {
        made ??= make().catch((error) => {
            made = null;
            throw error;
        });
        return made;
    };
}

/**
 * What is drawn once a frame.
 * @param {() => void} draw
 * @returns {() => void} asks for it
 */
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
