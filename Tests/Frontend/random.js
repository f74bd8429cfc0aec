/** Chance that can be had again: tests print the seed. */

import { randomInt } from "node:crypto";

/** @returns {{random: () => number, seed: number}} `random`: 0…1, by mulberry32 */
export function randomOf(seed = Number(process.env.REVELA_TEST_SEED ?? randomInt(2 ** 32 - 1))) {
    let state = seed;
    const random = () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
    return { random, seed };
}
