// @ts-check
/**
 * The upload page's batch: which one it is, and what is known of it. Uploads and cards follow it, whichever of
 * them comes first.
 */

import { byID, find } from "../base/dom.js";
import { t, whenSpoken, words } from "../base/i18n.js";
import { explain } from "../base/problems.js";
import { Photos } from "../model/photos.js";
import { Session } from "../model/session.js";
import { EndNotice } from "../ui/end-notice.js";
import { insist } from "../pictures/reload-broken.js";
import { keepOpening } from "./keep-opening.js";
import { followLifecycle } from "./lifecycle.js";

/** @typedef {import("../model/photos.js").Entry} Entry */
/**
 * @typedef {object} Follower
 * @property {(entry: Entry) => void} [enter] a photo that is new, or changed; also for each that is there already
 * @property {(entry: Entry) => void} [leave]
 * @property {(image: {size: number}) => boolean} [isExpected] see `Photos`
 * @property {(entry: Entry) => boolean} [isShown] likewise
 * @property {() => void} [held] other files are held than before
 * @property {() => void} [renamed] the batch has another name, or another end
 * @property {() => void} [gone] the batch is no more
 * @property {() => void} [owned] whose batch it is may have changed
 * @property {() => void} [network] it came, or went
 * @property {() => void} [back] the page was frozen, and others were not
 */

/** @param {import("./upload.js").Page} page */
export function openBatch({ main, settings, transportChoice, transportBar, status, ...page }) {
    const { told, announcer, report, showStatus } = page;
    /** @type {Set<Follower>} */
    const followers = new Set();
    const tell = (
        /** @type {"held" | "renamed" | "gone" | "owned" | "network" | "back"} */ what,
    ) => {
        for (const one of followers) one[what]?.();
    };

    /** @type {Photos} */
    const photos = new Photos({
        onChange: (entry) => {
            for (const one of followers) one.enter?.(entry);
        },
        onRemove: (entry) => {
            for (const one of followers) one.leave?.(entry);
        },
        isExpected: (image) => [...followers].some((one) => one.isExpected?.(image)),
        isShown: (entry) => [...followers].every((one) => one.isShown?.(entry) ?? true),
    });

    /** @type {Session} */
    const session = new Session({
        photos,
        settings,
        transportChoice,
        onStatus: showStatus,
        onMark: () => transportBar.beat(),
        onEvent: ({ type, image }) => {
            if (type === "batch.renamed" || type === "batch.rescheduled") tell("renamed");
            if (type.startsWith("batch.")) showEnd();
            if (type !== "image.failed" && type !== "image.rejected") return;
            const { name, problem } = photos.document.images?.[image] ?? {};
            announcer.say(`${name}: ${explain(problem ?? { code: "internal" })}`);
        },
        onGone: () => {
            tell("gone");
            photos.clear();
            showOwner();
            showEnd();
            told.note(t("batch.gone"));
        },
    });
    status.session = session;

    followLifecycle({
        feed: () => session.feed,
        onBack: () => tell("back"),
        onNetwork: () => {
            told.showNetwork();
            tell("network");
        },
    });
    insist(document);

    function showOwner() {
        document.body.toggleAttribute("data-reading", !session.canAdd);
        tell("owned");
    }

    /** To a guest: what the photos are for. */
    function showGuest() {
        const { drop, owner, canAdd } = session;
        const line = byID("guest", HTMLElement);
        line.hidden = !drop || owner;
        if (!drop || owner) return;
        const { title, until } = drop;
        const key = canAdd ? "guest.line" : "guest.over";
        line.textContent = t(key, { title, when: words.moment(until) });
        byID("invitation-title", HTMLElement).textContent = title;
        find(document, ".invitation .lede", HTMLElement).textContent = t("guest.lede");
    }

    const endNotice = new EndNotice(byID("ending", HTMLElement));
    function showEnd() {
        endNotice.show(session.owner ? photos.document : null, session.keepDays);
    }

    async function open() {
        const onTrouble = (/** @type {unknown} */ error) => {
            main.dataset.fill = "none";
            report(error);
        };
        const found = await keepOpening(session, { onTrouble, onEnd: told.clear });
        showOwner();
        if (found === "gone") told.note(t("batch.gone"));
        if (!session.canAdd && !session.drop) told.note(t("batch.shared"));
        showGuest();
        showEnd();
        whenSpoken(() => {
            showGuest();
            showEnd();
        });
        if (photos.entries.size === 0) main.dataset.fill = "none";
        return found;
    }

    return {
        photos,
        session,
        /** Which batch it is: what is given before belongs to that one, too. */
        found: open(),
        tell,
        /** @param {Follower} follower */
        follow(follower) {
            followers.add(follower);
            for (const entry of photos.entries.values()) follower.enter?.(entry);
        },
    };
}
