// @ts-check
/**
 * What a card shows, worked out from what is known of a photo: the document's image, its live
 * values, and the upload in this browser. Pure, so that "never 100 % before ready" is a test.
 */

/** @typedef {import("./types.js").Image} Image */
/** @typedef {import("./types.js").Live} Live */
/** @typedef {import("./types.js").Problem} Problem */
/** @typedef {{file?: File, name?: string, task?: import("../uploads/upload-task.js").Task | null,
 *             image?: Image, live?: Live, refusal?: Problem, durable?: number, wanted?: number,
 *             twin?: string, furthest?: Furthest, asked?: "cancel" | "retry" | "remove",
 *             kept?: {key: string, size: number, lastModified?: number, at?: number, index?: number, position?: number,
 *             url?: string | null, held?: boolean}, lacks?: "file" | "permission",
 *             pace?: import("./photo-pace.js").PhotoPace}} Photo
 *   `durable`: the most bytes the server was ever known to hold; `wanted`: the recipe's renditions;
 *   `twin`: the name of the photo it is a copy of, where that is known; `asked`: what was asked of
 *   the server, and did not come about yet; `kept`: what this browser remembers of its file; `lacks`:
 *   what it takes to read the file again, after a reload; `pace`: while its bytes are sent from here */
/** @typedef {{attempt: number, part: number}} Furthest how far an attempt was ever seen, 0…1 */
/** @typedef {{state: string, stage: string, stageValues: Record<string, string | number>,
 *             sent: number, received: number, processing: number, done: number,
 *             measured: boolean, problem: Problem | null, actions: string[], ageMs: number}} View `ageMs`:
 *   for how long the stage may be over; 0 where it is known */

const FINAL = new Set(["ready", "rejected", "failed", "cancelled", "expired"]);
/** Nothing is whole before the server says so. */
const ALMOST = 0.99;
/** Only what is older is worth a word. */
const OLD_MS = 2_000;
/** What only the server can say, and may end at any moment. */
const TOLD = new Set([
    "stage.arriving",
    "stage.elsewhere",
    "stage.waiting",
    "stage.processing",
    "stage.decode",
    "stage.encode",
]);
const PAUSABLE = new Set(["queued", "creating", "comparing", "sending", "waiting"]);
/** How much of a photo is done once its bytes are there: on its card and in the whole batch. */
const UPLOAD_SHARE = 0.4;

const clamp = (/** @type {number} */ value) => Math.min(1, Math.max(0, value));

/** @param {Photo} photo @returns {number} bytes of its file, as far as it is known */
export const sizeOf = ({ image, file, kept }) => image?.size ?? file?.size ?? kept?.size ?? 0;

/** @param {string | undefined} state */
export const isFinal = (state) => FINAL.has(state ?? "");

/** @param {Photo} photo whether its file waits for a person to send it */
export const isHeld = ({ task, refusal }) => task?.state === "held" && !refusal;

/** @param {Photo} photo */
export function stateOf({ image, task, refusal, asked }) {
    if (refusal) return "rejected";
    if (task?.state === "held") return "held";
    if (image && !(isGivenUp(image) && task?.problem)) return image.state;
    if (task?.problem) return "failed";
    return image ? image.state : task?.state === "stopped" && !asked ? "cancelled" : "queued";
}

/** @typedef {"ready" | "failed" | "cancelled" | "expired" | "active" | "paused" | "interrupted" | "held"} Standing
 *   `failed`: refused, too; `active`: something is done for it, or will be without anybody's help; `interrupted`: it takes a
 *   person, to give its file again or to let its upload go on; `held`: until a person sends it */

/**
 * What has come of a photo, or who is to do something for it: all that counts or filters goes by this.
 * @param {Photo} photo
 * @returns {Standing}
 */
export function standingOf(photo) {
    const state = stateOf(photo);
    if (state === "ready") return "ready";
    if (state === "held" || state === "cancelled" || state === "expired") return state;
    if (isFinal(state)) return "failed";
    const { image, task, live, lacks } = photo;
    if (image && image.state !== "uploading") return "active";
    if (task) return task.state === "paused" ? "paused" : "active";
    return lacks || (image && live?.received === undefined) ? "interrupted" : "active";
}

/** Nothing more comes of it, which the server has heard or not; why, only this browser knows. */
const isGivenUp = (/** @type {Image} */ { state }) =>
    state === "uploading" || state === "cancelled";

/**
 * Whether it came about, which only the document says.
 * @param {Photo} photo
 */
export function isGranted({ asked, image }) {
    if (asked === "cancel") return isFinal(image?.state);
    return asked === "retry" && image?.state !== "failed";
}

/**
 * @param {Photo} photo
 * @param {boolean} [canChange] whether the reader owns the batch
 * @param {number} [newsAgeMs] how old what the server told may be
 * @returns {View}
 */
export function viewOf(photo, canChange = true, newsAgeMs = 0) {
    const progress = progressOf(photo);
    const { state } = progress;
    return {
        ...progress,
        measured: photo.live?.fraction !== undefined || state !== "processing",
        ...agedStageOf(photo, state, newsAgeMs),
        problem: photo.refusal ?? photo.image?.problem ?? photo.task?.problem ?? null,
        actions: canChange ? actionsOf(photo, state) : [],
    };
}

/**
 * How far it is, without the words for it.
 * @param {Photo} photo @returns {Pick<View, "state" | "sent" | "received" | "processing" | "done">}
 */
export function progressOf(photo) {
    const state = stateOf(photo);
    const { sent, received } = uploadOf(photo, state);
    const processing = processingOf(photo, state);
    return { state, sent, received, processing, done: doneOf(state, received, processing) };
}

/**
 * @param {string} state @param {number} received @param {number} processing
 * @returns {number} 0…1
 */
function doneOf(state, received, processing) {
    return state === "ready" ? 1 : UPLOAD_SHARE * received + (1 - UPLOAD_SHARE) * processing;
}

/**
 * Sent is what left this browser, received what the server holds for good; 0…1 each.
 * @param {Photo} photo @param {string} state
 */
function uploadOf(photo, state) {
    const { image, live, task, durable = 0 } = photo;
    if (image && !["uploading", "rejected", "cancelled", "failed", "expired"].includes(state)) {
        return { sent: 1, received: 1 };
    }
    const size = sizeOf(photo);
    if (size === 0) return { sent: 0, received: 0 };
    const held = Math.max(live?.received ?? 0, durable, task?.held ?? 0);
    const received = clamp(held / size);
    const sent = Math.max(received, clamp((task?.sent ?? 0) / size));
    return { sent, received };
}

/** @param {Photo} photo @param {string} state */
function processingOf(photo, state) {
    if (state === "ready") return 1;
    if (state !== "processing") return 0;
    return Math.min(ALMOST, Math.max(partOf(photo), photo.furthest?.part ?? 0));
}

/** @param {Photo} photo */
function partOf({ live, image, wanted }) {
    if (!live?.steps) return betweenTurns(Object.keys(image?.renditions ?? {}).length, wanted);
    return clamp(((live.step ?? 0) + (live.fraction ?? 0)) / live.steps);
}

/**
 * The end of a turn may be seen before what it made: that is no step back.
 * @param {Photo} photo
 * @returns {Furthest | undefined}
 */
export function furthestOf(photo) {
    if (photo.image?.state !== "processing") return undefined;
    const { live, furthest } = photo;
    const attempt = live?.attempt ?? furthest?.attempt ?? 0;
    const before = furthest && furthest.attempt === attempt ? furthest.part : 0;
    return { attempt, part: Math.max(before, partOf(photo)) };
}

/**
 * A photo that waits for its next turn stands where the one before left it: each turn is a decode
 * and an encode for each of its renditions.
 * @param {number} made @param {number} [wanted]
 */
function betweenTurns(made, wanted) {
    return made > 0 && wanted ? Math.min(ALMOST, (made + 1) / (wanted + 2)) : 0;
}

/**
 * The stage, and how old it is where that matters. That a photo is still being written down is
 * only supposed: what is known is that it was sent.
 * @param {Photo} photo @param {string} state @param {number} newsAgeMs
 */
function agedStageOf(photo, state, newsAgeMs) {
    const { stage, stageValues } = stageOf(photo, state);
    if (newsAgeMs < OLD_MS || !TOLD.has(stage)) return { stage, stageValues, ageMs: 0 };
    const known = stage === "stage.arriving" ? "stage.sent" : stage;
    return { stage: known, stageValues, ageMs: newsAgeMs };
}

/**
 * The stage in words, as a key and its values.
 * @param {Photo} photo
 * @param {string} state
 */
function stageOf(photo, state) {
    const { task, live, image, twin, asked } = photo;
    const stageValues = { rendition: live?.rendition ?? "" };
    if (asked) return { stage: `asked.${asked}`, stageValues };
    if (state === "processing") {
        const known = live?.stage === "encode" || live?.stage === "decode";
        const stage = known ? `stage.${live.stage}` : "stage.processing";
        return { stage, stageValues };
    }
    if (task?.state === "queued" && task.waitsFor) {
        return { stage: "stage.same-first", stageValues: { name: task.waitsFor } };
    }
    if (state === "failed" && task?.state === "blocked") {
        return { stage: "stage.blocked", stageValues };
    }
    if (state === "uploading" || state === "queued") {
        return { stage: `stage.${uploadStage(photo)}`, stageValues };
    }
    if (state === "ready" && image?.sameAs)
        return { stage: sameStage(twin), stageValues: { name: twin ?? "" } };
    return { stage: `stage.${state}`, stageValues };
}

/** @param {string} [twin] the name of the photo it was copied from, where that is on this page */
const sameStage = (twin) => (twin ? "stage.same" : "stage.same-before");

/** @param {Photo} photo one whose file this page does not have */
function idleStage({ live, image, lacks }) {
    if (lacks === "permission") return "unread";
    if (!image) return lacks ? "unsent" : "queued";
    if (live?.received !== undefined) return "elsewhere";
    // Only a file that this browser remembers is known when it is dropped again.
    return lacks ? "interrupted" : "stopped";
}

/** @param {Photo} photo */
function uploadStage(photo) {
    const { task, image } = photo;
    if (!task) return idleStage(photo);
    if (task.state === "waiting") return "waiting-network";
    if (task.state === "paused") return "paused";
    if (task.state === "comparing") return "comparing";
    if (task.state === "done" || task.sent >= (image?.size ?? Infinity)) return "arriving";
    return task.state === "queued" ? "queued" : "uploading";
}

/**
 * Whether its upload ended without its bytes, and its file is still here.
 * @param {Photo} photo
 */
export function canSendAgain({ task, image }) {
    if (!task || task.state !== "stopped") return false;
    return image?.state === "expired" || (Boolean(task.problem) && (!image || isGivenUp(image)));
}

/**
 * What failed at the server, was held up on its way, or may be sent again.
 * @param {Photo} photo
 */
function canRetry(photo) {
    const isHeldUp = photo.image?.state === "failed" || photo.task?.state === "blocked";
    return isHeldUp || canSendAgain(photo);
}

/** @param {Photo} photo @param {string} state */
function actionsOf({ task, image, asked, lacks }, state) {
    if (asked) return image ? ["info"] : [];
    if (state === "held") return ["earlier", "later", "remove"];
    const actions = [];
    if (!isFinal(state) && task && PAUSABLE.has(task.state)) actions.push("pause");
    // What was on its way when it was paused may have been the rest of it.
    const isWhole = image && image.state !== "uploading";
    if (task?.state === "paused" && !isWhole) actions.push("resume");
    if (isFinal(state) && canRetry({ task, image })) actions.push("retry");
    if (image) actions.push("info");
    // Of what was never sent nothing is under way.
    const isIdle = lacks && !task && !image;
    actions.push(isFinal(state) || isIdle ? "remove" : "cancel");
    return actions;
}
