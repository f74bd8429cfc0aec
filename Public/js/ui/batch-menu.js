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
     * @param {{offers: Record<string, boolean>, archive: string | null, originals: string | null}} what `offers`
     *   by action; the addresses of the versions' archive and of the originals'
     */
    show({ offers, archive, originals }) {
        for (const button of this.querySelectorAll("[data-act]")) {
            const { dataset, parentElement } = /** @type {HTMLElement} */ (button);
            if (parentElement) parentElement.hidden = !offers[dataset.act ?? ""];
        }
        for (const link of this.querySelectorAll("a[download]")) {
            const isOriginals = link.matches("[data-of=originals]");
            const address = isOriginals ? originals : archive;
            if (address) link.setAttribute("href", address);
            if (link.parentElement) link.parentElement.hidden = address === null;
        }
    }
}

customElements.define("batch-menu", BatchMenu);
