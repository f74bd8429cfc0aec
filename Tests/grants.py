"""Grants that apps sign with a key of the server (docs/apps.md), and manage links, as a program makes and takes them."""

import base64
import hmac
import json
import subprocess
import time

from harness import PROGRAMS, Batch, until


class Key:
    """A key of the server, as an app holds it."""

    def __init__(self, server, *flags):
        self.server = server
        told = json.loads(revela(server, "keys", "add", "--json", "--name", "Albums", *flags).stdout)
        self.id, self.secret = told["key"], told["secret"]
        # The server follows within seconds.
        with until("the new key", timeout=10) as waiting:
            while self.ask("POST", "/api/batches", jti="the-first")[0] == 403:
                waiting()

    def grant(self, _alg="HS256", _secret=None, _kid=None, **claims):
        claims = {"jti": "album", "exp": int(time.time()) + 600, **claims}
        signed = ".".join(map(encoded, [{"alg": _alg, "kid": _kid or self.id}, claims]))
        code = hmac.digest((_secret or self.secret).encode(), signed.encode(), "sha256")
        return f"{signed}.{base64.urlsafe_b64encode(code).decode().rstrip('=')}"

    def headers(self, **claims):
        return {"Authorization": f"Bearer {self.grant(**claims)}"}

    def ask(self, method, path, body=None, fields=None, **claims):
        return self.server.json(method, path, body, {**self.headers(**claims), **(fields or {})})

    def batch(self, **claims):
        status, answer = self.ask("POST", "/api/batches", **claims)
        assert status == 201, answer
        return Batch(self.server, answer["document"]["id"], self.grant(**claims))


class ManageLink:
    """The manage link of who has a batch."""

    def __init__(self, batch):
        self.server = batch.server
        status, link = self.server.json("POST", "/api/manage-link", headers=batch.headers)
        assert status == 201, link
        self.secret = link["secret"]

    def take(self, headers=None):
        """What a browser brings that has taken it: a new one, or one that has been here."""
        body = json.dumps({"manage": self.secret})
        status, answer = self.server.json("POST", "/api/grants", body, headers)
        assert status == 201 and answer["may"] == ["manage"], answer
        return headers or {"Authorization": f"Bearer {answer['ownerToken']}"}


def encoded(part):
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def revela(server, *arguments, check=True):
    command, *rest = arguments
    return subprocess.run(
        [PROGRAMS / "revela", command, *rest, "--data", server.data], check=check, capture_output=True, text=True,
        timeout=60)
