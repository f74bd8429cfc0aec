// @ts-check
/** What can be asked of the photos of a session: over the socket while that is the transport. */

import * as api from "./api.js";

export class Commands {
    /** @param {{batch: string | null, feed: import("./feed.js").Feed | null}} session */
    constructor(session) {
        this.session = session;
    }

    get #batch() {
        return /** @type {string} */ (this.session.batch);
    }

    /** @param {string} image @returns {Promise<void>} */
    cancel(image) {
        return this.#tell({ cancel: image }, () => api.deleteImage(this.#batch, image));
    }

    /** @param {string} image @returns {Promise<void>} */
    retry(image) {
        return this.#tell({ retry: image }, () => api.retryImage(this.#batch, image));
    }

    /** @param {string} image */
    async remove(image) {
        if (this.session.batch) await api.deleteImage(this.session.batch, image);
    }

    /**
     * @param {string} image
     * @returns {Promise<{image: any, via: "websocket" | "http"}>}
     */
    async info(image) {
        const reply = await this.#ask({ info: image });
        if (reply?.image) return { image: reply.image, via: "websocket" };
        const answer = await api.readImage(this.#batch, image);
        return { image: answer.image ?? answer, via: "http" };
    }

    /** @param {object} command @param {() => Promise<unknown>} otherwise */
    async #tell(command, otherwise) {
        const reply = await this.#ask(command);
        if (reply?.problem) throw new api.Problem(reply.problem.status ?? 409, reply.problem);
        if (!reply) await otherwise();
    }

    /** @param {object} command @returns {Promise<any>} null where it could not be asked */
    async #ask(command) {
        try {
            return (await this.session.feed?.request?.(command)) ?? null;
        } catch {
            return null;
        }
    }
}
