// @ts-check
/** A batch is asked for until the server has told which one it is. */

import { backoff } from "../base/backoff.js";
import { sleep } from "../base/sleep.js";

/** Between two attempts, at least. */
const MIN_WAIT_MS = 1_000;

/**
 * @param {import("../model/session.js").Session} session
 * @param {object} told
 * @param {(error: unknown) => void} told.onTrouble for each attempt that fails
 * @param {() => void} told.onEnd the first one that does not, after those
 */
export async function keepOpening(session, { onTrouble, onEnd }) {
    for (let attempt = 0; ; attempt += 1) {
        try {
            const found = await session.open();
            if (attempt > 0) onEnd();
            return found;
        } catch (error) {
            onTrouble(error);
            await sleep(backoff(attempt, Math.random(), MIN_WAIT_MS));
        }
    }
}
