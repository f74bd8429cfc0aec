// @ts-check
/** What befell the page while it measured: a hidden tab, a lost network. Each from when to when. */

/** @typedef {"hidden" | "offline"} Kind */
/** @typedef {{kind: Kind, from: number, to: number | null}} Mark milliseconds of the run; `to` is
 *   null while it lasts */

export class Marks {
    /** @type {Mark[]} */ all = [];
    #over = new AbortController();

    /** @param {() => number} now */
    constructor(now) {
        this.now = now;
    }

    /** @param {readonly import("./lane.js").Lane[]} lanes told of it, as a page's feed is */
    follow(lanes) {
        const { signal } = this.#over;
        const network = () => {
            this.set("offline", !navigator.onLine);
            for (const { feed } of lanes) feed.network(navigator.onLine);
        };
        const look = () => {
            this.set("hidden", document.hidden);
            if (!document.hidden) for (const { feed } of lanes) feed.wake();
        };
        addEventListener("online", network, { signal });
        addEventListener("offline", network, { signal });
        document.addEventListener("visibilitychange", look, { signal });
        this.set("hidden", document.hidden);
    }

    /** @param {Kind} kind @param {boolean} isSo */
    set(kind, isSo) {
        const open = this.all.find((mark) => mark.kind === kind && mark.to === null);
        if (isSo && !open) this.all.push({ kind, from: this.now(), to: null });
        if (!isSo && open) open.to = this.now();
    }

    end() {
        this.#over.abort();
        for (const mark of this.all) mark.to ??= this.now();
    }
}
