// @ts-check
/** What this server takes, and the line of help that says so. */

import { capabilities } from "../base/api.js";
import { formatName } from "../model/format-names.js";
import { t, words } from "../base/i18n.js";

export class Limits {
    /** @type {import("../model/types.js").Capabilities | null} */ #capabilities = null;

    /** @param {HTMLElement} line */
    constructor(line) {
        this.line = line;
    }

    /** Undefined until the server has told. */
    get current() {
        return this.#capabilities?.limits;
    }

    async load() {
        try {
            this.#capabilities = await capabilities();
            this.show();
        } catch {
            // Without the limits the server still refuses by itself; the line stays empty.
        }
    }

    /** Also called when the language changes. */
    show() {
        if (!this.#capabilities) return;
        const { formats: known, limits } = this.#capabilities;
        const formats = known.input.map(formatName).join(", ");
        const size = words.bytes(limits.fileBytes);
        this.line.textContent = t("intake.limits", { formats, size });
    }
}
