// @ts-check
/**
 * A batch whose owner is known by a token, and not by the reader's cookie: a proxy that does not
 * hand the page's own address on makes every change with the cookie one from a foreign page.
 */

import { BATCHES, batchURL, imagesURL } from "../base/addresses.js";
import { Problem } from "../base/api.js";
import { fetchInTime } from "../base/deadline.js";
import { metadata } from "../uploads/upload-decisions.js";

const ANONYMOUS = /** @type {const} */ ({ credentials: "omit", cache: "no-store" });

export class OwnBatch {
    /** @param {string} id @param {string} cursor @param {string} token */
    constructor(id, cursor, token) {
        this.id = id;
        this.cursor = cursor;
        this.token = token;
    }

    static async make() {
        const answer = await fetchInTime(BATCHES, { method: "POST", ...ANONYMOUS });
        if (!answer.ok) throw await Problem.from(answer);
        const { document, cursor, ownerToken } = await answer.json();
        return new OwnBatch(document.id, cursor, ownerToken);
    }

    /**
     * Announces a photo: a change that every stream is told of.
     * @param {File} file
     * @returns {Promise<{status: number, url: string | null}>} where its bytes may be sent
     */
    async announce({ name, type, size }) {
        const answer = await this.#ask("POST", imagesURL(this.id), {
            "Tus-Resumable": "1.0.0",
            "Upload-Length": String(size),
            "Upload-Metadata": metadata({ filename: name, filetype: type }),
        });
        return { status: answer.status, url: answer.headers.get("Location") };
    }

    async remove() {
        try {
            await this.#ask("DELETE", batchURL(this.id));
        } catch {
            // It stays, and its uploads expire as those of everybody who left.
        }
    }

    /** @param {string} method @param {string} path @param {Record<string, string>} [fields] */
    #ask(method, path, fields = {}) {
        const headers = { Authorization: `Bearer ${this.token}`, ...fields };
        return fetchInTime(path, { method, headers, ...ANONYMOUS });
    }
}
