// @ts-check
/** The log itself, read by nobody's lane: what was there to be told. */

import { fetchInTime } from "../base/deadline.js";
import { Problem } from "../base/api.js";

/** @param {string} url of the events @param {string} after @returns {Promise<any[]>} */
export async function readLog(url, after) {
    const events = [];
    let cursor = after;
    for (;;) {
        const address = `${url}?after=${encodeURIComponent(cursor)}`;
        const headers = { Accept: "application/json" };
        const answer = await fetchInTime(address, { headers, cache: "no-store" });
        if (!answer.ok) throw await Problem.from(answer);
        const page = await answer.json();
        events.push(...page.events);
        cursor = page.cursor;
        if (!page.more) return events;
    }
}
