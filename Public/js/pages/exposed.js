// @ts-check
/** `window.revela`, for tests and the curious: read it, it changes nothing. */

/**
 * @param {import("../settings/settings-store.js").SettingsStore} settings
 * @param {() => {session: import("../model/session.js").Session, photos: import("../model/photos.js").Photos} | null
 *     } batch null until its modules are there
 */
export function expose(settings, batch) {
    const session = () => batch()?.session;
    const photos = () => batch()?.photos;
    const value = Object.freeze({
        get events() {
            return session()?.events ?? [];
        },
        get document() {
            return photos()?.document ?? {};
        },
        get live() {
            return photos()?.live ?? {};
        },
        get batch() {
            return session()?.batch ?? null;
        },
        get cursor() {
            return session()?.feed?.machine.cursor ?? null;
        },
        get transport() {
            return session()?.feed?.machine.current?.transport ?? null;
        },
        get state() {
            return session()?.feed?.machine.state ?? "idle";
        },
        get ledger() {
            return session()?.feed?.machine.ledger ?? null;
        },
        get feed() {
            return session()?.feed ?? null;
        },
        get traffic() {
            return session()?.traffic ?? null;
        },
        get settings() {
            return settings.current;
        },
        get photos() {
            return photos()?.entries.size ?? 0;
        },
    });
    Object.defineProperty(window, "revela", { value });
}
