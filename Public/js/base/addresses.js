// @ts-check
/** Where things are on the server: every address that the page uses. */

export const BATCHES = "/api/batches";
export const GRANTS = "/api/grants";
export const DROPS = "/api/drops";
export const MANAGE_LINK = "/api/manage-link";
export const CAPABILITIES = "/api/capabilities";
export const SETTINGS_PAGE = "/settings.html";
export const NEW_BATCH_PAGE = "/?new";

/** @param {string} batch the page that shows it */
export const batchPage = (batch) => `/batches/${batch}`;

/** @param {string} path @returns {string | undefined} the batch that the page at this path shows */
export const batchOfPage = (path) => /^\/batches\/(b_[^/]+)/.exec(path)?.[1];

/** @param {string} image one of the batch's, which the page opens */
export const photoMark = (image) => `#${image}`;

/** @param {string} hash of an address @returns {string | undefined} the photo that it opens */
export const photoOfHash = (hash) => /^#(i_[\w-]+)$/.exec(hash)?.[1];

/** @param {string} batch */
export const batchURL = (batch) => `${BATCHES}/${batch}`;

/** @param {string} batch */
export const eventsURL = (batch) => `${BATCHES}/${batch}/events`;

/**
 * @param {string} batch
 * @param {{images?: string[], of?: "originals"}} [what] some of its photos alone; their originals, to the
 *   owner, in place of the versions
 */
export function archiveURL(batch, what = {}) {
    const { images, of } = what;
    const asked = [images && `images=${images.join(",")}`, of && `of=${of}`].filter(Boolean);
    return `${BATCHES}/${batch}/archive.zip${asked.length > 0 ? `?${asked.join("&")}` : ""}`;
}

/** @param {string} batch where photos are sent to */
export const imagesURL = (batch) => `${BATCHES}/${batch}/images`;

/** @param {string} batch its drop links */
export const dropsURL = (batch) => `${BATCHES}/${batch}/drops`;

/** @param {string} batch @param {string} image */
export const imageURL = (batch, image) => `${BATCHES}/${batch}/images/${image}`;

/** @param {string} batch @param {string} image */
export const originalURL = (batch, image) => `${imageURL(batch, image)}/original`;

export const LAB_FAULTS = "/api/lab/faults";

/** @param {number} seconds for how long the server says nothing */
export const silenceURL = (seconds) => `/api/silence?seconds=${seconds}`;
