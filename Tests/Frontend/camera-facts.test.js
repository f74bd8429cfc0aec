import { test } from "node:test";
import assert from "node:assert/strict";
import { cameraFacts } from "../../Public/js/pictures/camera-facts.js";
import { tiffOf, jpegWith } from "./exif-file.js";
import { randomOf } from "./random.js";

const CAMERA = {
    main: { 271: "Canon", 272: "Canon EOS R5" },
    exif: {
        33434: [[1, 250]],
        33437: [[28, 10]],
        34855: 400,
        36867: "2024:05:01 10:20:30",
        36881: "+02:00",
        37380: [[-1, 3]],
        37386: [[50, 1]],
        41989: 75,
        42036: "RF50mm F1.8 STM",
    },
    gps: {
        1: "S",
        2: [
            [23, 1],
            [33, 1],
            [18, 10],
        ],
        3: "W",
        4: [
            [46, 1],
            [37, 1],
            [5999, 100],
        ],
        6: [[760, 1]],
    },
};

for (const little of [true, false]) {
    test(`all that a photographer wants is read, ${little ? "little" : "big"}-endian`, () => {
        const facts = cameraFacts(jpegWith(tiffOf(CAMERA, little)));
        const { place, seconds, bias, ...rest } = facts;
        assert.deepEqual(rest, {
            camera: "Canon EOS R5",
            lens: "RF50mm F1.8 STM",
            aperture: 2.8,
            sensitivity: 400,
            focalLength: 50,
            focalLength35: 75,
            taken: "2024-05-01T10:20:30",
            offset: "+02:00",
        });
        assert.equal(seconds, 0.004);
        assert.ok(Math.abs(bias + 1 / 3) < 1e-9);
        assert.ok(Math.abs(place.latitude + 23.5505) < 1e-4);
        assert.ok(Math.abs(place.longitude + 46.63333) < 1e-4);
        assert.equal(place.altitude, 760);
    });
}

test("it is found in PNG, WebP and HEIC, too, behind the mark of each", () => {
    const tiff = tiffOf({ main: { 272: "X100V" } });
    const marks = {
        png: "eXIf",
        webp: "EXIF\x10\0\0\0",
        webpTwice: "EXIF\x10\0\0\0Exif\0\0",
        heic: "Exif\0\0",
    };
    for (const [name, mark] of Object.entries(marks)) {
        const file = Buffer.concat([
            Buffer.from("RIFF and what is before it"),
            Buffer.from(mark),
            tiff,
        ]);
        assert.deepEqual(cameraFacts(file), { camera: "X100V" }, name);
    }
});

test("a maker is named once", () => {
    const camera = (make, model) =>
        cameraFacts(jpegWith(tiffOf({ main: { 271: make, 272: model } })))?.camera;
    assert.equal(camera("NIKON CORPORATION", "NIKON D750"), "NIKON D750");
    assert.equal(camera("Apple", "iPhone 15"), "Apple iPhone 15");
    assert.equal(camera("Leica\0rubbish", "Q2 \n"), "Leica Q2");
});

test("what makes no sense is not told", () => {
    const facts = (exif, gps = {}) => cameraFacts(jpegWith(tiffOf({ exif, gps })));
    assert.equal(facts({}), null);
    assert.equal(facts({ 33434: [[1, 0]], 33437: [[0, 10]], 34855: 0 }), null);
    assert.equal(facts({ 36867: "0000:00:00 00:00:00" }), null);
    assert.equal(facts({ 36867: "    :  :     :  :  " }), null);
    assert.equal(facts({ 42036: 7 }), null, "a lens is named by a text");
    const half = {
        1: "N",
        2: [
            [10, 1],
            [0, 1],
            [0, 1],
        ],
    };
    assert.equal(facts({}, half), null, "half a place is none");
    assert.equal(
        facts(
            {},
            {
                ...half,
                3: "E",
                4: [
                    [200, 1],
                    [0, 1],
                    [0, 1],
                ],
            },
        ),
        null,
    );
    assert.equal(cameraFacts(new Uint8Array()), null);
    assert.equal(cameraFacts(new TextEncoder().encode("GIF89a, no camera's file")), null);
});

test("wherever it is cut and whatever is changed in it, it ends without an error", () => {
    const whole = jpegWith(tiffOf(CAMERA));
    for (let length = 0; length < whole.length; length += 1) cameraFacts(whole.subarray(0, length));
    const { random, seed } = randomOf();
    for (let round = 0; round < 3_000; round += 1) {
        const broken = Uint8Array.from(whole);
        for (let change = 0; change < 4; change += 1)
            broken[2 + Math.floor(random() * (broken.length - 2))] = Math.floor(random() * 256);
        assert.doesNotThrow(() => cameraFacts(broken), `seed ${seed}, round ${round}`);
    }
});
