import { test } from "node:test";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { qrModules } from "../../Public/js/pictures/qr-code.js";

const ADDRESS = `https://photos.example/drop.html#d_${"0123456789abcdefghjkmnpqrstvwxyz".repeat(8)}`;

/** Of another encoder (segno 1.6.6, its padding put right): bytes of the address, the version, the mask that it chose,
 *  and the SHA-256 of its rows. */
const KNOWN = [
    [5, 1, 2, "3ed3dfe24378585ccc59284652ace602db1ceb0f169dbe6c356ffe014f2d8992"],
    [20, 2, 1, "4a3e2d86ab6721cd15b24a5aad21b610af1a062e82ac0acd8c4a3d82d823509c"],
    [40, 3, 7, "27c19bc656acec1458df96194861298ae8bf54e34f8c716231fdb14d3b7af03a"],
    [60, 4, 2, "556282c876e101710d1b5d8acf801eb28fed0dc3a0238a9b54771bca1e2aef84"],
    [70, 5, 2, "cbc16f1ad077e11d2d07e65f3ef3f90793481c5b249f3b986da5f55af00350e8"],
    [100, 6, 7, "e9ae7eeb691035ed1342d1d9bdb924041e3a116d1fba74060e0c67688077e0ef"],
    [120, 7, 2, "d0226d141b806381e9d5624ab3c811ec84cddf3721575b0a156b79682c94102d"],
    [150, 8, 6, "0f07635d0948a361893e583e10084dd7d8f3e9180e77e18ba118f0832da9efca"],
    [175, 9, 2, "0ae7271dc22d0e4e30e5cdd18e6c0ebfdcb90eccc2eecff767aaf928a4315d08"],
    [210, 10, 2, "32f2d5fd9dbfc8cd0f3a9fbb238f3d71a66216e850005feb941485215f4c0af4"],
];

const digest = (modules) => {
    const rows = modules.map((row) => row.map((isDark) => (isDark ? "1" : "0")).join(""));
    return createHash("sha256").update(rows.join("\n")).digest("hex");
};

for (const [length, version, mask, expected] of KNOWN) {
    test(`${length} bytes are drawn in version ${version} as another encoder draws them`, () => {
        const text = ADDRESS.slice(0, length);
        assert.equal(qrModules(text)?.length, 17 + 4 * version);
        assert.equal(digest(qrModules(text, mask)), expected);
    });
}

test("what does not fit is not drawn", () => {
    assert.equal(qrModules("a".repeat(213))?.length, 57);
    assert.equal(qrModules("a".repeat(214)), null);
    assert.equal(qrModules("é".repeat(107)), null);
});
