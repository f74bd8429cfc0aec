// @ts-check
/** What is known of the photo that is looked at: why it is not ready, its versions, its camera, its markup. */

import { originalURL } from "../base/addresses.js";
import { find, put, stamp } from "../base/dom.js";
import { t, words } from "../base/i18n.js";
import { explain } from "../base/problems.js";
import { sleep } from "../base/sleep.js";
import { factsOf, renditionsOf, termAndValue } from "../model/photo-facts.js";
import { isFinal } from "../model/photo-state.js";
import { copyButton, copyLink } from "../ui/copy-text.js";
import { copyWords } from "../ui/dialogs.js";
import { CameraData } from "./camera-data.js";
import { cameraLines } from "./camera-lines.js";
import { pictureSnippet } from "./snippet.js";

/** @typedef {import("../model/types.js").Image} Image */
/** @typedef {import("../model/photo-facts.js").Rendition} Rendition */

/** Who only turns past a photo does not ask for its camera. */
const REST_MS = 250;
const COPIED_MS = 2_000;

export class DetailsPanel {
    #camera = new CameraData();
    #asking = new AbortController();
    /** @type {File | string | null} whose camera is shown or asked for */ #source = null;
    /** @type {Image | null} */ #image = null;
    /** Of the versions that are shown: what is as it was is not written anew, under who points at it. */
    #known = "";
    /** @type {File | undefined} */ #file;

    /**
     * @param {HTMLElement} element
     * @param {object} parts
     * @param {() => boolean} parts.isOwner
     * @param {() => string} parts.batch
     * @param {() => import("../model/types.js").BatchDocument["recipe"]} parts.recipe
     * @param {(name: string) => void} parts.onChoose a version
     */
    constructor(element, parts) {
        this.element = element;
        this.parts = parts;
        this.#find(".renditions").addEventListener("change", (/** @type {Event} */ { target }) =>
            parts.onChoose(/** @type {HTMLInputElement} */ (target).value),
        );
        copyButton(this.#find(".snippet .copy"), this.#find(".snippet textarea"), copyWords);
    }

    /** @param {string} sentence what went wrong, where it is seen: the page behind an open dialog is not */
    say(sentence) {
        put(this.#find(".trouble"), sentence);
    }

    /** @param {string} via by what the details came: words */
    sayVia(via) {
        put(this.#find(".via"), via);
    }

    /**
     * @param {Image} image @param {File | undefined} file where this page has it
     * @param {string | undefined} chosen the version that is looked at
     */
    show(image, file, chosen) {
        this.#image = image;
        this.#file = file;
        // Of one without a version the stage says why.
        const problem = renditionsOf(image).length > 0 && image.problem;
        put(this.#find(".problem"), problem ? explain(problem) : "");
        this.#find(".problem").hidden = !problem;
        this.#find(".known").replaceChildren(...factsOf(image).flatMap(termAndValue));
        this.#showRenditions(image, chosen);
        this.#showOriginal(image);
        this.#showSnippet(image);
        void this.#showCamera(image, file);
    }

    /** @param {string} selector @returns {any} */
    #find(selector) {
        return this.element.querySelector(selector);
    }

    /** @param {Image} image @param {string | undefined} chosen */
    #showRenditions(image, chosen) {
        const renditions = renditionsOf(image);
        const known = JSON.stringify([image.id, chosen, renditions, words.language]);
        if (known === this.#known) return;
        this.#known = known;
        this.#find(".renditions").hidden = renditions.length === 0;
        const rows = renditions.map((one) => this.#rowOf(one, one.name === chosen));
        // Who chooses by keys keeps the focus.
        const focused = this.element.querySelector("input:focus")?.getAttribute("value");
        this.#find(".renditions tbody").replaceChildren(...rows);
        if (focused) this.#find(`.renditions input[value="${focused}"]`)?.focus();
    }

    /** @param {Image} image */
    #showOriginal({ id, sha256 }) {
        const link = this.#find(".original");
        link.href = originalURL(this.parts.batch(), id);
        link.hidden = !this.parts.isOwner() || !sha256;
    }

    /** @param {Rendition} rendition @param {boolean} isChosen */
    #rowOf(rendition, isChosen) {
        const { name, url, width, height, bytes, saved } = rendition;
        const row = find(stamp("rendition-row-template"), "tr", HTMLElement);
        const input = find(row, "input", HTMLInputElement);
        input.value = name;
        input.checked = isChosen;
        const put = (/** @type {string} */ selector, /** @type {string} */ text) => {
            find(row, selector, HTMLElement).textContent = text;
        };
        put(".rendition-name", name);
        put(".pixels", `${width} × ${height}`);
        put(".bytes", words.bytes(bytes));
        const percent = saved === null ? "" : words.percent(saved);
        put(".saved", percent && t("details.smaller", { percent }));
        const link = find(row, "a", HTMLAnchorElement);
        link.href = url;
        link.textContent = t("details.download");
        link.setAttribute("aria-label", t("details.download.rendition", { name }));
        this.#linkOf(find(row, ".link", HTMLButtonElement), name, location.origin + url);
        return row;
    }

    /** @param {HTMLButtonElement} button @param {string} name of the version @param {string} link */
    #linkOf(button, name, link) {
        const show = () => {
            button.textContent = t("details.link");
        };
        show();
        button.setAttribute("aria-label", t("details.link.rendition", { name }));
        button.addEventListener("click", async () => {
            if (!(await copyLink(link, button))) return;
            button.textContent = t("copy.done");
            setTimeout(show, COPIED_MS);
        });
    }

    /** @param {Image} image */
    #showSnippet(image) {
        const snippet = pictureSnippet(image, location.origin);
        const field = this.#find(".snippet textarea");
        if (snippet !== "" && field.value === snippet) return;
        field.value = snippet;
        put(this.#find(".snippet .copy"), t("copy.do"));
        this.#find(".snippet").hidden = snippet === "";
    }

    /** It is seen now: nothing is read for a panel that is hidden. */
    wake() {
        if (this.#image) void this.#showCamera(this.#image, this.#file);
    }

    /** @param {Image} image @param {File | undefined} file */
    async #showCamera(image, file) {
        const source = this.#sourceOf(image, file);
        if (source === this.#source) return;
        this.#source = source;
        this.#asking.abort();
        this.#asking = new AbortController();
        const { signal } = this.#asking;
        const known = source ? this.#camera.known(source) : null;
        this.#showLines(known ?? null);
        if (known !== undefined || !source || this.element.getClientRects().length === 0) {
            // What was not read is asked for when the panel is seen.
            if (known === undefined) this.#source = null;
            return;
        }
        await sleep(REST_MS, { signal });
        if (signal.aborted) return;
        try {
            this.#showLines(await this.#camera.read(source, signal));
        } catch {
            if (signal.aborted) return;
            this.#source = null;
            // The page says itself that there is no network.
            if (navigator.onLine) this.say(t("camera.unread"));
        }
    }

    /**
     * @param {Image} image @param {File | undefined} file
     * @returns {File | string | null} null where nothing may be told
     */
    #sourceOf({ id, sha256, renditions = {} }, file) {
        if (file) return file;
        if (this.parts.isOwner()) return sha256 ? originalURL(this.parts.batch(), id) : null;
        const keeping = this.parts
            .recipe()
            ?.renditions?.filter(({ metadata }) => metadata === "keep");
        const kept = keeping?.map(({ name }) => renditions[name]).find(Boolean);
        return kept?.url ?? null;
    }

    /** @param {import("../pictures/camera-facts.js").CameraFacts | null} facts */
    #showLines(facts) {
        const lines = facts ? cameraLines(facts, this.parts.isOwner()) : [];
        const list = this.#find(".camera");
        list.replaceChildren(...lines.flatMap(termAndValue));
        list.hidden = lines.length === 0;
    }
}

/**
 * Why a photo has no version: what is over never sounds as if it were to come.
 * @param {import("../model/photo-state.js").View} view @returns {string}
 */
export function whyNot({ state, problem }) {
    if (problem) return explain(problem);
    return isFinal(state) ? t(`details.none.${state}`) : t("details.blank");
}
