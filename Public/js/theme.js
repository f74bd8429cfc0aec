/**
 * Runs before the first paint, which a module cannot: the chosen theme must never flash.
 * `settings-store.js` owns the format it reads.
 */
(() => {
    try {
        const { theme } = JSON.parse(localStorage.getItem("revela.settings") ?? "{}");
        if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
    } catch {
        // Without a readable choice the system's theme is right.
    }
})();
