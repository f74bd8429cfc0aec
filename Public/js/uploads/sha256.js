// @ts-check
/**
 * SHA-256 (FIPS 180-4) of bytes that come in pieces. The browser's own hashes only what is whole in
 * memory, and not at all on plain http.
 */

const BLOCK = 64;
/** The first 32 bits of the fractional parts of the square roots of the first 8 primes (5.3.3). */
const START = roots(8, 1 / 2);
/** … and of the cube roots of the first 64 primes (4.2.2). */
const K = roots(64, 1 / 3);

/** @param {number} count @param {number} power */
function roots(count, power) {
    const words = new Int32Array(count);
    for (let found = 0, number = 2; found < count; number += 1) {
        if (!isPrime(number)) continue;
        const root = number ** power;
        words[found] = ((root - Math.floor(root)) * 2 ** 32) | 0;
        found += 1;
    }
    return words;
}

/** @param {number} number */
function isPrime(number) {
    for (let factor = 2; factor * factor <= number; factor += 1) {
        if (number % factor === 0) return false;
    }
    return true;
}

export class Sha256 {
    #state = Int32Array.from(START);
    #block = new Uint8Array(BLOCK);
    /** Bytes of `#block` that wait for the rest of it. */
    #filled = 0;
    #length = 0;
    #schedule = new Int32Array(64);

    /** @param {Uint8Array} bytes */
    update(bytes) {
        this.#length += bytes.length;
        let at = 0;
        if (this.#filled > 0) {
            at = Math.min(BLOCK - this.#filled, bytes.length);
            this.#block.set(bytes.subarray(0, at), this.#filled);
            this.#filled += at;
            if (this.#filled < BLOCK) return;
            this.#compress(this.#block, 0);
        }
        for (; at + BLOCK <= bytes.length; at += BLOCK) this.#compress(bytes, at);
        this.#block.set(bytes.subarray(at));
        this.#filled = bytes.length - at;
    }

    /** Ends it. @returns {Uint8Array} 32 bytes */
    digest() {
        const bits = this.#length * 8;
        const padding = new Uint8Array(((119 - (this.#length % BLOCK)) % BLOCK) + 9);
        const tail = new DataView(padding.buffer, padding.length - 8);
        padding[0] = 0x80;
        tail.setUint32(0, Math.floor(bits / 2 ** 32));
        tail.setUint32(4, bits >>> 0);
        this.update(padding);
        const digest = new DataView(new ArrayBuffer(32));
        this.#state.forEach((word, index) => {
            digest.setInt32(index * 4, word);
        });
        return new Uint8Array(digest.buffer);
    }

    /**
     * One block (6.2.2). Plain shifts and adds on 32-bit integers, which engines compile to just that.
     * @param {Uint8Array} bytes @param {number} at
     */
    #compress(bytes, at) {
        const w = this.#schedule;
        for (let t = 0, i = at; t < 16; t += 1, i += 4) {
            w[t] = (bytes[i] << 24) | (bytes[i + 1] << 16) | (bytes[i + 2] << 8) | bytes[i + 3];
        }
        for (let t = 16; t < 64; t += 1) {
            const x = w[t - 15];
            const y = w[t - 2];
            const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
            const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
            w[t] = (w[t - 16] + s0 + w[t - 7] + s1) | 0;
        }
        const state = this.#state;
        let a = state[0];
        let b = state[1];
        let c = state[2];
        let d = state[3];
        let e = state[4];
        let f = state[5];
        let g = state[6];
        let h = state[7];
        for (let t = 0; t < 64; t += 1) {
            const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
            const one = (h + s1 + ((e & f) ^ (~e & g)) + K[t] + w[t]) | 0;
            const s0 =
                ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
            const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
            h = g;
            g = f;
            f = e;
            e = (d + one) | 0;
            d = c;
            c = b;
            b = a;
            a = (one + two) | 0;
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }
}
