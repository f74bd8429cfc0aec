// @ts-check
/**
 * What fingers, a pen or the mouse mean on the stage. `Gestures` is told where they are and says what
 * that is; it touches no element. `followGestures` tells it what happens on one.
 *
 * One finger moves a picture that is larger than the stage, and else turns to the next one or, downwards,
 * closes. Two zoom. A mouse only moves: it has a wheel and buttons for the rest.
 */

/** @typedef {{x: number, y: number}} Point from the middle of the stage, in CSS pixels */
/** @typedef {{id: number, at: Point, kind: string, time: number}} Touch `kind`: as `pointerType`;
 *   `time`: in milliseconds */
/** @typedef {{does: "pan", by: Point}
 *          | {does: "zoom", factor: number, at: Point, by: Point}
 *          | {does: "drag", by: Point}
 *          | {does: "drop"}
 *          | {does: "turn", step: -1 | 1}
 *          | {does: "close"}
 *          | {does: "double-tap", at: Point}} Act `drag`: since the finger came down, along one axis;
 *   `drop`: it was for nothing */

/** A finger that moved less is held still. */
const STILL = 8;
const FAR_TO_TURN = 48;
const FAR_TO_CLOSE = 96;
/** So much more along one axis than along the other. */
const STRAIGHT = 1.5;
const DOUBLE_MS = 300;
const DOUBLE_NEAR = 32;

const middle = (/** @type {Point} */ a, /** @type {Point} */ b) => ({
    x: (a.x + b.x) / 2,
    y: (a.y + b.y) / 2,
});
const minus = (/** @type {Point} */ a, /** @type {Point} */ b) => ({ x: a.x - b.x, y: a.y - b.y });
const lengthOf = (/** @type {Point} */ { x, y }) => Math.hypot(x, y);

export class Gestures {
    /** @type {Map<number, Point>} */ #down = new Map();
    /** @type {Point} where the one finger came down */ #start = { x: 0, y: 0 };
    /** @type {"pan" | "drag" | "none"} what the one finger does */ #meaning = "none";
    /** @type {"x" | "y" | null} */ #axis = null;
    /** @type {{at: Point, time: number} | null} */ #tap = null;

    /** @param {() => boolean} isLarger whether there is more of the picture than is seen */
    constructor(isLarger) {
        this.isLarger = isLarger;
    }

    get isHeld() {
        return this.#down.size > 0;
    }

    /** @param {Touch} touch @returns {Act | null} */
    down({ id, at, kind }) {
        this.#down.set(id, at);
        if (this.#down.size > 1) {
            const wasDragged = this.#axis !== null;
            this.#meaning = "pan";
            this.#axis = null;
            this.#tap = null;
            return wasDragged ? { does: "drop" } : null;
        }
        this.#start = at;
        this.#axis = null;
        const turns = kind === "mouse" ? "none" : "drag";
        this.#meaning = this.isLarger() ? "pan" : turns;
        return null;
    }

    /** @param {Touch} touch @returns {Act | null} */
    move({ id, at }) {
        const before = this.#down.get(id);
        if (!before) return null;
        if (this.#down.size === 2) return this.#pinch(id, before, at);
        this.#down.set(id, at);
        if (this.#down.size > 2) return null;
        if (this.#meaning === "pan") return { does: "pan", by: minus(at, before) };
        return this.#meaning === "drag" ? this.#drag(at) : null;
    }

    /** @param {Touch} touch @returns {Act | null} */
    up({ id, at, kind, time }) {
        if (!this.#down.delete(id)) return null;
        if (this.#down.size > 0) return null;
        const by = minus(at, this.#start);
        if (lengthOf(by) < STILL) return kind === "mouse" ? null : this.#tapped(at, time);
        this.#tap = null;
        return this.#meaning === "drag" ? this.#let(by) : null;
    }

    /** @param {Touch} touch @returns {Act | null} the system has taken it for itself */
    cancel({ id }) {
        const wasDragged = this.#down.delete(id) && this.#axis !== null;
        this.#axis = null;
        this.#tap = null;
        return wasDragged ? { does: "drop" } : null;
    }

    /** @param {number} id @param {Point} before @param {Point} at @returns {Act} */
    #pinch(id, before, at) {
        const [other] = [...this.#down].filter(([one]) => one !== id).map(([, point]) => point);
        this.#down.set(id, at);
        const was = middle(before, other);
        const apart = Math.max(1, lengthOf(minus(before, other)));
        const factor = Math.max(1, lengthOf(minus(at, other))) / apart;
        return { does: "zoom", factor, at: was, by: minus(middle(at, other), was) };
    }

    /** @param {Point} at @returns {Act | null} */
    #drag(at) {
        const by = minus(at, this.#start);
        if (this.#axis === null && lengthOf(by) >= STILL)
            this.#axis = Math.abs(by.x) >= Math.abs(by.y) ? "x" : "y";
        if (this.#axis === null) return null;
        const along = this.#axis === "x" ? { x: by.x, y: 0 } : { x: 0, y: Math.max(0, by.y) };
        return { does: "drag", by: along };
    }

    /** @param {Point} by @returns {Act} */
    #let({ x, y }) {
        this.#axis = null;
        if (Math.abs(x) >= FAR_TO_TURN && Math.abs(x) >= STRAIGHT * Math.abs(y))
            return { does: "turn", step: x < 0 ? 1 : -1 };
        if (y >= FAR_TO_CLOSE && y >= STRAIGHT * Math.abs(x)) return { does: "close" };
        return { does: "drop" };
    }

    /** @param {Point} at @param {number} time @returns {Act | null} */
    #tapped(at, time) {
        const first = this.#tap;
        this.#tap = { at, time };
        if (!first || time - first.time > DOUBLE_MS) return null;
        if (lengthOf(minus(at, first.at)) > DOUBLE_NEAR) return null;
        this.#tap = null;
        return { does: "double-tap", at };
    }
}

/**
 * @param {HTMLElement} stage
 * @param {Gestures} gestures
 * @param {(act: Act) => void} act
 */
export function followGestures(stage, gestures, act) {
    const tell = (/** @type {"down" | "move" | "up" | "cancel"} */ what) => {
        return (/** @type {PointerEvent} */ event) => {
            const { pointerId: id, pointerType: kind, timeStamp: time } = event;
            const meant = gestures[what]({ id, at: pointOn(stage, event), kind, time });
            if (meant) act(meant);
            stage.toggleAttribute("data-held", gestures.isHeld);
        };
    };
    const down = tell("down");
    stage.addEventListener("pointerdown", (event) => {
        const onControl = /** @type {Element} */ (event.target).closest("button, [role=slider]");
        if (!onControl && event.button === 0) down(event);
    });
    // A finger leaves the stage, and is still the same one.
    addEventListener("pointermove", tell("move"));
    addEventListener("pointerup", tell("up"));
    addEventListener("pointercancel", tell("cancel"));
}

/**
 * @param {HTMLElement} stage @param {{clientX: number, clientY: number}} event
 * @returns {Point} from the middle of the stage
 */
export function pointOn(stage, { clientX, clientY }) {
    const { left, top, width, height } = stage.getBoundingClientRect();
    return { x: clientX - left - width / 2, y: clientY - top - height / 2 };
}
