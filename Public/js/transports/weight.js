// @ts-check
/** What came over the wire, in bytes, as far as a page can know it. */

/**
 * The head of an answer, as HTTP/1.1 writes it.
 * @param {Response} answer
 */
export function headBytes({ status, statusText, headers }) {
    const lines = [`HTTP/1.1 ${status} ${statusText}`];
    for (const [name, value] of headers) lines.push(`${name}: ${value}`);
    return lines.reduce((sum, line) => sum + line.length + 2, 2);
}

/**
 * A text frame of the server (RFC 6455 §5.2): its payload, and what stands before it.
 * @param {string} text
 */
export function frameBytes(text) {
    const { length } = new TextEncoder().encode(text);
    return length + (length < 126 ? 2 : length < 65_536 ? 4 : 10);
}
