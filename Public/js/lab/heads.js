// @ts-check
/**
 * The size of what goes before the payload. The head of an answer can be read, so its size is known
 * to the byte; of a question the browser adds fields that no page can see, so its size is worked
 * out from what such a browser sends. Both as HTTP/1.1 writes them.
 */

const encoder = new TextEncoder();

/** @param {string} text */
export const bytesOf = (text) => encoder.encode(text).length;

/** @param {Response} answer */
export function answerHead(answer) {
    let size = bytesOf(`HTTP/1.1 ${answer.status} ${answer.statusText}\r\n\r\n`);
    for (const [name, value] of answer.headers) size += bytesOf(`${name}: ${value}\r\n`);
    return size;
}

/**
 * @param {URL} address @param {Record<string, string>} fields those that the page sets
 * @param {Record<string, string>} more those of this kind of request
 */
function head(address, fields, more) {
    const { host, pathname, search } = address;
    const all = {
        Host: host,
        Connection: "keep-alive",
        "User-Agent": navigator.userAgent,
        "Accept-Encoding": "gzip, deflate, br, zstd",
        "Accept-Language": acceptLanguage(navigator.languages),
        Cookie: "revela_owner=o_0123456789abcdefghijklmnop",
        ...more,
        ...fields,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    return bytesOf(`GET ${pathname}${search} HTTP/1.1\r\n${lines.join("")}\r\n`);
}

/**
 * As browsers write the reader's languages, the dearest first.
 * @param {readonly string[]} languages
 */
const acceptLanguage = (languages) =>
    languages.map((tag, at) => (at === 0 ? tag : `${tag};q=${(1 - at / 10).toFixed(1)}`)).join(",");

/** @param {string} url @param {Record<string, string>} fields */
export function questionHead(url, fields) {
    return head(new URL(url, location.href), fields, {
        ...hints(),
        Pragma: "no-cache",
        "Cache-Control": "no-cache",
        "Sec-Fetch-Site": "same-origin",
        "Sec-Fetch-Mode": "cors",
        "Sec-Fetch-Dest": "empty",
        Referer: location.href,
    });
}

/**
 * What Chromium says of itself besides.
 * @returns {Record<string, string>}
 */
function hints() {
    const { userAgentData } = /** @type {any} */ (navigator);
    if (!userAgentData) return {};
    const brands = userAgentData.brands.map(
        (/** @type {any} */ { brand, version }) => `"${brand}";v="${version}"`,
    );
    return {
        "sec-ch-ua": brands.join(", "),
        "sec-ch-ua-mobile": "?0",
        "sec-ch-ua-platform": `"${userAgentData.platform}"`,
    };
}

/** @param {string} url of the socket */
export function upgradeHeads(url) {
    const address = new URL(url);
    const key = "0123456789abcdefghijkl==";
    const question = head(
        address,
        {},
        {
            Pragma: "no-cache",
            "Cache-Control": "no-cache",
            Upgrade: "websocket",
            Connection: "Upgrade",
            Origin: location.origin,
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": key,
            "Sec-WebSocket-Protocol": "revela.v1",
            "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
        },
    );
    const fields = [
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Protocol: revela.v1",
    ];
    const lines = [...fields, "Sec-WebSocket-Accept: 0123456789abcdefghijklmnopq="].join("\r\n");
    return { question, answer: bytesOf(`HTTP/1.1 101 Switching Protocols\r\n${lines}\r\n\r\n`) };
}

/**
 * RFC 6455 §5.2: what goes before a message of so many bytes; a browser's own is masked.
 * @param {number} size @param {boolean} isMasked
 */
export const frameHead = (size, isMasked) =>
    (size < 126 ? 2 : size < 65_536 ? 4 : 10) + (isMasked ? 4 : 0);
