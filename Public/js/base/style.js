// @ts-check
/**
 * The style of a part that is not seen at the first paint: it comes with the part. A page that will need it
 * soon has the browser fetch it ahead, by `rel="preload"`, or after all else by `media="not all"`.
 */

/** @type {Map<string, Promise<void>>} */
const asked = new Map();

/**
 * @param {string} name of a file in `css/`
 * @returns {Promise<void>} once it is there; one that does not come is asked for anew the next time
 */
export function loadStyle(name) {
    const known = asked.get(name) ?? load(new URL(`../../css/${name}.css`, import.meta.url).href);
    asked.set(name, known);
    known.catch(() => asked.delete(name));
    return known;
}

/** @param {string} href @returns {Promise<void>} */
function load(href) {
    /** @type {NodeListOf<HTMLLinkElement>} */
    const links = document.querySelectorAll("link[rel=stylesheet]");
    const ahead = [...links].find((link) => link.href === href);
    if (ahead?.sheet) {
        ahead.media = "all";
        return Promise.resolve();
    }
    // Whether it is still on its way or was lost on it, nothing says: a new one tells.
    ahead?.remove();
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = href;
    const loaded = new Promise((resolve, reject) => {
        link.addEventListener("load", () => resolve(undefined));
        link.addEventListener("error", () => {
            link.remove();
            reject(new Error(`${href} did not load`));
        });
    });
    document.head.append(link);
    return /** @type {Promise<void>} */ (loaded);
}
