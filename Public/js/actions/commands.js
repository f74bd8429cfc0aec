// @ts-check
/**
 * What can be asked of the photos of a session: over the socket while that is the transport. Where
 * an answer was lost nobody knows whether it was done: so it is told again, by HTTP and under the
 * same key, which means the same. Another page may have done it: where it is refused, the photo is
 * looked at.
 */

import * as api from "../base/api.js";

/** What the socket answers where it is worth asking by HTTP. */
const NOT_THE_END = new Set(["wrong-state", "too-many-requests"]);
/** A socket takes ten commands a second; so long it is then left alone. */
const REST_MS = 2_000;

export class Commands {
    #restsUntil = 0;

    /** @param {{batch: string | null, feed: import("../feed/feed.js").Feed | null}} session */
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
        const isDone = (/** @type {string} */ state) => state === "cancelled";
        return this.#tell({ cancel: image }, image, api.cancelImage, isDone);
    }

    /** @param {string} image @returns {Promise<void>} */
    retry(image) {
        const isDone = (/** @type {string} */ state) => state !== "failed";
        return this.#tell({ retry: image }, image, api.retryImage, isDone);
    }

    /** @param {string} image */
    remove(image) {
        return this.#unlessGone(() => api.deleteImage(this.#batch, image, api.newKey()));
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

    /**
     * @param {object} command for the socket
     * @param {string} image
     * @param {(batch: string, image: string, key: string) => Promise<unknown>} act the same by HTTP
     * @param {(state: string) => boolean} isDone whether a photo in this state needs it no more
     */
    async #tell(command, image, act, isDone) {
        const key = api.newKey();
        const reply = await this.#ask({ ...command, key });
        const { problem } = reply ?? {};
        if (reply && !problem) return;
        if (problem && !NOT_THE_END.has(problem.code)) {
            throw new api.Problem(problem.status ?? 409, problem);
        }
        await this.#unlessGone(async () => {
            try {
                await act(this.#batch, image, key);
            } catch (error) {
                const isLate = error instanceof api.Problem && error.code === "wrong-state";
                const found = isLate ? await api.readImage(this.#batch, image) : null;
                if (!found || !isDone(found.state)) throw error;
            }
        });
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
            if (!api.isGone(error)) throw error;
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
