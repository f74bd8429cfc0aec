// @ts-check
/** A swipe to one side over an element, by finger or pen: a mouse drags pictures instead. */

const FAR_ENOUGH = 48;

/**
 * @param {HTMLElement} element
 * @param {(step: -1 | 1) => void} turn +1 for a swipe towards the left: the next one comes
 */
export function followSwipes(element, turn) {
    /** @type {{x: number, y: number} | null} */
    let start = null;
    element.addEventListener("pointerdown", ({ clientX, clientY, pointerType, isPrimary }) => {
        start = isPrimary && pointerType !== "mouse" ? { x: clientX, y: clientY } : null;
    });
    element.addEventListener("pointercancel", () => {
        start = null;
    });
    element.addEventListener("pointerup", ({ clientX, clientY }) => {
        if (!start) return;
        const across = clientX - start.x;
        const down = clientY - start.y;
        start = null;
        if (Math.abs(across) > Math.max(FAR_ENOUGH, 1.5 * Math.abs(down)))
            turn(across < 0 ? 1 : -1);
    });
}
