// @ts-check
/** The page of the reader's own batches: builds its parts, and connects them. */

import * as api from "../base/api.js";
import { byID } from "../base/dom.js";
import { speak, t } from "../base/i18n.js";
import { explainError } from "../base/problems.js";
import { OwnBatches } from "../model/own-batches.js";
import { dress } from "../settings/appearance.js";
import { SettingsStore } from "../settings/settings-store.js";
import { BatchList } from "../ui/batch-list.js";

/** @typedef {import("../base/api.js").OwnBatch} OwnBatch */

const AT_ONCE = 48;

const store = new SettingsStore();
const notice = byID("notice", HTMLElement);
const more = byID("more", HTMLButtonElement);
let own = new OwnBatches(AT_ONCE);
const list = new BatchList(byID("batches", HTMLElement), (act, batch) =>
    perform(() => acts[act](batch)),
);
let isTold = false;

/** @type {Record<"rename" | "delete", (batch: OwnBatch) => Promise<void>>} */
const acts = {
    async rename({ id, name = "" }) {
        const { askName } = await import("../ui/name-dialog.js");
        const wish = await askName(name);
        if (wish === undefined) return;
        const { document } = await api.renameBatch(id, wish);
        own.rename(id, document.name);
        show();
        list.focus(id, "[data-act=rename]");
    },
    async delete({ id, images: count }) {
        const { ask } = await import("../ui/dialogs.js");
        if (!(await ask({ about: "delete", count }))) return;
        const { forgetDeleted } = await import("../model/deleted-batch.js");
        await api.deleteBatch(id).catch(unlessGone);
        forgetDeleted(id);
        const at = own.known.findIndex((one) => one.id === id);
        own.leave(id);
        show();
        const next = own.known[at] ?? own.known.at(-1);
        if (next) list.focus(next.id, ".title");
        else byID("title", HTMLElement).focus();
    },
};

/** @param {unknown} error what is gone already is what was wanted */
function unlessGone(error) {
    if (!api.isGone(error)) throw error;
}

/** A manage link stands behind `#` of the address: it is taken once the reader agrees, and leaves it then. */
async function takeManageLink() {
    const secret = location.hash.slice(1);
    if (!secret.startsWith("m_")) return;
    const { ask } = await import("../ui/dialogs.js");
    const agrees = await ask({ about: "manage" });
    if (agrees) await api.takeManageLink(secret);
    history.replaceState(null, "", location.pathname);
    if (!agrees) return;
    own = new OwnBatches(AT_ONCE);
    await load();
    tell(t("manage.taken"));
}

function show() {
    list.show(own.known);
    byID("manage", HTMLElement).hidden = own.known.length === 0;
    byID("none", HTMLElement).hidden = !isTold || own.known.length > 0;
    more.hidden = own.isWhole || !isTold;
}

/** @param {string} text */
function tell(text) {
    notice.textContent = text;
    notice.hidden = false;
}

/** @param {() => Promise<void>} act */
async function perform(act) {
    notice.hidden = true;
    try {
        await act();
    } catch (error) {
        tell(explainError(error));
    }
}

async function load() {
    const before = own.known.length;
    await own.more(AT_ONCE);
    isTold = true;
    show();
    return before;
}

async function translateAll() {
    await speak(store.current.language);
    document.title = `${t("batches.title")} · Revela`;
    dress(store.current);
    show();
}

more.addEventListener("click", () =>
    perform(async () => {
        const before = await load();
        const next = own.known[before];
        if (next) list.focus(next.id, ".title");
    }),
);
await translateAll();
store.follow(translateAll);
// Back from a batch the list may have changed.
addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
byID("manage", HTMLElement).addEventListener("click", () =>
    perform(async () => {
        const { showManageLink } = await import("../ui/manage-dialog.js");
        await showManageLink();
    }),
);
addEventListener("hashchange", () => perform(takeManageLink));
await perform(async () => {
    await load();
});
await perform(takeManageLink);
