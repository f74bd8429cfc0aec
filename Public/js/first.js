/**
 * The first seconds of a slow first visit, before the modules are there: the invitation stands at
 * once where no sheet is to be opened and its words are the reader's, and what is dropped or picked
 * early is kept for `early.js`. Runs before the first paint; `session.js` and `i18n.js` own what it
 * reads.
 */
(() => {
    /** @type {File[]} */
    const dropped = [];
    const root = document.documentElement;
    const hold = (/** @type {DragEvent} */ event) => {
        if (!event.dataTransfer?.types.includes("Files")) return;
        event.preventDefault();
        if (event.type === "drop") dropped.push(...event.dataTransfer.files);
    };
    addEventListener("dragover", hold);
    addEventListener("drop", hold);
    root.addEventListener("revela-take", (event) => {
        removeEventListener("dragover", hold);
        removeEventListener("drop", hold);
        /** @type {CustomEvent} */ (event).detail.push(...dropped.splice(0));
    });
    try {
        const { language = "auto" } = JSON.parse(localStorage.getItem("revela.settings") ?? "{}");
        const first = navigator.languages.find((tag) => /^(en|pt)\b/i.test(tag)) ?? "en";
        const isEnglish = language === "en" || (language === "auto" && /^en/i.test(first));
        const isNew = location.search === "?new" || !localStorage.getItem("revela.batch");
        if (location.pathname === "/" && isNew && isEnglish) root.dataset.invited = "";
    } catch {
        // Nothing can be read: the modules will say what there is.
    }
})();
