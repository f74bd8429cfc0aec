// @ts-check
/** The shared worker: it holds the connections that the pages of this browser share. */

import { systemClock } from "./feed.js";
import { Switchboard } from "./sharing/switchboard.js";
import { transports } from "./transports/index.js";

const switchboard = new Switchboard({ transports, clock: systemClock });

addEventListener("online", () => switchboard.networkIsBack());
addEventListener("connect", (event) => {
    const [port] = /** @type {MessageEvent} */ (event).ports;
    port.addEventListener("message", ({ data }) => switchboard.hear(port, data));
    // Where the browser tells that a page was closed or has crashed.
    port.addEventListener("close", () => switchboard.unplug(port));
    port.start();
    switchboard.plug(port);
});
