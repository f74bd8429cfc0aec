// @ts-check
/** The pictures one may turn to next, fetched before that. */

/** @returns {boolean} whether the reader pays for what is only perhaps looked at */
const saves = () => Boolean(/** @type {any} */ (navigator).connection?.saveData);

export class Neighbours {
    /** @type {Map<string, HTMLImageElement>} the browser keeps what is held here, decoded */
    #held = new Map();

    /** @param {string[]} urls all that are worth it now */
    fetch(urls) {
        if (saves()) return;
        for (const [url, image] of this.#held) {
            if (urls.includes(url)) continue;
            // One that is still on its way takes nobody's place any more.
            if (!image.complete) image.src = "";
            this.#held.delete(url);
        }
        for (const url of urls) {
            if (this.#held.has(url)) continue;
            const image = new Image();
            image.decoding = "async";
            image.setAttribute("fetchpriority", "low");
            image.src = url;
            this.#held.set(url, image);
        }
    }
}
