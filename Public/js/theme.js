/**
 * Runs before the first paint, which a module cannot: the chosen theme must never flash, and the
 * prints never change their size. `settings-store.js` owns the format it reads, `appearance.js`
 * follows later changes.
 */
(() => {
    try {
        const { theme, density } = JSON.parse(localStorage.getItem("revela.settings") ?? "{}");
        const { dataset } = document.documentElement;
        if (theme === "dark" || theme === "light") dataset.theme = theme;
        if (density === "compact" || density === "roomy") dataset.density = density;
    } catch {
        // Without a readable choice the system's theme is right.
    }
})();
