import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path/posix";
import { fileURLToPath } from "node:url";
import { en, ptBR } from "./words.js";

const root = fileURLToPath(new URL("../../Public", import.meta.url));
const read = (path) => readFileSync(join(root, path), "utf8");
const matches = (text, pattern) => [...text.matchAll(pattern)].map(([, found]) => found);

const PAGES = [
    "/index.html",
    "/batches.html",
    "/settings.html",
    "/lab.html",
    "/not-found.html",
    "/invitation.html",
    "/drop.html",
];

for (const page of PAGES) {
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

/** What stands in several pages, for none is put together by the server. */
const SHARED = {
    "the first lines": /^<!doctype html>[\s\S]*?<link rel="icon"[^>]*>/,
    "the styles of every page":
        /<link rel="stylesheet" href="\/css\/tokens.css">[\s\S]*?frame.css">/,
    "the name": /<a class="wordmark"[\s\S]*?<\/a>/,
    "the notice of a part that did not load": /<p class="notice" id="stuck"[\s\S]*?<\/p>/,
};

for (const [what, pattern] of Object.entries(SHARED)) {
    test(`${what}: the same on each page that has it`, () => {
        const found = PAGES.flatMap((page) => read(page).match(pattern)?.[0] ?? []);
        assert.ok(found.length > 1);
        for (const other of found) assert.equal(other, found[0]);
    });
}

test("each page leads to the others by the same words", () => {
    const links = (page) =>
        [...read(page).matchAll(/<a href="([^"]+)" data-i18n="nav\.([^"]+)"/g)].map(
            ([, href, key]) => `${key} ${href}`,
        );
    const all = [
        "batches /batches.html",
        "compare /lab.html",
        "photos /",
        "settings /settings.html",
    ];
    for (const page of PAGES.filter((one) => links(one).length > 0)) {
        assert.ok(
            links(page).every((link) => all.includes(link)),
            page,
        );
        assert.ok(links(page).length >= all.length - 1, page);
    }
});
