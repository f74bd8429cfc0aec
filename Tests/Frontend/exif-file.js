/** Exif as a camera writes it, from tags and values: for the tests of what reads it. */

/** Text, one short number, or rationals as pairs. */
function fieldOf(value, little) {
    const long = (number) => {
        const bytes = Buffer.alloc(4);
        if (little) bytes.writeInt32LE(number);
        else bytes.writeInt32BE(number);
        return bytes;
    };
    if (typeof value === "string")
        return { type: 2, count: value.length + 1, bytes: Buffer.from(`${value}\0`, "latin1") };
    if (typeof value === "number") {
        const bytes = Buffer.alloc(2);
        if (little) bytes.writeUInt16LE(value);
        else bytes.writeUInt16BE(value);
        return { type: 3, count: 1, bytes };
    }
    const isSigned = value.flat().some((number) => number < 0);
    return {
        type: isSigned ? 10 : 5,
        count: value.length,
        bytes: Buffer.concat(value.flat().map(long)),
    };
}

/** @returns {Buffer} a TIFF structure of a main directory, and those of the camera and the place under it */
export function tiffOf({ main = {}, exif, gps }, little = true) {
    const pieces = [];
    let end = 8;
    const put = (bytes) => {
        const at = end;
        const padded = Buffer.concat([bytes, Buffer.alloc(bytes.length % 2)]);
        pieces.push(padded);
        end += padded.length;
        return at;
    };
    const write = (fields) => {
        const entries = Object.entries(fields).map(([tag, { type, count, bytes }]) => {
            const entry = Buffer.alloc(12);
            const short = little ? "writeUInt16LE" : "writeUInt16BE";
            const long = little ? "writeUInt32LE" : "writeUInt32BE";
            entry[short](Number(tag), 0);
            entry[short](type, 2);
            entry[long](count, 4);
            if (bytes.length <= 4) bytes.copy(entry, 8);
            else entry[long](put(bytes), 8);
            return entry;
        });
        const head = Buffer.alloc(2);
        head[little ? "writeUInt16LE" : "writeUInt16BE"](entries.length);
        return put(Buffer.concat([head, ...entries, Buffer.alloc(4)]));
    };
    const read = (given) =>
        Object.fromEntries(
            Object.entries(given).map(([tag, value]) => [tag, fieldOf(value, little)]),
        );
    const pointer = (at) => {
        const bytes = Buffer.alloc(4);
        bytes[little ? "writeUInt32LE" : "writeUInt32BE"](at);
        return { type: 4, count: 1, bytes };
    };
    const all = read(main);
    if (exif) all[0x8769] = pointer(write(read(exif)));
    if (gps) all[0x8825] = pointer(write(read(gps)));
    const first = write(all);
    const head = Buffer.from(little ? "II*\0" : "MM\0*", "latin1");
    return Buffer.concat([head, pointer(first).bytes, ...pieces]);
}

/** @param {Buffer} tiff @returns {Buffer} the beginning of a JPEG that holds it */
export function jpegWith(tiff) {
    const body = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff]);
    const length = body.length + 2;
    return Buffer.concat([
        Buffer.from([0xff, 0xd8, 0xff, 0xe1, length >> 8, length & 255]),
        body,
        Buffer.from([0xff, 0xda, 0, 2]),
    ]);
}
