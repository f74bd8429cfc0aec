// @ts-check
/** `window.revela`, for tests and the curious: read it, it changes nothing. */

/**
 * @param {import("../model/session.js").Session} session
 * @param {import("../model/photos.js").Photos} photos
 */
export function expose(session, photos) {
    const value = Object.freeze({
        get events() {
            return session.events;
        },
        get document() {
            return photos.document;
        },
        get live() {
            return photos.live;
        },
        get batch() {
            return session.batch;
        },
        get cursor() {
            return session.feed?.machine.cursor ?? null;
        },
        get transport() {
            return session.feed?.machine.current?.transport ?? null;
        },
        get state() {
            return session.feed?.machine.state ?? "idle";
        },
        get ledger() {
            return session.feed?.machine.ledger ?? null;
        },
        get feed() {
            return session.feed;
        },
        get traffic() {
            return session.traffic;
        },
        get settings() {
            return session.options.settings.current;
        },
        get photos() {
            return photos.entries.size;
        },
    });
    Object.defineProperty(window, "revela", { value });
}
