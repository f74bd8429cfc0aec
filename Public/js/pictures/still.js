// @ts-check
/** An animation that is held still: its first picture in its place. */

/** @type {WeakMap<HTMLImageElement, string>} the address of what stands in its place */
const held = new WeakMap();

/** @param {HTMLImageElement} picture shown (`data-moving` becomes `data-still`) once nothing in it moves */
export function holdStill(picture) {
    if (!held.has(picture)) picture.addEventListener("load", () => void still(picture));
    if (!held.has(picture)) held.set(picture, "");
    if (picture.complete && picture.naturalWidth > 0) void still(picture);
}

/** @param {HTMLImageElement} picture that has loaded what moves, or what stands in its place */
async function still(picture) {
    const { currentSrc, naturalWidth: width, naturalHeight: height } = picture;
    if (currentSrc === held.get(picture)) {
        URL.revokeObjectURL(currentSrc);
        delete picture.dataset.moving;
        picture.dataset.still = "";
        return;
    }
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    canvas.getContext("2d")?.drawImage(picture, 0, 0);
    /** @type {Blob | null} */
    const first = await new Promise((resolve) => canvas.toBlob(resolve));
    if (!first || picture.currentSrc !== currentSrc) return;
    const url = URL.createObjectURL(first);
    held.set(picture, url);
    picture.removeAttribute("srcset");
    picture.src = url;
}
