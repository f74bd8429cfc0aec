// @ts-check
/**
 * The upload page, in stages (`docs/decisions/0033-stages.md`): first all that the empty page shows and does, here; then the
 * batch, the uploads and the cards, each as its modules come. It connects them. No rule lives here.
 */

import { byID, find, listen } from "../base/dom.js";
import { speak, t, whenSpoken } from "../base/i18n.js";
import { keepLoading } from "../base/keep-loading.js";
import { once, onceAFrame } from "../base/once.js";
import { explainError } from "../base/problems.js";
import { TransportChoice } from "../feed/transport-choice.js";
import { dress } from "../settings/appearance.js";
import { CHOICES, SettingsStore } from "../settings/settings-store.js";
import { Announcer } from "../ui/announcer.js";
import { FeedStatus } from "../ui/feed-status.js";
import { notices } from "../ui/notices.js";
import { sendingChoice } from "../ui/sending-choice.js";
import { TransportBar } from "../ui/transport-bar.js";
import { expose } from "./exposed.js";
import { offerKeyHelp } from "./key-help.js";
import { onSettings } from "./page-address.js";

/** @typedef {typeof page} Page */
/** @typedef {ReturnType<typeof import("./opening.js").openBatch>} Batch */

const main = byID("main", HTMLElement);
const transportBar = find(document, "transport-bar", TransportBar);
const proof = find(document, "proof-line", HTMLElement);

const settings = new SettingsStore();
const transportChoice = new TransportChoice(settings);
/** @type {Batch | null} */
let opened = null;
expose(settings, () => opened);
await speak(settings.current.language);

const announcer = new Announcer(byID("announcer", HTMLElement));
const told = notices(announcer);
const status = new FeedStatus({ transportChoice, settings, transportBar, proof });
const showStatus = onceAFrame(() => status.show());
/** @type {Set<(sentence: string) => void>} who else says what went wrong */
const listeners = new Set();

/** @param {unknown} error */
function report(error) {
    const sentence = explainError(error);
    told.note(sentence);
    for (const say of listeners) say(sentence);
}

/** @param {() => unknown} act */
async function perform(act) {
    told.clear();
    try {
        await act();
    } catch (error) {
        report(error);
    }
}

transportChoice.follow(showStatus);
listen(transportBar, "choose", (choice) => transportChoice.choose(choice));
listen(transportBar, "join", () => transportChoice.join());
listen(transportBar, "trouble", report);
status.show();

const showSending = sendingChoice(
    byID("sending", HTMLFieldSetElement),
    byID("release", HTMLElement),
    settings,
);

const settingsOverlay = once(async () => {
    const { SettingsOverlay } = await import("../settings/settings-overlay.js");
    return new SettingsOverlay(byID("settings-over", HTMLDialogElement), settings);
});
onSettings(() => perform(async () => (await settingsOverlay()).open()));
offerKeyHelp(perform);
told.showNetwork();
if (transportChoice.unknown)
    told.note(t("updates.unknown", { name: transportChoice.unknown, names: CHOICES.join(", ") }));

whenSpoken(() => {
    showSending();
    showStatus();
    told.showUnfinished();
});
settings.follow((now, before) => {
    if (now.language !== before.language) void speak(now.language);
    dress(now);
});
performance.mark("controls");

const page = {
    main,
    settings,
    transportChoice,
    transportBar,
    status,
    showStatus,
    announcer,
    told,
    report,
    perform,
    /** @param {(sentence: string) => void} say */
    onTrouble: (say) => listeners.add(say),
};

// The server has the browser fetch these ahead in this order, on the page of a batch the cards first
// (`data-batch-first` in `index.html`). Each is connected as it comes.
const batch = keepLoading(() => import("./opening.js")).then(({ openBatch }) => {
    opened = openBatch(page);
    return opened;
});
const uploads = keepLoading(() => import("./uploading.js")).then(async ({ takeUploads }) =>
    takeUploads(page, await batch),
);
keepLoading(() => import("./showing.js")).then(async ({ showPhotos }) =>
    showPhotos(page, await batch, uploads),
);
