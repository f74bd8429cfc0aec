// @ts-check
/**
 * Where a picture lies on the stage: how large it is drawn, and how far its middle is from the
 * stage's. Lengths are CSS pixels; `scale` 1 is the picture fitted into the stage.
 */

/** @typedef {{width: number, height: number}} Size */
/** @typedef {{x: number, y: number}} Point from the middle of the stage */
/** @typedef {{scale: number, x: number, y: number}} View */
/** @typedef {{fitted: Size, stage: Size, oneToOne: number}} Frame `oneToOne`: the scale at which a
 *   pixel of the picture is one of the screen */

/** @type {Readonly<View>} */
export const FITTED = Object.freeze({ scale: 1, x: 0, y: 0 });

/** As far as one may go in, where the picture's own pixels are not larger by then. */
const FAR = 4;
/** Larger than this a pixel of the picture tells nothing more. */
const PIXEL = 4;
/** A step of a key or a button. */
export const STEP = 1.5;
/** What two clicks bring at least. */
const WORTH_A_CLICK = 1.5;

const within = (
    /** @type {number} */ value,
    /** @type {number} */ low,
    /** @type {number} */ high,
) => Math.min(high, Math.max(low, value));

/**
 * As large as the stage allows, never larger than it is itself.
 * @param {Size} picture @param {Size} stage @returns {Size}
 */
export function fit(picture, stage) {
    const part = Math.min(1, stage.width / picture.width, stage.height / picture.height);
    return { width: picture.width * part, height: picture.height * part };
}

/**
 * @param {Size} whole the photo as it is fitted @param {number} width of the version that is drawn, in its pixels
 * @param {Size} stage @param {number} density screen pixels in a CSS pixel
 * @returns {Frame}
 */
export function frameOf(whole, width, stage, density) {
    const fitted = fit(whole, stage);
    return { fitted, stage, oneToOne: width / density / fitted.width };
}

/** @param {Frame} frame */
export function limitsOf({ oneToOne }) {
    return { low: Math.min(1, oneToOne), high: Math.max(FAR, PIXEL * oneToOne) };
}

/**
 * No further out than the limits, and no edge of the picture within the stage while it is larger than that.
 * @param {View} view @param {Frame} frame @returns {View}
 */
export function settle({ scale, x, y }, frame) {
    const { low, high } = limitsOf(frame);
    const inside = within(scale, low, high);
    const { fitted, stage } = frame;
    const reach = (/** @type {"width" | "height"} */ side) =>
        Math.max(0, (fitted[side] * inside - stage[side]) / 2);
    const [across, down] = [reach("width"), reach("height")];
    return { scale: inside, x: within(x, -across, across), y: within(y, -down, down) };
}

/**
 * What lies under the point stays there, as far as the picture reaches.
 * @param {View} view @param {number} scale wanted @param {Point} at @param {Frame} frame @returns {View}
 */
export function zoomTo(view, scale, at, frame) {
    const { low, high } = limitsOf(frame);
    const wanted = within(scale, low, high);
    const part = wanted / view.scale;
    const x = at.x - (at.x - view.x) * part;
    const y = at.y - (at.y - view.y) * part;
    return settle({ scale: wanted, x, y }, frame);
}

/** @param {View} view @param {Point} by @param {Frame} frame @returns {View} */
export const pan = (view, by, frame) =>
    settle({ ...view, x: view.x + by.x, y: view.y + by.y }, frame);

/**
 * Between the whole picture and its own pixels, or twice as large where these are hardly larger.
 * @param {View} view @param {Point} at @param {Frame} frame @returns {View}
 */
export function toggle(view, at, frame) {
    if (view.scale !== 1) return FITTED;
    const near = frame.oneToOne >= WORTH_A_CLICK ? frame.oneToOne : 2;
    return zoomTo(view, near, at, frame);
}

/** @param {View} view @param {Frame} frame whether there is more of it than is seen */
export function isLarger({ scale }, { fitted, stage }) {
    const round = 0.5;
    return (
        fitted.width * scale > stage.width + round || fitted.height * scale > stage.height + round
    );
}

/**
 * A wheel's turn, or two fingers on a touchpad, which browsers tell as a wheel with Ctrl.
 * @param {{deltaY: number, deltaMode: number, ctrlKey: boolean}} wheel
 * @returns {number} a factor
 */
export function wheelFactor({ deltaY, deltaMode, ctrlKey }) {
    const pixels = deltaY * [1, LINE, PAGE][deltaMode];
    const most = 240;
    return Math.exp(-within(pixels, -most, most) * (ctrlKey ? 0.01 : 0.002));
}
/** What a line and a page of `deltaMode` come to, in pixels. */
const LINE = 16;
const PAGE = 240;

/** @param {View} view @param {Frame} frame @returns {number} how large its pixels are on the screen: 1 is one to one */
export const pixelScale = ({ scale }, { oneToOne }) => scale / oneToOne;

/** @param {number} part of the picture's width, 0…1 @param {View} view @param {Frame} frame @returns {number} from the middle of the stage */
export const acrossOf = (part, { scale, x }, { fitted }) => x + (part - 0.5) * fitted.width * scale;

/** @param {number} across from the middle of the stage @param {View} view @param {Frame} frame @returns {number} part of the width, 0…1 */
export const partAt = (across, { scale, x }, { fitted }) =>
    within((across - x) / (fitted.width * scale) + 0.5, 0, 1);
