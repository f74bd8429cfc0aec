import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { fileURLToPath } from "node:url";
import { en, ptBR } from "./words.js";

const root = fileURLToPath(new URL("../../Public", import.meta.url));
const read = (path) => readFileSync(join(root, path), "utf8");
const matches = (text, pattern) => [...text.matchAll(pattern)].map(([, found]) => found);

const STATIC = /^(?:import|export|\})(?:[^;"\n]* from)? "(\.[^"]+)"/gm;
const LATER = /(?:import\(|new URL\()"(\.[^"]+)"/g;

/** What a module imports at once, and what it asks for later: imports and workers. */
function importsOf(path) {
    const code = read(path).replace(/\/\*[\s\S]*?\*\//g, "");
    const resolve = (found) => join(dirname(path), found);
    return {
        now: matches(code, STATIC).map(resolve),
        later: matches(code, LATER).map(resolve),
    };
}

/** What few open in their first minute need not be there before it is asked for. */
const NOT_AHEAD = new Set([
    "/js/pages/reviewing.js",
    "/js/pages/selecting.js",
    "/js/settings/settings-overlay.js",
    "/js/ui/grid-selection.js",
    "/js/ui/traffic-panel.js",
]);

/** All that `entry` needs before it runs, itself first; and all that it may ask for after that. */
function graphOf(entry) {
    const groups = { now: [entry], later: [] };
    const known = new Set(groups.now);
    const add = (group, paths) => {
        for (const path of paths.filter((one) => !known.has(one))) {
            known.add(path);
            group.push(path);
        }
    };
    for (const path of groups.now) add(groups.now, importsOf(path).now);
    const isAhead = (path) => !NOT_AHEAD.has(path);
    for (const path of groups.now) add(groups.later, importsOf(path).later.filter(isAhead));
    for (const path of groups.later) {
        const { now, later } = importsOf(path);
        add(groups.later, [...now, ...later]);
    }
    return groups;
}

const linkTo = (path, low) =>
    `<link rel="modulepreload" href="${path}"${low ? ' fetchpriority="low"' : ""}>`;

for (const [page, entry] of [
    ["/index.html", "/js/pages/upload.js"],
    ["/settings.html", "/js/pages/settings.js"],
    ["/lab.html", "/js/pages/lab.js"],
]) {
    const html = read(page);

    test(`${page} names every module it needs, so that none is found only in another`, () => {
        const { now, later } = graphOf(entry);
        const links = matches(html, /^ *(<link rel="modulepreload".*>)$/gm);
        const wanted = [
            ...now.slice(1).map((path) => linkTo(path, false)),
            ...later.map((path) => linkTo(path, true)),
        ];
        const missing = wanted.filter((link) => !links.includes(link));
        const needless = links.filter((link) => !wanted.includes(link));
        assert.deepEqual({ missing, needless }, { missing: [], needless: [] });
        assert.equal(links.length, wanted.length, "one is named twice");
        const firstLater = links.findIndex((link) => link.includes("low"));
        assert.equal(firstLater, now.length - 1, "what is needed later comes later");
        assert.ok(html.includes(`<script type="module" src="${entry}"></script>`));
    });

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
