import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path/posix";
import { fileURLToPath } from "node:url";
import { en, ptBR } from "./words.js";

const root = fileURLToPath(new URL("../../Public", import.meta.url));
const read = (path) => readFileSync(join(root, path), "utf8");
const matches = (text, pattern) => [...text.matchAll(pattern)].map(([, found]) => found);

for (const page of [
    "/index.html",
    "/batches.html",
    "/settings.html",
    "/lab.html",
    "/not-found.html",
    "/invitation.html",
    "/drop.html",
]) {
    const html = read(page);

    test(`${page} says what is seen first in both languages, with the words of Public/i18n`, () => {
        const early = [...html.matchAll(/data-i18n="([^"]+)" data-pt="([^"]*)"[^>]*>([^<]*)</g)];
        assert.equal(early.length, matches(html, /(data-pt=)/g).length);
        for (const [, key, portuguese, english] of early) {
            assert.deepEqual([english, portuguese], [en[key], ptBR[key]], key);
        }
    });

    test(`${page} holds the words of Public/i18n for who reads it in English`, () => {
        for (const [, key, text] of html.matchAll(/data-i18n="([^"]+)"[^>]*>([^<]+)</g)) {
            assert.equal(text, en[key], key);
        }
    });
}
