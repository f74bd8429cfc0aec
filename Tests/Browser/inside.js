/**
 * `window.revela`, what the upload page knows, for tests: taken from the page's own entry, which a browser runs once however
 * often it is imported. Run in each page before its own scripts, or after them.
 */
(() => {
    let page = null;
    let batch = null;
    const session = () => batch?.session;
    const photos = () => batch?.photos;
    window.revela = Object.freeze({
        get events() {
            return session()?.events ?? [];
        },
        get document() {
            return photos()?.document ?? {};
        },
        get live() {
            return photos()?.live ?? {};
        },
        get batch() {
            return session()?.batch ?? null;
        },
        get cursor() {
            return session()?.feed?.machine.cursor ?? null;
        },
        get transport() {
            return session()?.feed?.machine.current?.transport ?? null;
        },
        get state() {
            return session()?.feed?.machine.state ?? "idle";
        },
        get ledger() {
            return session()?.feed?.machine.ledger ?? null;
        },
        get feed() {
            return session()?.feed ?? null;
        },
        get traffic() {
            return session()?.traffic ?? null;
        },
        get settings() {
            return page?.settings.current ?? null;
        },
        get photos() {
            return photos()?.entries.size ?? 0;
        },
    });

    async function lookInside() {
        const entry = document.querySelector('script[type="module"][src$="/pages/upload.js"]');
        if (!entry) return;
        const uploadPage = await import(entry.src);
        page = uploadPage.page;
        batch = await uploadPage.batch;
    }
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", lookInside);
    else lookInside();
})();
