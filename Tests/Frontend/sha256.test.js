import { createHash } from "node:crypto";
import { test } from "node:test";
import assert from "node:assert/strict";
import { randomOf } from "./random.js";
import { Sha256 } from "../../Public/js/uploads/sha256.js";

const hex = (bytes) => Buffer.from(bytes).toString("hex");
const hashOf = (...pieces) => {
    const hash = new Sha256();
    for (const piece of pieces) hash.update(Buffer.from(piece));
    return hex(hash.digest());
};

// FIPS 180-2, appendix B, and the vectors everybody has.
for (const [text, digest] of [
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    [
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ],
    ["a".repeat(1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
]) {
    test(`SHA-256 of ${text.length} characters is the known one`, () => {
        assert.equal(hashOf(text), digest);
    });
}

test("SHA-256 of every length about the ends of blocks is the platform's", () => {
    for (let length = 0; length < 260; length += 1) {
        const bytes = Buffer.alloc(length, length);
        assert.equal(hashOf(bytes), createHash("sha256").update(bytes).digest("hex"), `${length}`);
    }
});

test("SHA-256 does not depend on how the bytes are split", () => {
    const { random, seed } = randomOf();
    const dice = (below) => Math.floor(random() * below);
    for (let round = 0; round < 200; round += 1) {
        const bytes = Buffer.from(Array.from({ length: dice(3_000) }, () => dice(256)));
        const pieces = [];
        for (let at = 0; at < bytes.length; ) {
            const next = at + dice(dice(2) ? 200 : 10);
            pieces.push(bytes.subarray(at, next));
            at = next;
        }
        const expected = createHash("sha256").update(bytes).digest("hex");
        assert.equal(hashOf(...pieces), expected, `seed ${seed}, round ${round}`);
    }
});

test("SHA-256 counts more than 2³² bits", () => {
    const piece = Buffer.alloc(1 << 24, 7);
    const [own, platform] = [new Sha256(), createHash("sha256")];
    for (let count = 0; count < 33; count += 1) {
        own.update(piece);
        platform.update(piece);
    }
    assert.equal(hex(own.digest()), platform.digest("hex"));
});
