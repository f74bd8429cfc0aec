// @ts-check
/** What this server takes, and the line of help that says so. */

import { capabilities } from "../base/api.js";
import { formatName } from "../model/format-names.js";
import { t, words } from "../base/i18n.js";

export class Limits {
    /** @type {any} */ #capabilities = null;

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
        if (!this.current) return;
        const formats = (this.#capabilities.formats?.input ?? []).map(formatName).join(", ");
        const size = words.bytes(this.current.fileBytes);
        this.line.textContent = t("intake.limits", { formats, size });
    }
}
