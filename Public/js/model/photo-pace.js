// @ts-check
/** How quickly the bytes of one photo leave this browser, and how long the rest of them take. */

/** @typedef {{bytesPerSecond: number, secondsLeft: number}} Told */

/** Before that, a speed is chance. */
const SILENT_SECONDS = 2;
/** Between two measurements. */
const STEP_SECONDS = 0.5;
/** Longer estimates say nothing but that it is slow. */
const LONGEST_SECONDS = 24 * 3_600;

/** What was longer ago counts less and less. */
const REMEMBERED_SECONDS = 8;

/** Bytes a second: an average of which the last seconds count most. */
export class Rate {
    #moved = 0;
    #seconds = 0;
    #bytes = 0;

    /** @param {number} bytes where it stands now */
    begin(bytes) {
        this.#bytes = bytes;
    }

    /** @param {number} bytes @param {number} elapsed seconds */
    measure(bytes, elapsed) {
        const kept = Math.exp(-elapsed / REMEMBERED_SECONDS);
        // Fewer than before: a photo has left.
        this.#moved = this.#moved * kept + Math.max(0, bytes - this.#bytes);
        this.#seconds = this.#seconds * kept + elapsed;
        this.#bytes = bytes;
    }

    /** @returns {number} */
    get bytesPerSecond() {
        return this.#seconds > 0 ? this.#moved / this.#seconds : 0;
    }

    /** @param {number} bytes @returns {number} seconds they take; not finite while that is unknown */
    secondsFor(bytes) {
        return bytes === 0 ? 0 : (bytes * this.#seconds) / this.#moved;
    }
}

export class PhotoPace {
    #rate = new Rate();
    #sent;
    #size;
    #began;
    #measured;

    /** @param {number} sent bytes @param {number} size @param {number} now seconds */
    constructor(sent, size, now) {
        this.#sent = sent;
        this.#size = size;
        this.#began = now;
        this.#measured = now;
        this.#rate.begin(sent);
    }

    /** @param {number} sent bytes by now @param {number} now seconds */
    follow(sent, now) {
        this.#sent = sent;
        this.#measure(now);
    }

    /** @param {number} now seconds @returns {Told | null} null where nobody can say */
    at(now) {
        // That nothing has left for a while makes it slower, too.
        this.#measure(now);
        const left = this.#size - this.#sent;
        if (left <= 0 || now - this.#began <= SILENT_SECONDS) return null;
        const { bytesPerSecond } = this.#rate;
        const seconds = this.#rate.secondsFor(left);
        if (bytesPerSecond < 1 || !(seconds < LONGEST_SECONDS)) return null;
        return { bytesPerSecond, secondsLeft: Math.max(1, Math.ceil(seconds)) };
    }

    /** @param {number} now */
    #measure(now) {
        if (now - this.#measured < STEP_SECONDS) return;
        this.#rate.measure(this.#sent, now - this.#measured);
        this.#measured = now;
    }
}
