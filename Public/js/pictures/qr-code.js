// @ts-check
/**
 * QR codes (ISO/IEC 18004), as far as an address needs them: bytes, error correction level M, versions 1 to 10.
 */

/**
 * By version, from 1: bytes of correction a block, then the bytes of data of each block (table 9).
 * @type {[correction: number, blocks: number[]][]}
 */
const VERSIONS = [
    [10, [16]],
    [16, [28]],
    [26, [44]],
    [18, [32, 32]],
    [24, [43, 43]],
    [16, [27, 27, 27, 27]],
    [18, [31, 31, 31, 31]],
    [22, [38, 38, 39, 39]],
    [22, [36, 36, 36, 37, 37]],
    [26, [43, 43, 43, 43, 44]],
];
/** The first and the last but one place of alignment patterns follow from the size; the middle one of versions 7 to 10. */
const MIDDLES = [22, 24, 26, 28];

/** @type {((row: number, column: number) => boolean)[]} table 10 */
const MASKS = [
    (i, j) => (i + j) % 2 === 0,
    (i) => i % 2 === 0,
    (_, j) => j % 3 === 0,
    (i, j) => (i + j) % 3 === 0,
    (i, j) => (Math.floor(i / 2) + Math.floor(j / 3)) % 2 === 0,
    (i, j) => ((i * j) % 2) + ((i * j) % 3) === 0,
    (i, j) => (((i * j) % 2) + ((i * j) % 3)) % 2 === 0,
    (i, j) => (((i + j) % 2) + ((i * j) % 3)) % 2 === 0,
];

/** Powers of 2 in GF(256) modulo x⁸ + x⁴ + x³ + x² + 1, and their logarithms. */
const POWERS = new Uint8Array(255);
const LOGARITHMS = new Uint8Array(256);
for (let value = 1, power = 0; power < 255; power += 1) {
    POWERS[power] = value;
    LOGARITHMS[value] = power;
    value = value & 0x80 ? (value << 1) ^ 0x11d : value << 1;
}

/** @param {number} a @param {number} b */
const times = (a, b) => (a && b ? POWERS[(LOGARITHMS[a] + LOGARITHMS[b]) % 255] : 0);

/** @param {number[]} data @param {number} count @returns {number[]} bytes of correction */
function correctionOf(data, count) {
    let generator = [1];
    for (let power = 0; power < count; power += 1) {
        const next = [...generator, 0];
        generator.forEach((factor, place) => {
            next[place + 1] ^= times(factor, POWERS[power]);
        });
        generator = next;
    }
    const rest = [...data, ...new Array(count).fill(0)];
    for (let place = 0; place < data.length; place += 1) {
        const lead = rest[place];
        for (let step = 0; lead && step < generator.length; step += 1) {
            rest[place + step] ^= times(generator[step], lead);
        }
    }
    return rest.slice(data.length);
}

/** @param {Uint8Array} bytes @param {number} version @param {number} capacity bytes of data */
function dataOf(bytes, version, capacity) {
    /** @type {number[]} */
    const bits = [];
    const put = (/** @type {number} */ value, /** @type {number} */ length) => {
        for (let bit = length - 1; bit >= 0; bit -= 1) bits.push((value >> bit) & 1);
    };
    put(0b0100, 4);
    put(bytes.length, lengthBits(version));
    for (const byte of bytes) put(byte, 8);
    put(0, Math.min(4, capacity * 8 - bits.length));
    put(0, (8 - (bits.length % 8)) % 8);
    const data = [];
    for (let place = 0; place < bits.length; place += 8) {
        data.push(Number.parseInt(bits.slice(place, place + 8).join(""), 2));
    }
    for (let pad = 0xec; data.length < capacity; pad ^= 0xec ^ 0x11) data.push(pad);
    return data;
}

const lengthBits = (/** @type {number} */ version) => (version < 10 ? 8 : 16);
const sum = (/** @type {number[]} */ values) => values.reduce((total, value) => total + value, 0);

/** @param {number[]} data @param {number} version @returns {number[]} data and correction, blocks interleaved */
function codewordsOf(data, version) {
    const [count, sizes] = VERSIONS[version - 1];
    const rest = [...data];
    const blocks = sizes.map((size) => rest.splice(0, size));
    const checks = blocks.map((block) => correctionOf(block, count));
    const longest = Math.max(...sizes);
    const inTurns = (/** @type {number[][]} */ lists, /** @type {number} */ length) =>
        Array.from({ length }, (_, place) => lists.flatMap((list) => list[place] ?? [])).flat();
    return [...inTurns(blocks, longest), ...inTurns(checks, count)];
}

/**
 * A code of Bose, Chaudhuri and Hocquenghem: `value` with the remainder of its division.
 * @param {number} value @param {number} generator @param {number} length bits of the remainder
 */
function withRemainder(value, generator, length) {
    let rest = value << length;
    const top = 31 - Math.clz32(generator);
    for (let bit = 31 - Math.clz32(rest); bit >= top; bit = 31 - Math.clz32(rest)) {
        rest ^= generator << (bit - top);
    }
    return (value << length) | rest;
}

/** @param {number} version @returns {number[][]} the middles of its alignment patterns */
function alignmentsOf(version) {
    const last = 10 + 4 * version;
    if (version === 1) return [];
    const places = [6, ...(version > 6 ? [MIDDLES[version - 7]] : []), last];
    const pairs = places.flatMap((row) => places.map((column) => [row, column]));
    // Three corners are taken by the finder patterns.
    return pairs.filter(
        ([row, column]) => ![row, column].includes(6) || ![6, last].includes(row + column - 6),
    );
}

/** @typedef {(boolean | null)[][]} Modules rows of dark and light; null is not yet known */

/** @param {number} version @returns {Modules} with all that is there whatever is said; a place for the format is kept */
function patternsOf(version) {
    const size = 17 + 4 * version;
    /** @type {Modules} */
    const modules = Array.from({ length: size }, () => new Array(size).fill(null));
    const ring = (
        /** @type {number} */ row,
        /** @type {number} */ column,
        /** @type {number} */ reach,
    ) => {
        for (let i = -reach; i <= reach; i += 1) {
            for (let j = -reach; j <= reach; j += 1) {
                if (modules[row + i]?.[column + j] === undefined) continue;
                const distance = Math.max(Math.abs(i), Math.abs(j));
                modules[row + i][column + j] =
                    reach === 4 ? distance !== 2 && distance !== 4 : distance !== 1;
            }
        }
    };
    for (let place = 0; place < size; place += 1) {
        modules[6][place] = modules[place][6] = place % 2 === 0;
    }
    for (const [row, column] of [
        [3, 3],
        [3, size - 4],
        [size - 4, 3],
    ])
        ring(row, column, 4);
    for (const [row, column] of alignmentsOf(version)) ring(row, column, 2);
    formatOf(modules, 0);
    if (version > 6) {
        const bits = withRemainder(version, 0x1f25, 12);
        for (let bit = 0; bit < 18; bit += 1) {
            const [far, near] = [size - 11 + (bit % 3), Math.floor(bit / 3)];
            modules[far][near] = modules[near][far] = Boolean((bits >> bit) & 1);
        }
    }
    return modules;
}

/**
 * Writes level M (00) and the mask, twice.
 * @param {Modules} modules @param {number} mask
 */
function formatOf(modules, mask) {
    const size = modules.length;
    const bits = withRemainder(mask, 0x537, 10) ^ 0x5412;
    for (let bit = 0; bit < 15; bit += 1) {
        const isDark = Boolean((bits >> bit) & 1);
        const row = bit < 6 ? bit : bit < 8 ? bit + 1 : size - 15 + bit;
        const column = bit < 8 ? size - 1 - bit : bit === 8 ? 7 : 14 - bit;
        modules[row][8] = isDark;
        modules[8][column] = isDark;
    }
    modules[size - 8][8] = true;
}

/** @param {number} size @returns {number[][]} rows and columns in the order in which data goes, up and down by two columns */
function wayThrough(size) {
    const rights = Array.from({ length: (size - 1) / 2 }, (_, pair) => size - 1 - 2 * pair);
    return rights.flatMap((place, pair) => {
        // The sixth column is a timing pattern.
        const right = place <= 6 ? place - 1 : place;
        return Array.from({ length: size }, (_, step) => {
            const row = pair % 2 === 0 ? size - 1 - step : step;
            return [
                [row, right],
                [row, right - 1],
            ];
        }).flat();
    });
}

/** @param {Modules} modules @param {number[]} codewords @param {number} mask */
function fill(modules, codewords, mask) {
    let bit = 0;
    for (const [row, column] of wayThrough(modules.length)) {
        if (modules[row][column] !== null) continue;
        const isDark = ((codewords[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1;
        modules[row][column] = Boolean(isDark) !== MASKS[mask](row, column);
        bit += 1;
    }
    formatOf(modules, mask);
}

/**
 * How hard it is to read (7.8.3): less is better.
 * @param {boolean[][]} modules
 */
function penaltyOf(modules) {
    const size = modules.length;
    const columns = modules.map((_, column) => modules.map((row) => row[column]));
    let penalty = 0;
    for (const line of [...modules, ...columns]) {
        const text = line.map((isDark) => (isDark ? "1" : "0")).join("");
        for (const run of text.match(/0{5,}|1{5,}/g) ?? []) penalty += run.length - 2;
        penalty += 40 * (text.match(/(?=10111010000|00001011101)/g) ?? []).length;
    }
    for (let row = 1; row < size; row += 1) {
        for (let column = 1; column < size; column += 1) {
            const dark = modules[row][column];
            const isBlock = [
                modules[row][column - 1],
                modules[row - 1][column],
                modules[row - 1][column - 1],
            ];
            if (isBlock.every((one) => one === dark)) penalty += 3;
        }
    }
    const dark = sum(modules.map((row) => row.filter(Boolean).length));
    return penalty + 10 * Math.floor(Math.abs((dark * 20) / size ** 2 - 10));
}

/**
 * @param {string} text
 * @param {number} [wanted] a mask, for tests
 * @returns {boolean[][] | null} rows of dark and light; null where it is too long
 */
export function qrModules(text, wanted) {
    const bytes = new TextEncoder().encode(text);
    const fits = ([, blocks] = VERSIONS[0], index = 0) =>
        4 + lengthBits(index + 1) + 8 * bytes.length <= 8 * sum(blocks);
    const version = VERSIONS.findIndex(fits) + 1;
    if (version === 0) return null;
    const data = dataOf(bytes, version, sum(VERSIONS[version - 1][1]));
    const codewords = codewordsOf(data, version);
    const codes = (wanted === undefined ? [...MASKS.keys()] : [wanted]).map((mask) => {
        const modules = patternsOf(version);
        fill(modules, codewords, mask);
        return /** @type {boolean[][]} */ (modules);
    });
    const penalties = codes.map(penaltyOf);
    return codes[penalties.indexOf(Math.min(...penalties))];
}

/** Light modules around it (9.1). */
const QUIET = 4;

/** @param {string} text @returns {SVGSVGElement | null} null where it is too long */
export function qrCode(text) {
    const modules = qrModules(text);
    if (!modules) return null;
    const size = modules.length + 2 * QUIET;
    const namespace = "http://www.w3.org/2000/svg";
    const picture = document.createElementNS(namespace, "svg");
    picture.setAttribute("viewBox", `0 0 ${size} ${size}`);
    picture.setAttribute("class", "qr");
    picture.setAttribute("role", "img");
    const path = document.createElementNS(namespace, "path");
    const dark = modules.flatMap((row, y) =>
        row.map((isDark, x) => (isDark ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : "")),
    );
    path.setAttribute("d", dark.join(""));
    path.setAttribute("shape-rendering", "crispEdges");
    picture.append(path);
    return picture;
}
