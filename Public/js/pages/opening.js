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
/** @typedef {import("./upload.js").Page} Page */
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

/** Uploads and cards, told of each photo; whoever comes later learns of those that are there already. */
class Followers {
    /** @type {Set<Follower>} */ #all = new Set();
    photos = new Photos({
        onChange: (entry) => {
            for (const one of this.#all) one.enter?.(entry);
        },
        onRemove: (entry) => {
            for (const one of this.#all) one.leave?.(entry);
        },
        isExpected: (image) => [...this.#all].some((one) => one.isExpected?.(image)),
        isShown: (entry) => [...this.#all].every((one) => one.isShown?.(entry) ?? true),
    });

    /** @param {Follower} follower */
    add(follower) {
        this.#all.add(follower);
        for (const entry of this.photos.entries.values()) follower.enter?.(entry);
    }

    /** @param {"held" | "renamed" | "gone" | "owned" | "network" | "back"} what */
    tell(what) {
        for (const one of this.#all) one[what]?.();
    }
}

/** @param {Page} page */
export function openBatch(page) {
    const followers = new Followers();
    const { photos } = followers;
    const session = sessionOf(page, followers);
    page.status.session = session;
    followLifecycle({
        feed: () => session.feed,
        onBack: () => followers.tell("back"),
        onNetwork: () => {
            page.told.showNetwork();
            followers.tell("network");
        },
    });
    insist(document);
    const endNotice = new EndNotice(byID("ending", HTMLElement));
    const showEnd = () => endNotice.show(session.owner ? photos.document : null, session.keepDays);
    followers.add({ renamed: showEnd, owned: showEnd });
    whenSpoken(showEnd);
    return {
        photos,
        session,
        /** Which batch it is: what is given before belongs to that one, too. */
        found: open(page, session, followers),
        tell: followers.tell.bind(followers),
        follow: followers.add.bind(followers),
    };
}

/** @param {Page} page @param {Followers} followers @returns {Session} whose feed tells them of everything */
function sessionOf({ settings, transportChoice, transportBar, ...page }, followers) {
    const { photos } = followers;
    /** @type {Session} */
    const session = new Session({
        photos,
        settings,
        transportChoice,
        onStatus: page.showStatus,
        onMark: () => transportBar.beat(),
        onEvent: ({ type, image }) => {
            if (type === "batch.renamed" || type === "batch.rescheduled") followers.tell("renamed");
            if (type !== "image.failed" && type !== "image.rejected") return;
            const { name, problem } = photos.document.images?.[image] ?? {};
            page.announcer.say(`${name}: ${explain(problem ?? { code: "internal" })}`);
        },
        onGone: () => {
            followers.tell("gone");
            photos.clear();
            showOwner(session, followers);
            page.told.note(t("batch.gone"));
        },
    });
    return session;
}

/** @param {Page} page @param {Session} session @param {Followers} followers */
async function open({ main, told, report }, session, followers) {
    const onTrouble = (/** @type {unknown} */ error) => {
        main.dataset.fill = "none";
        report(error);
    };
    const found = await keepOpening(session, { onTrouble, onEnd: told.clear });
    showOwner(session, followers);
    if (found === "gone") told.note(t("batch.gone"));
    if (!session.canAdd && !session.drop) told.note(t("batch.shared"));
    showGuest(session);
    whenSpoken(() => showGuest(session));
    if (followers.photos.entries.size === 0) main.dataset.fill = "none";
    return found;
}

/** @param {Session} session @param {Followers} followers */
function showOwner(session, followers) {
    document.body.toggleAttribute("data-reading", !session.canAdd);
    followers.tell("owned");
}

/**
 * To a guest: what the photos are for.
 * @param {Session} session
 */
function showGuest({ drop, owner, canAdd }) {
    const line = byID("guest", HTMLElement);
    line.hidden = !drop || owner;
    if (!drop || owner) return;
    const { title, until } = drop;
    const key = canAdd ? "guest.line" : "guest.over";
    line.textContent = t(key, { title, when: words.moment(until) });
    byID("invitation-title", HTMLElement).textContent = title;
    find(document, ".invitation .lede", HTMLElement).textContent = t("guest.lede");
}
