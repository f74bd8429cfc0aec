// @ts-check
/** Messages in the order they came, for one reader. */

/** @template Message */
export class Inbox {
    /**
     * How it ended.
     * @type {any}
     */
    why = null;
    /** @type {Message[]} */ #waiting = [];
    #ended = false;
    #wake = () => {};

    /** @param {Message} message */
    push(message) {
        this.#waiting.push(message);
        this.#wake();
    }

    /** @param {any} why what came before is still read */
    end(why) {
        if (this.#ended) return;
        this.why = why;
        this.#ended = true;
        this.#wake();
    }

    async *[Symbol.asyncIterator]() {
        while (true) {
            while (this.#waiting.length > 0) yield/** @type {Message} */ (this.#waiting.shift());
            if (this.#ended) return;
            await new Promise((resolve) => {
                this.#wake = () => resolve(undefined);
            });
        }
    }
}
