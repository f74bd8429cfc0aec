// @ts-check
/** The viewer of a page, with its style. */

import { placeOf } from "../actions/photo-actions.js";
import { byID } from "../base/dom.js";
import { loadStyle } from "../base/style.js";
import { PhotoViewer } from "./photo-viewer.js";

/**
 * @param {object} page
 * @param {import("../model/photos.js").Photos} page.photos
 * @param {import("../model/session.js").Session} page.session
 * @param {import("../ui/photo-grid.js").PhotoGrid} page.grid
 * @param {import("../settings/settings-store.js").SettingsStore} page.settings
 * @param {import("../pages/page-address.js").PhotoAddress} page.address
 * @param {(entry: import("../model/photos.js").Entry) => any} page.ask the server what it knows of a photo
 * @param {(error: unknown) => void} page.onTrouble
 * @returns {Promise<PhotoViewer>}
 */
export async function makeViewer({ photos, session, grid, ...parts }) {
    await loadStyle("viewer");
    return new PhotoViewer(byID("viewer", HTMLDialogElement), {
        ...parts,
        placeOf: (entry) => placeOf(photos, entry, grid.compare),
        idOf: (entry) => entry.imageID ?? "",
        isOwner: () => session.owner,
        batch: () => session.batch ?? "",
        recipe: () => photos.document.recipe,
    });
}
