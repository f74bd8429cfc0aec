// @ts-check
/** What can be done with the whole sheet: a list that opens, and offers only what makes sense now. */

export class BatchMenu extends HTMLElement {
    connectedCallback() {
        const details = this.#details;
        this.addEventListener("click", ({ target }) => {
            const chosen = /** @type {Element} */ (target).closest("[data-act], a");
            if (!chosen) return;
            details.open = false;
            const { act } = /** @type {HTMLElement} */ (chosen).dataset;
            if (!act) return;
            this.dispatchEvent(new CustomEvent("batch-action", { bubbles: true, detail: act }));
        });
        this.addEventListener("keydown", (event) => {
            if (event.key !== "Escape" || !details.open) return;
            event.preventDefault();
            details.open = false;
            this.querySelector("summary")?.focus();
        });
        document.addEventListener("pointerdown", ({ target }) => {
            if (!this.contains(/** @type {Node} */ (target))) details.open = false;
        });
        this.addEventListener("focusout", ({ relatedTarget }) => {
            const next = /** @type {Node | null} */ (relatedTarget);
            if (next && !this.contains(next)) details.open = false;
        });
    }

    get #details() {
        return /** @type {HTMLDetailsElement} */ (this.querySelector("details"));
    }

    /**
     * @param {{offers: Record<string, boolean>, archive: string | null}} what `offers` by action
     */
    show({ offers, archive }) {
        for (const button of this.querySelectorAll("[data-act]")) {
            const { dataset, parentElement } = /** @type {HTMLElement} */ (button);
            if (parentElement) parentElement.hidden = !offers[dataset.act ?? ""];
        }
        for (const link of this.querySelectorAll("a[download]")) {
            if (archive) link.setAttribute("href", archive);
            if (link.parentElement) link.parentElement.hidden = archive === null;
        }
    }
}

customElements.define("batch-menu", BatchMenu);
