// @ts-check
/** What all pictures of a run share: a sharp canvas, the theme's colours, an axis, each lane's line. */

/** Each lane has a colour, a dash and a sign of its own: no one of them is needed to tell it. */
/** @type {Record<string, {dash: number[], sign: string}>} */
const STYLES = {
    polling5: { dash: [], sign: "●" },
    sse: { dash: [], sign: "■" },
    websocket: { dash: [7, 3], sign: "▲" },
    polling1: { dash: [2, 3], sign: "◆" },
    adaptive: { dash: [9, 3, 2, 3], sign: "✚" },
    long: { dash: [12, 4], sign: "▼" },
};

/** @param {string} id of the lane */
export const signOf = (id) => STYLES[id]?.sign ?? "●";

/** @typedef {{brush: CanvasRenderingContext2D, width: number, height: number,
 *             ink: (name: string) => string}} Sheet `ink`: a colour of the theme, by its name */

const FONT = "12px";
/** @type {HTMLElement | null} */
let probe = null;

/**
 * A custom property as a colour that a canvas takes, which knows nothing of `light-dark()`.
 * @param {string} name
 */
function colour(name) {
    probe ??= document.body.appendChild(document.createElement("i"));
    probe.hidden = true;
    probe.className = "ink";
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
}

/**
 * Makes the canvas as large as it is shown, at the screen's own sharpness, and empty.
 * @param {HTMLCanvasElement} canvas @returns {Sheet | null} null while it is not shown
 */
export function sheetOf(canvas) {
    const { clientWidth: width, clientHeight: height } = canvas;
    const brush = canvas.getContext("2d");
    if (!brush || width === 0 || height === 0) return null;
    const scale = Math.max(1, devicePixelRatio || 1);
    const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== wide || canvas.height !== high) {
        canvas.width = wide;
        canvas.height = high;
    }
    brush.setTransform(scale, 0, 0, scale, 0, 0);
    brush.clearRect(0, 0, width, height);
    brush.font = `${FONT} ${getComputedStyle(canvas).fontFamily}`;
    brush.lineCap = "butt";
    brush.lineJoin = "round";
    /** @type {Map<string, string>} */
    const known = new Map();
    const ink = (/** @type {string} */ name) => {
        const found = known.get(name) ?? colour(name);
        known.set(name, found);
        return found;
    };
    return { brush, width, height, ink };
}

/** @param {Sheet} sheet @param {string} id @param {number} [width] */
export function takePen({ brush, ink }, id, width = 2) {
    brush.strokeStyle = ink(`lane-${id}`);
    brush.fillStyle = ink(`lane-${id}`);
    brush.lineWidth = width;
    brush.setLineDash(STYLES[id]?.dash ?? []);
}

/** @param {Sheet} sheet @param {number} x @param {number} top @param {number} bottom */
export function upright({ brush }, x, top, bottom) {
    brush.beginPath();
    brush.moveTo(Math.round(x) + 0.5, top);
    brush.lineTo(Math.round(x) + 0.5, bottom);
    brush.stroke();
}

/** @param {Sheet} sheet @param {number} y @param {number} left @param {number} right */
export function level({ brush }, y, left, right) {
    brush.beginPath();
    brush.moveTo(left, Math.round(y) + 0.5);
    brush.lineTo(right, Math.round(y) + 0.5);
    brush.stroke();
}

/** @param {Sheet} sheet */
export function takeRuler({ brush, ink }) {
    brush.strokeStyle = ink("line");
    brush.fillStyle = ink("ink-soft");
    brush.lineWidth = 1;
    brush.setLineDash([]);
}

/**
 * A time in which something befell the page: grey, and hatched, so that no colour is needed.
 * @param {Sheet} sheet @param {number} left @param {number} right
 */
export function band({ brush, height, ink }, left, right) {
    brush.save();
    brush.beginPath();
    brush.rect(left, 0, Math.max(2, right - left), height);
    brush.clip();
    brush.globalAlpha = 0.16;
    brush.fillStyle = ink("ink-soft");
    brush.fillRect(left, 0, Math.max(2, right - left), height);
    brush.globalAlpha = 0.4;
    brush.strokeStyle = ink("ink-soft");
    brush.lineWidth = 1;
    brush.setLineDash([]);
    brush.beginPath();
    for (let x = left - height; x < right; x += 8) {
        brush.moveTo(x, height);
        brush.lineTo(x + height, 0);
    }
    brush.stroke();
    brush.restore();
}
