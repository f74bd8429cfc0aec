// @ts-check
/** Why a transport stopped, in the terms the feed decides by. */

import { isGone, Problem } from "../base/api.js";

export class FeedError extends Error {
    /** @param {string} message @param {{retryAfterMs?: number, gone?: boolean}} [why] */
    constructor(message, why = {}) {
        const { retryAfterMs, gone = false } = why;
        super(message);
        this.name = "FeedError";
        this.retryAfterMs = retryAfterMs;
        this.gone = gone;
    }

    /** @param {Response} answer one that is not a success */
    static async from(answer) {
        const problem = await Problem.from(answer);
        const { retryAfterMs } = problem;
        const message = `the events answered ${answer.status}`;
        return new FeedError(message, { gone: isGone(problem), retryAfterMs });
    }
}
