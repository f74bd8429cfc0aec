// @ts-check
/**
 * One batch on this page: which one it is, and its feed. The batch is taken from the address, else
 * it is the last one that is still open to us, else the first drop creates it.
 */

import { setAddress } from "../pages/page-address.js";
import { batchOfPage, batchPage, eventsURL, NEW_BATCH_PAGE } from "../base/addresses.js";
import * as api from "../base/api.js";
import { keepLoading } from "../base/keep-loading.js";
import { forgetDeleted, LAST } from "./deleted-batch.js";
import { OWN } from "./own-recipe.js";
import { move } from "../uploads/upload-memory.js";

/** What a batch is called in this browser until it is made. */
const DRAFT = "draft:";

/** What the batch and its photos are shown without. */
const loadFeed = () =>
    Promise.all([
        import("../feed/feed.js"),
        import("../transports/index.js"),
        import("../feed/traffic.js"),
    ]);

export class Session {
    /** @type {string | null} */ batch = null;
    /** @type {import("../feed/feed.js").Feed | null} */ feed = null;
    /** @type {import("../feed/traffic.js").Traffic | null} */ traffic = null;
    owner = true;
    /** Whether photos can be sent, and taken back. */
    canAdd = true;
    /** @type {api.DropTerms | undefined} the drop link that the batch came by */ drop;
    /** @type {number | undefined} how long the batch may be kept; for ever without */ keepDays;
    /**
     * Every event applied, in its order.
     * @type {{seq: number, type: string, image?: string}[]}
     */
    events = [];
    /** @type {Promise<string> | null} */ #opening = null;
    /** Of the batch to be made: asked for again, it is the same one. */
    #key = api.newKey();
    /** @type {string | null} */ #draft = null;

    /**
     * @param {object} options
     * @param {import("./photos.js").Photos} options.photos
     * @param {import("../settings/settings-store.js").SettingsStore} options.settings
     * @param {import("../feed/transport-choice.js").TransportChoice} options.transportChoice
     * @param {() => void} options.onStatus
     * @param {() => void} options.onMark for each message that came over the wire
     * @param {(event: any) => void} options.onEvent
     * @param {() => void} options.onGone
     */
    constructor(options) {
        this.options = options;
        options.transportChoice.follow(() => this.feed?.choose(options.transportChoice.choice));
    }

    /** @returns {Promise<"opened" | "none" | "gone">} */
    async open() {
        const named = batchOfPage(location.pathname);
        const isNew = new URLSearchParams(location.search).has("new");
        const last = isNew ? null : localStorage.getItem(LAST);
        const batch = named ?? last;
        if (!batch) return "none";
        if (batch.startsWith(DRAFT)) {
            this.#draft = batch;
            this.#key = batch.slice(DRAFT.length);
            return "none";
        }
        try {
            this.#adopt(await api.readBatch(batch));
            return "opened";
        } catch (error) {
            if (!api.isGone(error)) throw error;
            if (last === batch) localStorage.removeItem(LAST);
            return named ? "gone" : "none";
        }
    }

    /** Where what is given belongs: a batch, or the draft of one, or nothing yet. */
    get place() {
        return this.batch ?? this.#draft;
    }

    /** @returns {string | undefined} what its owner calls the batch */
    get name() {
        return this.options.photos.document.name;
    }

    /** @returns {string | undefined} when the batch is deleted */
    get end() {
        return this.options.photos.document.expiresAt;
    }

    /**
     * Files are given. The batch may have to be made, which takes a while or a network: until then
     * they belong to its draft, which this browser comes back to.
     * @returns {string} their place
     */
    begin() {
        if (this.batch) return this.batch;
        const known = this.#draft;
        this.#draft = known ?? DRAFT + this.#key;
        localStorage.setItem(LAST, this.#draft);
        // Once: browsers let a page change its address only so often.
        if (!known) setAddress("/");
        return this.#draft;
    }

    /**
     * The batch to send to, created when there is none.
     * @returns {Promise<string>}
     */
    ensure() {
        if (this.batch) return Promise.resolve(this.batch);
        this.#opening ??= this.#create();
        return this.#opening;
    }

    /** All of it, for everyone; the page begins anew. */
    async deleteBatch() {
        const { batch } = this;
        if (!batch) return;
        try {
            await api.deleteBatch(batch);
        } catch (error) {
            // That is what was wanted: told twice, or by two, or the feed was quicker.
            if (!api.isGone(error) && this.batch === batch) throw error;
        }
        this.feed?.end();
        forgetDeleted(batch);
        location.assign(NEW_BATCH_PAGE);
    }

    async #create() {
        try {
            const made = await this.#make();
            const { id } = made.document;
            if (this.#draft) void move(this.#draft, id);
            this.#draft = null;
            this.#key = api.newKey();
            this.#adopt({ ...made, owner: true });
            return id;
        } finally {
            this.#opening = null;
        }
    }

    /**
     * A recipe that was chosen once by its name may be gone from the server: its default does
     * then. One of the reader's own is what they want, or nothing.
     */
    async #make() {
        const { recipe, ownRecipe } = this.options.settings.current;
        const wish = recipe === OWN && ownRecipe ? ownRecipe : recipe || undefined;
        try {
            return await api.createBatch(wish, this.#key);
        } catch (error) {
            // Who is not the server, or does not come to an end, does not tell what came of it.
            const isRefusal = error instanceof api.Problem && error.code !== "unavailable";
            if (!isRefusal || error.isStrangers) throw error;
            this.#key = api.newKey();
            if (error.code !== "invalid-recipe" || wish === ownRecipe) throw error;
            return api.createBatch(undefined, this.#key);
        }
    }

    /** @param {api.Opened} opened */
    #adopt({ document: batch, cursor, live, owner = true, may = ["add", "manage"], ...more }) {
        this.batch = batch.id;
        this.owner = owner;
        this.canAdd = may.includes("add");
        this.drop = more.drop;
        this.keepDays = more.keepDays;
        if (owner) localStorage.setItem(LAST, batch.id);
        setAddress(batchPage(batch.id));
        this.options.photos.load(batch, live);
        void this.#follow(batch.id, cursor);
    }

    /**
     * However long the modules of the feed take: it reads on from here.
     * @param {string} batch
     * @param {string} cursor
     */
    async #follow(batch, cursor) {
        const [{ Feed, systemClock }, { transports }, { Traffic }] = await keepLoading(loadFeed);
        if (this.batch !== batch) return;
        const { settings, transportChoice, onMark } = this.options;
        const traffic = new Traffic(systemClock, onMark);
        this.traffic = traffic;
        this.feed = new Feed({
            url: eventsURL(batch),
            cursor,
            transports,
            onStatus: () => this.#showStatus(),
            choice: transportChoice.choice,
            isHidden: document.hidden,
            settings: () => ({ intervalMs: settings.current.intervalSeconds * 1_000 }),
            onMessage: (message) => this.#take(message),
            onTraffic: (gen, transport, fact) => traffic.note(gen, transport, fact),
            // What cannot be read now is read after the next attempt.
            look: () =>
                api.readBatch(batch).catch((error) => (api.isGone(error) ? { gone: true } : null)),
        });
        this.feed.start();
    }

    /** @param {import("../feed/feed.js").Message} message */
    #take(message) {
        const { photos, onEvent } = this.options;
        if (message.type === "live") photos.move(message.live);
        if (message.type === "reset") photos.load(message.document, message.live ?? photos.live);
        if (message.type === "change") {
            const { seq, type, image } = message.event;
            this.events.push({ seq, type, image });
            photos.apply(message.event);
            onEvent(message.event);
        }
        this.#showStatus();
    }

    #showStatus() {
        if (this.feed?.machine.state === "ended" && this.batch) this.#forget();
        this.options.onStatus();
    }

    /** The batch was deleted: the next drop starts another. */
    #forget() {
        if (this.batch) forgetDeleted(this.batch);
        this.batch = null;
        this.owner = true;
        this.canAdd = true;
        this.drop = undefined;
        this.keepDays = undefined;
        this.options.onGone();
    }
}
