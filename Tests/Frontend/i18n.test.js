import { test } from "node:test";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { en, ptBR } from "./words.js";
import { chooseLanguage, learn, localeOf, Translator } from "../../Public/js/base/i18n.js";

const root = fileURLToPath(new URL("../../Public/", import.meta.url));
await Promise.all([learn("en"), learn("pt-BR")]);

const PLURAL = /\.(zero|one|two|few|many|other)$/;
const sources = readdirSync(root, { recursive: true, withFileTypes: false })
    .map(String)
    .filter((path) => /\.(js|html)$/.test(path) && !path.startsWith("i18n"))
    .map((path) => readFileSync(join(root, path), "utf8"))
    .join("\n");

const base = (words) => new Set(Object.keys(words).map((key) => key.replace(PLURAL, "")));
const holes = (sentence) => [...sentence.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

test("both languages have the same keys", () => {
    assert.deepEqual([...base(ptBR)].sort(), [...base(en)].sort());
});

test("every plural ends in `other`, whatever else its language needs", () => {
    for (const words of [en, ptBR]) {
        for (const key of Object.keys(words).filter((key) => PLURAL.test(key))) {
            assert.ok(key.replace(PLURAL, ".other") in words, key);
        }
    }
});

test("both languages fill in the same values", () => {
    for (const key of Object.keys(en)) {
        if (key in ptBR)
            assert.deepEqual(
                holes(ptBR[key]),
                holes(en[key]).filter(
                    (name) => name !== "count" || holes(ptBR[key]).includes("count"),
                ),
                key,
            );
    }
});

test("every key used exists, and every key is used", () => {
    const quoted = new Set(
        [...sources.matchAll(/["'`]([a-z]+(?:\.[\w-]+)+)["'`]/g)].map(([, key]) => key),
    );
    const prefixes = [...sources.matchAll(/`([a-z]+(?:\.[a-z]+)*\.)\$\{/g)].map(
        ([, prefix]) => prefix,
    );
    const asked = [
        ...sources.matchAll(/(?:\bt\(|data-i18n(?:-label|-placeholder)?=)"([^"]+)"/g),
    ].map(([, key]) => key);
    const known = base(en);
    for (const key of asked) assert.ok(known.has(key), `${key} is used and has no words`);
    for (const key of known) {
        const used = quoted.has(key) || prefixes.some((prefix) => key.startsWith(prefix));
        assert.ok(used, `${key} has words and is never used`);
    }
});

test("every problem code of the interface has its sentence", () => {
    const codes = `empty-file not-an-image unsupported-format format-mismatch damaged file-too-large
        raw-photo tiff-image moving-image
        too-many-pixels side-too-long too-many-frames length-exceeded upload-incomplete worker-crashed
        digest-mismatch invalid-recipe upload-gone offset-mismatch timed-out too-slow out-of-memory disk-full internal bad-request malformed-multipart
        unsupported-media-type no-such-batch batch-deleted no-such-image no-such-upload
        no-such-rendition not-owner foreign-origin batch-full wrong-state too-many-requests
        unavailable not-found method-not-allowed precondition-failed range-not-satisfiable`.split(
        /\s+/,
    );
    for (const code of codes) assert.ok(`problem.${code}` in en, code);
});

test("the browser's languages choose, unless the reader did", () => {
    assert.equal(chooseLanguage("auto", ["de-DE", "pt-PT", "en"]), "pt-BR");
    assert.equal(chooseLanguage("auto", ["fr", "en-GB", "pt"]), "en");
    assert.equal(chooseLanguage("auto", ["ja"]), "en");
    assert.equal(chooseLanguage("pt-BR", ["en"]), "pt-BR");
});

test("dates and numbers are written as in the reader's own country", () => {
    assert.equal(localeOf("en", ["en-GB", "en"]), "en-GB");
    assert.equal(localeOf("pt-BR", ["de", "pt-PT"]), "pt-PT");
    assert.equal(localeOf("pt-BR", ["en-US"]), "pt-BR");
    const day = "2026-11-24T09:53:00Z";
    assert.match(new Translator("en", "en-GB").moment(day), /24 Nov 2026/);
    assert.match(new Translator("en", "en-US").moment(day), /Nov 24, 2026/);
});

test("plurals, sizes and percentages are the language's own", () => {
    const english = new Translator("en");
    const portuguese = new Translator("pt-BR");
    assert.equal(english.t("batch.total", { count: 1 }), "1 photo");
    assert.equal(portuguese.t("batch.total", { count: 2_000 }), "2.000 fotos");
    assert.equal(portuguese.t("proof.lost", { count: 0 }), "0 perdidos");
    assert.equal(english.bytes(9), "9 bytes");
    assert.equal(english.bytes(200 << 20), "200\u00a0MiB", "a limit is named as it was set");
    assert.equal(english.bytes(1_023), "1,023 bytes");
    assert.equal(english.bytes(1_048_575), "1,023\u00a0KiB");
    assert.equal(english.bytes(3_250_000), "3\u00a0MiB");
    assert.equal(portuguese.bytes(3_350_000), "3,1\u00a0MiB");
    assert.equal(english.percent(0.999), "99%");
});

test("the time that is left is counted as its unit is, in both languages", () => {
    const [english, portuguese] = [new Translator("en"), new Translator("pt-BR")];
    const told = (words, ...seconds) => seconds.map((left) => words.left("batch.left", left));
    assert.deepEqual(told(english, 1, 17, 60, 240), [
        "about 1 second left",
        "about 17 seconds left",
        "about 1 minute left",
        "about 4 minutes left",
    ]);
    assert.deepEqual(told(portuguese, 1, 17, 60, 240), [
        "cerca de 1 segundo restante",
        "cerca de 17 segundos restantes",
        "cerca de 1 minuto restante",
        "cerca de 4 minutos restantes",
    ]);
    assert.equal(portuguese.left("card.left", 1, "short"), "falta 1 s");
    assert.equal(portuguese.left("card.left", 12, "short"), "faltam 12 s");
});
