"""Clients of uploads for tests: tus 1.0.0, the IETF draft and plain requests.

They do what a good client does and remember all they were told, so that a server which takes an
acknowledgement back is caught at once.
"""

import base64
import http.client
import threading
import time
import urllib.parse

VERSION = {"Tus-Resumable": "1.0.0"}
BYTES = {"Content-Type": "application/offset+octet-stream"}
PARTIAL = {"Content-Type": "application/partial-upload"}
# What the network or a dying server does to a request.
BROKEN = (OSError, http.client.HTTPException)


class Conflict(Exception):
    """409: somebody else has moved the upload on. A good client asks where it stands."""


class Unavailable(Exception):
    """5xx: the server's fault, and perhaps over soon."""


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def expect(self, *statuses):
        if self.status == 409:
            raise Conflict(self.body)
        if self.status >= 500:
            raise Unavailable(self.status, self.body)
        assert self.status in statuses, (self.status, self.body)
        return self

    @property
    def offset(self):
        text = self.headers["Upload-Offset"]
        return None if text is None else int(text)


def ask(port, method, path, headers=None, body=None, timeout=20):
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        return Answer(connection.getresponse())
    finally:
        connection.close()


def path_of(answer):
    """Where a creation says its upload is. It is a whole URL, of whoever was asked: a proxy may be."""
    return urllib.parse.urlsplit(answer.headers["Location"]).path


def metadata(name):
    return {"Upload-Metadata": f"filename {base64.b64encode(name.encode()).decode()}"}


class Upload:
    """One file on its way by tus: created, appended to, asked for its offset."""

    def __init__(self, batch, data, name="photo.jpg", port=None, timeout=20):
        self.batch, self.data, self.name = batch, data, name
        self._port = port
        self.timeout = timeout
        self.path = None
        self.image = None
        self.acknowledged = 0

    @property
    def port(self):
        # A restarted server keeps its port; one that has not begun yet has none.
        return self._port or self.batch.server.port

    @property
    def is_whole(self):
        return self.path is not None and self.acknowledged == len(self.data)

    def ask(self, method, headers=None, body=None):
        return ask(self.port, method, self.path, {**VERSION, **(headers or {})}, body, self.timeout)

    def create(self, first=0, deferred=False):
        """POST, with the first bytes where some are to go along."""
        length = {"Upload-Defer-Length": "1"} if deferred else {"Upload-Length": str(len(self.data))}
        content = self.data[:first] or None
        answer = ask(
            self.port, "POST", f"{self.batch.path}/images",
            {**VERSION, **self.batch.headers, **metadata(self.name), **length,
             **(BYTES if content else {})}, content, self.timeout)
        answer.expect(201)
        self.path = path_of(answer)
        self.image = image_of(answer)
        if answer.offset is not None:
            self.advance(answer.offset)
        return answer

    def head(self):
        answer = self.ask("HEAD")
        answer.expect(200, 204)
        self.advance(answer.offset)
        return answer

    def append(self, count=None, headers=None):
        """PATCH of the next `count` bytes, or of all that are missing."""
        start = self.acknowledged
        end = len(self.data) if count is None else min(len(self.data), start + count)
        answer = self.ask(
            "PATCH", {**BYTES, "Upload-Offset": str(start), **(headers or {})}, self.data[start:end])
        answer.expect(204)
        self.advance(answer.offset)
        return answer

    def advance(self, offset):
        assert offset is not None and self.acknowledged <= offset <= len(self.data), (
            f"{self.path}: {offset} of {len(self.data)}, and {self.acknowledged} was acknowledged")
        self.acknowledged = offset


class DraftUpload(Upload):
    """The same by the IETF draft, interop version 8."""

    def create(self, first=0, deferred=False):
        content = self.data[:first]
        last = first >= len(self.data)
        length = {} if deferred else {"Upload-Length": str(len(self.data))}
        answer = ask(
            self.port, "POST", f"{self.batch.path}/images",
            {**self.batch.headers, **length, "Upload-Complete": "?1" if last else "?0",
             "Content-Disposition": f'attachment; filename="{self.name}"'}, content, self.timeout)
        answer.expect(201)
        # A creation that brought everything is answered by the image itself.
        self.path = None if last else path_of(answer)
        self.image = image_of(answer)
        self.advance(answer.offset)
        return answer

    def ask(self, method, headers=None, body=None):
        return ask(self.port, method, self.path, headers, body, self.timeout)

    def append(self, count=None, headers=None):
        start = self.acknowledged
        end = len(self.data) if count is None else min(len(self.data), start + count)
        answer = self.ask(
            "PATCH", {**PARTIAL, "Upload-Offset": str(start),
                      "Upload-Complete": "?1" if end == len(self.data) else "?0",
                      **(headers or {})}, self.data[start:end])
        answer.expect(200, 204)
        self.advance(answer.offset)
        return answer


def image_of(answer):
    """The image's id, from the link that every answer about an upload carries."""
    link = answer.headers["Link"]
    return link.split("/images/")[1].split(">")[0]


class Sender(threading.Thread):
    """Sends one file to its end, whatever happens to connections and to the server meanwhile.

    `kind` is "tus", "tus-first" (the first bytes go along with the creation), "tus-deferred" (the
    length comes last), "draft" or "plain".
    """

    KINDS = ["tus", "tus-first", "tus-deferred", "draft", "plain"]

    def __init__(self, batch, data, name, kind, dice, port=None, timeout=20, patience=240,
                 pieces=(1, 64 << 10), survives=BROKEN):
        super().__init__(daemon=True)
        self.batch, self.data, self.name, self.kind, self.dice = batch, data, name, kind, dice
        self.patience, self.pieces, self.survives = patience, pieces, survives
        form = DraftUpload if kind == "draft" else Upload
        self.upload = form(batch, data, name, port=port, timeout=timeout)
        self.image = None  # the one that has all the bytes, as far as the client was told
        self.breaks = 0
        self.failure = None

    def run(self):
        step = self._plain_step if self.kind == "plain" else self._step
        deadline = time.monotonic() + self.patience
        while self.image is None and self.failure is None:
            try:
                step()
            except self.survives:
                self.breaks += 1
                time.sleep(0.02)
                if time.monotonic() > deadline:
                    self.failure = f"{self}: not done in {self.patience} s"
            except Exception as error:
                self.failure = f"{self}: {type(error).__name__} {error}"

    def __str__(self):
        return f"{self.kind} {self.name} ({len(self.data)} bytes) at {self.upload.path}"

    def _piece(self):
        return self.dice.randint(*self.pieces)

    def _step(self):
        upload = self.upload
        deferred = self.kind == "tus-deferred"
        if upload.path is None:
            with_bytes = self.kind == "tus-first" or self.kind == "draft" and self.dice.random() < 0.5
            upload.create(first=self._piece() if with_bytes else 0, deferred=deferred)
            if upload.path is None:
                self.image = upload.image
                return
        # Whatever went before, the server says where it stands.
        answer = upload.head()
        while not (upload.is_whole and (not deferred or answer.headers["Upload-Length"])):
            length = {"Upload-Length": str(len(self.data))} if deferred else {}
            last = upload.acknowledged + self.pieces[0] >= len(self.data)
            upload.append(self._piece(), length if last or self.dice.random() < 0.1 else {})
            answer = upload.head()
        self.image = upload.image

    def _plain_step(self):
        answer = ask(
            self.upload.port, "POST", f"{self.batch.path}/images",
            {**self.batch.headers, "Content-Type": "image/jpeg",
             "Content-Disposition": f'attachment; filename="{self.name}"'},
            self.data, self.upload.timeout)
        answer.expect(201)
        self.image = answer.headers["Location"].rpartition("/")[2]
