// @ts-check
/** An animation that is held still: its first picture in its place. */

/** @type {WeakSet<HTMLImageElement>} */
const held = new WeakSet();

/** @param {HTMLImageElement} picture shown (`data-moving` is taken away) once nothing in it moves */
export function holdStill(picture) {
    if (!held.has(picture)) picture.addEventListener("load", () => void still(picture));
    held.add(picture);
    if (picture.complete && picture.naturalWidth > 0) void still(picture);
}

/** @param {HTMLImageElement} picture */
async function still(picture) {
    const { currentSrc, naturalWidth: width, naturalHeight: height } = picture;
    if (!currentSrc.startsWith("blob:")) {
        const canvas = Object.assign(document.createElement("canvas"), { width, height });
        canvas.getContext("2d")?.drawImage(picture, 0, 0);
        /** @type {Blob | null} */
        const first = await new Promise((resolve) => canvas.toBlob(resolve));
        if (!first || picture.currentSrc !== currentSrc) return;
        picture.removeAttribute("srcset");
        picture.src = URL.createObjectURL(first);
        return;
    }
    URL.revokeObjectURL(currentSrc);
    delete picture.dataset.moving;
}
