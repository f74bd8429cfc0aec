// @ts-check
/**
 * Two pages of one browser must not send the same upload by themselves: the newer would end the
 * older's requests for ever. A page holds a lock for each upload it sends, and it ends with it.
 */

/** How long a page that was just left may take to let go. */
const PATIENCE_MS = 1_000;

/** @param {string} image */
const nameOf = (image) => `revela.upload:${image}`;

/**
 * @param {string} image
 * @param {Promise<void>} over
 */
export function hold(image, over) {
    void navigator.locks?.request(nameOf(image), { mode: "shared" }, () => over);
}

/** @param {string} image whether another page sends it now */
export async function isHeld(image) {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), PATIENCE_MS);
    try {
        await navigator.locks?.request(nameOf(image), { signal: controller.signal }, () => {});
        return false;
    } catch {
        return true;
    } finally {
        clearTimeout(timer);
    }
}
