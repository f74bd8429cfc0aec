// @ts-check
/** The comparing page: which ways, a run of them, and what came of it. */

import { dress } from "../settings/appearance.js";
import * as api from "../base/api.js";
import { speak, t, teach, words } from "../base/i18n.js";
import { explainError } from "../base/problems.js";
import { SettingsStore } from "../settings/settings-store.js";
import { Clocks } from "../lab/clocks.js";
import { signOf } from "../lab/drawing.js";
import { KINDS } from "../lab/faults.js";
import { figuresOf } from "../lab/figures.js";
import { recordOf } from "../lab/record.js";
import { Results } from "../lab/results.js";
import { RouteView } from "../lab/route-view.js";
import { Run } from "../lab/run.js";
import { Runs } from "../lab/runs.js";
import { FIRST, WAYS } from "../lab/ways.js";
import { time } from "../lab/words.js";

/** @typedef {import("../lab/record.js").RunRecord} RunRecord */

/** Lanes are drawn so often, and all else so seldom, that drawing delays no news by much. */
const LANES_MS = 200;
const ALL_MS = 2_000;

teach({
    en: () => import("../../i18n/lab/en.js"),
    "pt-BR": () => import("../../i18n/lab/pt-BR.js"),
});
const store = new SettingsStore();
const calm = matchMedia("(prefers-reduced-motion: reduce)");
/** @param {string} id @returns {any} */
const byID = (id) => document.getElementById(id);

const form = /** @type {HTMLFormElement} */ (byID("choose"));
const state = /** @type {HTMLElement} */ (byID("state"));
const results = new Results();
const runs = new Runs((record) => show(record));
const route = new RouteView((isBusy) => setDisabled(isBusy));
/** @type {Run | null} */ let running = null;
/** @type {readonly File[] | null} */ let lastPhotos = null;

/** @param {import("../lab/ways.js").Way} way */
function wayChoice({ id }) {
    const choice = byID("way-template").content.cloneNode(true);
    const input = choice.querySelector("input");
    input.value = id;
    input.checked = FIRST.some((first) => first === id);
    choice.querySelector(".sign").textContent = signOf(id);
    choice.firstElementChild.dataset.lane = id;
    choice.querySelector(".title").dataset.i18n = `lab.way.${id}`;
    choice.querySelector(".text").dataset.i18n = `lab.way.${id}.text`;
    return choice;
}

/** @param {string} kind */
function faultChoice(kind) {
    const choice = byID("fault-template").content.cloneNode(true);
    choice.querySelector("input").value = kind;
    choice.querySelector(".title").dataset.i18n = `lab.fault.${kind}`;
    choice.querySelector(".text").dataset.i18n = `lab.fault.${kind}.text`;
    return choice;
}

/** A server makes faults where it was told to; where it was not, nothing here speaks of them. */
async function offerFaults() {
    /** @type {import("../model/types.js").Capabilities} */
    const { faults = [] } = await api.capabilities();
    const known = faults.filter((kind) => KINDS.includes(kind));
    byID("fault-choices").append(...known.map(faultChoice));
    words.translate(byID("faults"));
    byID("faults").hidden = known.length === 0;
}

function chosenFaults() {
    const kinds = /** @type {string[]} */ (new FormData(form).getAll("fault"));
    return { kinds, seconds: byID("fault-seconds").valueAsNumber };
}

function chosen() {
    const ids = new FormData(form).getAll("way");
    return WAYS.filter(({ id }) => ids.includes(id));
}

/** @param {RunRecord} record */
function show(record) {
    results.begin(record.lanes.map(({ id }) => id));
    results.show(record);
    state.textContent = verdictOf(record);
}

/** @param {RunRecord} record */
function verdictOf(record) {
    const isWhole = figuresOf(record).every(({ lost, repeated }) => lost + repeated === 0);
    const end = record.end === "settled" && !isWhole ? "lossy" : record.end;
    return t(`lab.state.${end}`, { time: time(record.endedAt), count: record.events.length });
}

/** @param {readonly File[] | null} photos */
async function begin(photos) {
    if (running || !form.reportValidity()) return;
    const ways = chosen();
    if (ways.length === 0) {
        state.textContent = t("lab.none");
        return;
    }
    lastPhotos = photos;
    drawnAt = 0;
    const run = new Run({
        ways,
        photos,
        clocks: new Clocks(),
        faults: chosenFaults(),
        onChange: () => {},
    });
    running = run;
    setBusy(true);
    results.begin(ways.map(({ id }) => id));
    byID("state").scrollIntoView({ block: "start" });
    const drawing = setInterval(() => watch(run), calm.matches ? ALL_MS : LANES_MS);
    try {
        const record = await run.carry();
        clearInterval(drawing);
        runs.add(record);
    } catch (error) {
        state.textContent = t("lab.state.failed", { why: explainError(error) });
    } finally {
        clearInterval(drawing);
        running = null;
        setBusy(false);
    }
}

let drawnAt = 0;
/** @param {Run} run */
function watch(run) {
    state.textContent = stateOf(run);
    if (run.lanes.length === 0) return;
    const isTime = run.now() - drawnAt > ALL_MS;
    if (isTime) drawnAt = run.now();
    if (isTime) results.draw(recordOf(run));
    else results.drawLanes(recordOf(run));
}

/** @param {Run} run */
function stateOf({ total, sent, phase, faults }) {
    const fault = faults.all.at(-1);
    if (!fault || !faults.isUnderWay) {
        return t(`lab.state.${phase}`, { sent: Math.min(total, sent + 1), total });
    }
    const place = { number: faults.all.length, count: faults.kinds.length };
    return t("lab.state.fault", { ...place, fault: t(`lab.fault.${fault.kind}`) });
}

/** @param {boolean} isBusy */
function setBusy(isBusy) {
    const hadFocus = document.activeElement;
    byID("start").hidden = isBusy;
    byID("own").hidden = isBusy;
    byID("stop").hidden = !isBusy;
    byID("ways").disabled = isBusy;
    byID("faults").disabled = isBusy;
    byID("shown").disabled = isBusy;
    byID("examine").disabled = isBusy;
    setDisabled(isBusy);
    if (isBusy && hadFocus === byID("start")) byID("stop").focus();
    if (!isBusy && hadFocus === byID("stop")) byID("start").focus();
}

/**
 * One thing is measured at a time.
 * @param {boolean} isBusy
 */
function setDisabled(isBusy) {
    for (const id of ["start", "photos", "repeat"]) byID(id).disabled = isBusy;
}

async function dressAndSpeak() {
    await speak(store.current.language);
    document.title = `${t("lab.title")} · Revela`;
    dress(store.current);
    runs.name();
    route.show();
    if (results.record && !running) show(results.record);
}

byID("ways").append(...WAYS.map(wayChoice));
await dressAndSpeak();
form.hidden = false;
// Without an answer there are none; whatever begins next says why.
void offerFaults().catch(() => {});
byID("runs").hidden = false;
byID("route").hidden = false;
for (const id of ["shown-label", "beside-label", "json", "csv", "print", "repeat"]) {
    byID(id).hidden = true;
}
form.addEventListener("submit", (event) => {
    event.preventDefault();
    void begin(null);
});
byID("stop").addEventListener("click", () => running?.stop());
byID("repeat").addEventListener("click", () => void begin(lastPhotos));
byID("photos").addEventListener("change", () => {
    const photos = [...byID("photos").files];
    byID("photos").value = "";
    if (photos.length > 0) void begin(photos);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => results.draw());
store.follow(dressAndSpeak);
