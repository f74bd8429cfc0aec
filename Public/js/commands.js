// @ts-check
/**
 * What can be asked of the photos of a session: over the socket while that is the transport. Where
 * an answer was lost nobody knows whether it was done: so before it is told again, by HTTP, the photo
 * is looked at. To delete one that is cancelled already would remove it.
 */

import * as api from "./api.js";
import { isFinal } from "./photo-view.js";

/** What the socket answers where it is worth looking, and asking by HTTP. */
const NOT_THE_END = new Set(["wrong-state", "too-many-requests"]);
/** A socket takes ten commands a second; so long it is then left alone. */
const REST_MS = 2_000;

/** @param {unknown} error */
const isGone = (error) =>
    error instanceof api.Problem && (error.status === 404 || error.status === 410);

export class Commands {
    #restsUntil = 0;

    /** @param {{batch: string | null, feed: import("./feed.js").Feed | null}} session */
    constructor(session) {
        this.session = session;
    }

    get #batch() {
        return /** @type {string} */ (this.session.batch);
    }

    /**
     * Never removes one that has ended meanwhile.
     * @param {string} image @returns {Promise<void>}
     */
    cancel(image) {
        return this.#tell({ cancel: image }, async () => {
            const { state } = await api.readImage(this.#batch, image);
            if (state === "cancelled") return;
            if (isFinal(state)) throw new api.Problem(409, { code: "wrong-state" });
            await api.deleteImage(this.#batch, image);
        });
    }

    /** @param {string} image @returns {Promise<void>} */
    retry(image) {
        return this.#tell({ retry: image }, async () => {
            const { state } = await api.readImage(this.#batch, image);
            if (state === "failed") await api.retryImage(this.#batch, image);
        });
    }

    /** @param {string} image */
    remove(image) {
        return this.#unlessGone(() => api.deleteImage(this.#batch, image));
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
        const { problem } = reply ?? {};
        if (reply && !problem) return;
        if (problem && !NOT_THE_END.has(problem.code)) {
            throw new api.Problem(problem.status ?? 409, problem);
        }
        await this.#unlessGone(otherwise);
    }

    /**
     * What is no longer there needs nothing more; the feed tells.
     * @param {() => Promise<unknown>} act
     */
    async #unlessGone(act) {
        if (!this.session.batch) return;
        try {
            await act();
        } catch (error) {
            if (!isGone(error)) throw error;
        }
    }

    /** @param {object} command @returns {Promise<any>} null where it could not be asked */
    async #ask(command) {
        if (performance.now() < this.#restsUntil) return null;
        try {
            const reply = (await this.session.feed?.request?.(command)) ?? null;
            if (reply?.problem?.code === "too-many-requests") {
                this.#restsUntil = performance.now() + REST_MS;
            }
            return reply;
        } catch {
            return null;
        }
    }
}
