"""An app's back end: serves its page, and gives each of its users a grant to send photos to Revela.

    REVELA_URL=http://127.0.0.1:8080 REVELA_KEY=k_… REVELA_SECRET=… PORT=9000 python3 backend.py
"""

import base64
import hmac
import http.server
import json
import os
import pathlib
import time

URL, KEY, SECRET = (os.environ[name] for name in ("REVELA_URL", "REVELA_KEY", "REVELA_SECRET"))


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def grant(**claims):
    """A JSON Web Token (RFC 7519) by HMAC-SHA-256. Any library for them makes the same."""
    parts = [{"alg": "HS256", "kid": KEY}, {"exp": int(time.time()) + 3600, **claims}]
    signed = ".".join(encoded(json.dumps(part).encode()) for part in parts)
    return signed + "." + encoded(hmac.digest(SECRET.encode(), signed.encode(), "sha256"))


class App(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/grant":  # a real app knows here who is logged in
            terms = {"url": URL, "grant": grant(jti="album-of-ana", title="Ana’s album", files=20)}
            return self.answer("application/json", json.dumps(terms).encode())
        self.answer("text/html", pathlib.Path(__file__).with_name("page.html").read_bytes())

    def answer(self, media_type, body):
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.end_headers()
        self.wfile.write(body)


http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), App).serve_forever()
