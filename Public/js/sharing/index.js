// @ts-check
/** This page's transports: shared with the other pages of the browser where that can be. */

import { transports as alone } from "../transports/index.js";
import { Exchange } from "./exchange.js";
import { shared } from "./shared.js";

const exchange = new Exchange();

export const transports = shared(alone, exchange);

/** Whether another page of this browser would use the same connection. */
export const isShared = () => exchange.isThere;

addEventListener("pagehide", () => exchange.leave());
document.addEventListener("visibilitychange", () => exchange.hide(document.hidden));
