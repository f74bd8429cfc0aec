import { test } from "node:test";
import assert from "node:assert/strict";
import { cameraLines } from "../../Public/js/viewer/camera-lines.js";
import { learn, words } from "../../Public/js/base/i18n.js";

await learn("en");

test("times and sensitivities are written as on a camera, however large", () => {
    const exposures = [
        [{ seconds: 1 / 4_000, sensitivity: 12_800 }, "1/4000 s · ISO 12800"],
        [{ seconds: 1 / 60, aperture: 2.8 }, "1/60 s · f/2.8"],
        [{ seconds: 30 }, "30 s"],
    ];
    for (const [facts, wanted] of exposures) {
        const [[, exposure]] = cameraLines(facts, false);
        assert.equal(exposure, wanted, words.language);
    }
});
