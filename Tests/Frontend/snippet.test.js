import { test } from "node:test";
import assert from "node:assert/strict";
import { pictureSnippet } from "../../Public/js/viewer/snippet.js";

const rendition = (width, mediaType = "image/webp") => ({
    url: `/r/${width}`,
    width,
    height: width / 2,
    mediaType,
});

test("a photo without renditions has no snippet", () => {
    assert.equal(pictureSnippet({ name: "a.jpg" }, "https://x"), "");
});

test("each media type has its source, and the largest is the image", () => {
    const renditions = {
        large: rendition(2_048),
        thumb: rendition(320),
        other: rendition(1_280, "image/avif"),
    };
    const snippet = pictureSnippet({ name: "a.jpg", renditions }, "https://x");
    assert.ok(
        snippet.includes('type="image/webp" srcset="https://x/r/320 320w, https://x/r/2048 2048w"'),
    );
    assert.ok(snippet.includes('type="image/avif" srcset="https://x/r/1280 1280w"'));
    assert.ok(
        snippet.includes('<img src="https://x/r/2048" width="2048" height="1024" alt="a.jpg"'),
    );
});

test("a hostile name stays a name", () => {
    const snippet = pictureSnippet(
        { name: '"><script>&', renditions: { thumb: rendition(320) } },
        "",
    );
    assert.ok(snippet.includes('alt="&quot;&gt;&lt;script&gt;&amp;"'));
});
