import { test } from "node:test";
import assert from "node:assert/strict";
import { DEFAULTS, normalize } from "../../Public/js/settings/settings-store.js";

test("without a choice the defaults hold: automatic, five seconds, three at a time, sent at once", () => {
    assert.deepEqual(normalize(null), { ...DEFAULTS });
    assert.deepEqual(
        [DEFAULTS.transport, DEFAULTS.intervalSeconds, DEFAULTS.parallel, DEFAULTS.sending],
        ["auto", 5, 3, "at-once"],
    );
});

test("what fits is kept, what does not gets its default", () => {
    const kept = {
        transport: "polling",
        intervalSeconds: 30,
        parallel: 1,
        recipe: "print",
        ownRecipe: null,
        sending: "review",
        notify: true,
        language: "pt-BR",
        theme: "dark",
        density: "roomy",
        details: "hidden",
    };
    assert.deepEqual(normalize(kept), kept);
    const broken = {
        transport: "pigeon",
        intervalSeconds: 0,
        parallel: "many",
        recipe: "../web",
        ownRecipe: { renditions: "all of them" },
        sending: "tomorrow",
        notify: "perhaps",
        language: "la",
        theme: 7,
        density: 0,
        details: true,
    };
    assert.deepEqual(normalize(broken), { ...DEFAULTS });
});

test("one's own recipe is chosen only while there is one", () => {
    assert.equal(normalize({ recipe: "*" }).recipe, "");
    const ownRecipe = { renditions: [{ name: "tile", longerSide: 600, unknown: true }] };
    const kept = normalize({ recipe: "*", ownRecipe });
    assert.equal(kept.recipe, "*");
    assert.deepEqual(Object.keys(kept.ownRecipe?.renditions[0] ?? {}).includes("unknown"), false);
    assert.deepEqual(normalize(kept), kept);
});
