// @ts-check
/**
 * The lab's own set: landscapes drawn here, each a little different in every run, for the server
 * processes no photo twice that it knows already.
 */

const WIDTH = 960;
const HEIGHT = 640;

/** @type {readonly [sky: string, low: string, sun: string, hills: string][]} */
const LIGHTS = [
    ["#f7c9a0", "#f3a84a", "#fff4dc", "#5a2418"],
    ["#9fc3d8", "#f1e2c6", "#fffbe8", "#2c4a4a"],
    ["#3a2a4d", "#c9563a", "#ffd9a0", "#1a1020"],
    ["#bcd8c2", "#f6f0d8", "#ffffff", "#3d4d26"],
];

/** @param {number} number @returns {Promise<File>} a JPEG of some tens of kilobytes */
export async function drawPicture(number) {
    const canvas = document.createElement("canvas");
    canvas.width = WIDTH;
    canvas.height = HEIGHT;
    const brush = canvas.getContext("2d");
    if (!brush) throw new Error("this browser draws no pictures");
    const [sky, low, sun, hills] = LIGHTS[number % LIGHTS.length];
    const air = brush.createLinearGradient(0, 0, 0, HEIGHT);
    air.addColorStop(0, sky);
    air.addColorStop(1, low);
    brush.fillStyle = air;
    brush.fillRect(0, 0, WIDTH, HEIGHT);
    brush.fillStyle = sun;
    brush.beginPath();
    brush.arc(between(120, 840), between(110, 300), between(30, 70), 0, 2 * Math.PI);
    brush.fill();
    for (const share of [0.35, 0.6, 1]) drawHills(brush, hills, share);
    const name = `lab-${String(number + 1).padStart(2, "0")}.jpg`;
    return new File([await encoded(canvas)], name, { type: "image/jpeg" });
}

/** @param {CanvasRenderingContext2D} brush @param {string} color @param {number} share how near */
function drawHills(brush, color, share) {
    const top = HEIGHT * (0.35 + 0.45 * share);
    brush.globalAlpha = 0.3 + 0.7 * share;
    brush.fillStyle = color;
    brush.beginPath();
    brush.moveTo(0, HEIGHT);
    for (let x = 0; x <= WIDTH; x += 24) {
        brush.lineTo(x, top + Math.sin((x / WIDTH) * 9 + between(0, 1)) * 60 + between(-14, 14));
    }
    brush.lineTo(WIDTH, HEIGHT);
    brush.fill();
    brush.globalAlpha = 1;
}

/** @param {number} low @param {number} high */
const between = (low, high) => low + Math.random() * (high - low);

/** @param {HTMLCanvasElement} canvas @returns {Promise<Blob>} */
const encoded = (canvas) =>
    new Promise((resolve, reject) =>
        canvas.toBlob(
            (blob) => (blob ? resolve(blob) : reject(new Error("no picture was encoded"))),
            "image/jpeg",
            0.85,
        ),
    );
