// An app's back end: serves its page, and gives each of its users a grant to send photos to Revela.
//
//     REVELA_URL=http://127.0.0.1:8080 REVELA_KEY=k_… REVELA_SECRET=… PORT=9000 node backend.mjs
import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

const { REVELA_URL, REVELA_KEY, REVELA_SECRET, PORT } = process.env;
const page = await readFile(new URL("page.html", import.meta.url));

/** A JSON Web Token (RFC 7519) by HMAC-SHA-256. Any library for them makes the same. */
function grant(claims) {
    const exp = Math.floor(Date.now() / 1000) + 3600;
    const parts = [{ alg: "HS256", kid: REVELA_KEY }, { exp, ...claims }];
    const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
    const text = signed.join(".");
    return `${text}.${createHmac("sha256", REVELA_SECRET).update(text).digest("base64url")}`;
}

createServer((request, response) => {
    if (request.url !== "/grant") return response.setHeader("Content-Type", "text/html").end(page);
    // A real app knows here who is logged in.
    const terms = { jti: "album-of-ana", title: "Ana’s album", files: 20 };
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ url: REVELA_URL, grant: grant(terms) }));
}).listen(Number(PORT), "127.0.0.1");
