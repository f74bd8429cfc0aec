// @ts-check
/**
 * Which photos are selected. A range goes from the one that was clicked or toggled last; what is
 * selected goes by key, so that it holds whatever the photo becomes.
 */

/** @typedef {{key: string}} Keyed */

export class Selection {
    /** @type {Set<string>} */ #keys = new Set();
    /** @type {string | null} from where a range goes */ #anchor = null;
    /** @type {Set<string>} what the range from the anchor has added */ #ranged = new Set();

    get size() {
        return this.#keys.size;
    }

    /** @returns {string | null} the key of the one that was selected last, by itself */
    get last() {
        return this.#anchor;
    }

    /** @param {Keyed} one */
    has({ key }) {
        return this.#keys.has(key);
    }

    /** @param {Keyed} one */
    toggle({ key }) {
        if (!this.#keys.delete(key)) this.#keys.add(key);
        this.#begin(key);
    }

    /**
     * All from the anchor to this one, in place of what an earlier range from there had added.
     * @param {Keyed} to
     * @param {readonly Keyed[]} shown in their order
     */
    extend(to, shown) {
        const keys = shown.map(({ key }) => key);
        const end = keys.indexOf(to.key);
        const from = this.#anchor === null ? -1 : keys.indexOf(this.#anchor);
        if (from < 0 || end < 0) return this.#startAt(to.key);
        for (const key of this.#ranged) this.#keys.delete(key);
        const range = keys.slice(Math.min(from, end), Math.max(from, end) + 1);
        this.#ranged = new Set(range.filter((key) => !this.#keys.has(key)));
        for (const key of range) this.#keys.add(key);
    }

    /** @param {readonly Keyed[]} shown */
    all(shown) {
        for (const { key } of shown) this.#keys.add(key);
        this.#ranged.clear();
    }

    clear() {
        this.#keys.clear();
        this.#ranged.clear();
        this.#anchor = null;
    }

    /** @param {Keyed} one that is gone */
    leave({ key }) {
        this.#keys.delete(key);
        this.#ranged.delete(key);
        if (this.#anchor === key) this.#anchor = null;
    }

    /**
     * What is not seen is not selected: nothing is done to it by mistake.
     * @param {(key: string) => boolean} isShown
     */
    keepOnly(isShown) {
        for (const key of [...this.#keys]) if (!isShown(key)) this.leave({ key });
    }

    /** @param {string} key */
    #startAt(key) {
        this.#keys.add(key);
        this.#begin(key);
    }

    /** @param {string} key */
    #begin(key) {
        this.#anchor = key;
        this.#ranged.clear();
    }
}
