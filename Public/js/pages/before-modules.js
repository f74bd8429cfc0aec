/**
 * What cannot wait for the modules, which on a slow network take seconds: before the first paint the
 * page has its theme, its language and, where no sheet is to be opened, its invitation; what is
 * dropped or picked early is kept for `given-early.js`; the words of that language are fetched ahead; and a module that does not come is asked for again.
 * `settings-store.js`, `i18n.js` and `session.js` own what this reads.
 */
(() => {
    const RETRY_MS = 2_000;
    const root = document.documentElement;
    const show = (/** @type {string} */ id) =>
        document.getElementById(id)?.removeAttribute("hidden");

    /** @type {{settings: any, batch: string | null}} */
    const kept = { settings: {}, batch: null };
    try {
        kept.settings = JSON.parse(localStorage.getItem("revela.settings") ?? "{}") ?? {};
        kept.batch = localStorage.getItem("revela.batch");
    } catch {
        // Nothing can be read: the defaults are right.
    }

    const { theme, density, language = "auto" } = kept.settings;
    if (theme === "dark" || theme === "light") root.dataset.theme = theme;
    if (density === "compact" || density === "roomy") root.dataset.density = density;
    const isNew = new URLSearchParams(location.search).has("new") || !kept.batch;
    // Without scripts the invitation stays, with its form.
    root.dataset.scripted = "";
    if (location.pathname === "/" && isNew) root.dataset.invited = "";

    const first = navigator.languages.find((tag) => /^(en|pt)\b/i.test(tag)) ?? "en";
    if (language === "pt-BR" || (language === "auto" && /^pt/i.test(first))) speakPortuguese();

    /** The few words that are seen at once stand in the page in both languages. */
    function speakPortuguese() {
        root.lang = "pt-BR";
        const put = () => {
            for (const element of document.querySelectorAll("[data-pt]")) {
                const { pt } = /** @type {HTMLElement} */ (element).dataset;
                if (pt && element.textContent !== pt) element.textContent = pt;
            }
        };
        const parsed = new MutationObserver(put);
        parsed.observe(document, { subtree: true, childList: true, characterData: true });
        const end = () => {
            put();
            parsed.disconnect();
        };
        document.addEventListener("readystatechange", end, { once: true });
    }

    // What is given early, in the shape that `dropped-files.js` takes; the browser empties its own.
    /** @type {{items: object[], files: File[]}[]} */
    const given = [];
    const keepItem = (/** @type {any} */ item) => {
        const entry = item.webkitGetAsEntry?.();
        const handle = item.getAsFileSystemHandle?.().catch(() => null);
        return {
            kind: item.kind,
            webkitGetAsEntry: () => entry,
            getAsFileSystemHandle: () => handle,
        };
    };
    const keep = (/** @type {DataTransfer | null} */ transfer) => {
        if (!transfer?.files.length) return;
        const items = Array.from(transfer.items).filter(({ kind }) => kind === "file");
        given.push({ items: items.map(keepItem), files: Array.from(transfer.files) });
        show("given");
    };
    const hold = (/** @type {DragEvent} */ event) => {
        if (!event.dataTransfer?.types.includes("Files")) return;
        event.preventDefault();
        if (event.type === "drop") keep(event.dataTransfer);
    };
    let isPicked = false;
    const picked = (/** @type {Event} */ { target }) => {
        if (!(/** @type {Element} */ (target).matches("input.picker"))) return;
        isPicked = true;
        show("given");
    };
    // Nothing remembers these yet.
    const ask = (/** @type {Event} */ event) => {
        if (isPicked || given.length > 0) event.preventDefault();
    };
    const early = new AbortController();
    const { signal } = early;
    if (/^\/($|batches\/)/.test(location.pathname)) {
        addEventListener("dragenter", hold, { signal });
        addEventListener("dragover", hold, { signal });
        addEventListener("drop", hold, { signal });
        document.addEventListener("paste", (event) => keep(event.clipboardData), { signal });
        addEventListener("change", picked, { signal });
        addEventListener("beforeunload", ask, { signal });
    }
    root.addEventListener("revela-take", (event) => {
        early.abort();
        /** @type {CustomEvent} */ (event).detail.push(...given.splice(0));
    });

    /** @param {string} entry */
    async function again(entry) {
        show("stuck");
        try {
            await import(entry);
            document.getElementById("stuck")?.setAttribute("hidden", "");
        } catch {
            setTimeout(() => again(entry), RETRY_MS);
        }
    }
    const lost = (/** @type {Event} */ { target }) => {
        const { type, src } = /** @type {HTMLScriptElement} */ (target);
        if (type === "module") setTimeout(() => again(src), RETRY_MS);
    };
    // An element's own error does not bubble.
    addEventListener("error", lost, { capture: true });
})();

/** Fetches the words of that language ahead, and of no other, from the folders that the page names. */
(() => {
    const { src, dataset } = /** @type {HTMLScriptElement} */ (document.currentScript);
    for (const folder of dataset.words?.split(" ") ?? []) {
        const link = document.createElement("link");
        link.rel = "modulepreload";
        link.setAttribute("fetchpriority", "high");
        link.href = new URL(`../../${folder}/${document.documentElement.lang}.js`, src).href;
        document.head.append(link);
    }
})();
