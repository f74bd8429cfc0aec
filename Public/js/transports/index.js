// @ts-check
/** Every way to read what changed, by the name the settings use. */

import { adaptive, fixed, long } from "./polling.js";
import { changes as sse } from "./sse.js";
import { changes as websocket } from "./websocket.js";

/** @type {Record<import("../feed/feed-machine.js").Transport, import("../feed/feed.js").Changes>} */
export const transports = { polling: fixed, adaptive, long, sse, websocket };
