"""The real server, started as a person would start it, for the tests that need both programs."""

import contextlib
import http.client
import json
import os
import pathlib
import resource
import signal
import subprocess
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAMS = pathlib.Path(os.environ.get("REVELA_TEST_PROGRAMS", ROOT / ".build" / "debug"))
# Programs beside the sources find their pages by themselves; that is part of what is tested.
PAGES = [] if PROGRAMS.is_relative_to(ROOT) else ["--pages", ROOT / "Public"]
PHOTOS = sorted((ROOT / ".build-photos").glob("*.jpg"))
FINAL = {"ready", "rejected", "failed", "cancelled", "expired"}


class Server:
    """One server process over a data folder that outlives it."""

    # Of an owner who may begin batches; without one everybody may.
    token = None

    def __init__(self, data, *flags, port=0, by_invitation=False):
        self.data = pathlib.Path(data)
        self.flags = flags if by_invitation else ("--open", *flags)
        self.port = port
        self.process = None
        self.log = None

    def start(self, limits=None, before=None):
        """`limits` are of the process's resources: (soft, hard) by the `RLIMIT_…` of `resource`.
        `before` is called in the new process."""
        def restrict():
            for which, pair in (limits or {}).items():
                resource.setrlimit(which, pair)
            if before:
                before()

        self.data.mkdir(parents=True, exist_ok=True)
        self.log = open(self.data.parent / f"{self.data.name}.log", "ab")
        self.process = subprocess.Popen(
            [PROGRAMS / "revela", "serve", "--port", str(self.port), "--data", self.data, *PAGES,
             *self.flags],
            stdout=subprocess.PIPE, stderr=self.log, cwd="/", preexec_fn=restrict if limits or before else None,
        )
        line = self.process.stdout.readline().decode()
        assert "http://" in line, f"the server did not start: {line!r}\n{self.log_text()}"
        self.url = "http://" + line.split("http://")[1].strip()
        self.port = urllib.parse.urlsplit(self.url).port
        return self

    def log_text(self):
        return pathlib.Path(self.log.name).read_text(errors="replace")

    def kill(self):
        """As by a power cut: nothing is told, nothing is tidied."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._close()

    def stop(self, timeout=60):
        """Politely; returns the seconds it took and the exit status."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout)
        self._close()
        return time.monotonic() - began, status

    def _close(self):
        self.process.stdout.close()
        self.log.close()

    # What is known of it from outside

    def children(self):
        return children_of(self.process.pid)

    def workers(self):
        """Without the templates that workers are copied from."""
        return [pid for pid in self.children() if _name(pid) != "revela-template"]

    @contextlib.contextmanager
    def slow_workers(self, share=0.1, period=0.2):
        """Lets the workers run for a share of the time only, as on a slower machine."""
        over = threading.Event()

        def pulse():
            while not over.is_set():
                for stop_signal, part in [(signal.SIGSTOP, 1 - share), (signal.SIGCONT, share)]:
                    self._signal_workers(stop_signal)
                    over.wait(period * part)
            self._signal_workers(signal.SIGCONT)

        thread = threading.Thread(target=pulse)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _signal_workers(self, number):
        for pid in self.workers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill_workers(self, templates=False):
        """All at once; with the templates, which go first, nobody is left to be copied."""
        workers = self.workers()
        first = [pid for pid in self.children() if pid not in workers] if templates else []
        for pid in first + workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def resident_bytes(self):
        return int(_status(self.process.pid, "VmRSS")) * 1024

    def made_bytes(self):
        """Resident memory without the program's own pages, which come when they are first used."""
        return int(_status(self.process.pid, "RssAnon")) * 1024

    def unread_bytes(self):
        """What has come over its connections and was not read yet, as proc(5) tells it."""
        lines = pathlib.Path(f"/proc/{self.process.pid}/net/tcp").read_text().splitlines()[1:]
        established = [fields for fields in map(str.split, lines) if fields[3] == "01"]
        return sum(int(fields[4].split(":")[1], 16) for fields in established
                   if int(fields[1].split(":")[1], 16) == self.port)

    def staged_files(self):
        return sorted(p.name for p in (self.data / "staging").glob("*"))

    # Requests

    def capabilities(self):
        """Once a worker has said what it is: a server opens without one that is slow."""
        with until("the first worker's word") as waiting:
            while (answer := self.json("GET", "/api/capabilities")[1])["sandbox"] == "unknown":
                waiting()
        return answer

    def request(self, method, path, body=None, headers=None):
        """Returns (status, headers, body as bytes)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def json(self, method, path, body=None, headers=None):
        status, _, data = self.request(method, path, body, headers)
        return status, json.loads(data) if data else None

    def new_batch(self):
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        status, answer = self.json("POST", "/api/batches", headers=headers)
        assert status == 201, answer
        return Batch(self, answer["document"]["id"], answer.get("ownerToken", self.token))

    def accept(self, address):
        """Takes the invitation of that address, as a program does."""
        body = json.dumps({"invitation": address.split("#")[1]})
        status, answer = self.json("POST", "/api/grants", body)
        if status == 201:
            self.token = answer["ownerToken"]
        return status, answer


class Batch:
    """A batch of ours: its name and the token that may change it."""

    def __init__(self, server, name, token):
        self.server = server
        self.name = name
        self.token = token
        self.path = f"/api/batches/{name}"
        self.headers = {"Authorization": f"Bearer {token}"}

    def document(self):
        status, answer = self.server.json("GET", self.path)
        assert status == 200, answer
        return answer["document"]

    def images(self):
        return self.document()["images"]

    def send(self, data, name="photo.jpg", content_type="image/jpeg"):
        """Uploads one raw body; returns (status, answer)."""
        quoted = urllib.parse.quote(name, safe="")
        return self.server.json("POST", f"{self.path}/images", data, {
            **self.headers, "Content-Type": content_type,
            "Content-Disposition": f"attachment; filename*=UTF-8''{quoted}",
        })

    def curl(self, *files):
        """Uploads files as a form, by curl, as anybody would."""
        fields = [part for file in files for part in ("-F", f"photos=@{file}")]
        output = subprocess.run(
            ["curl", "-sS", "--fail-with-body", "-H", f"Authorization: Bearer {self.token}", *fields,
             f"{self.server.url}{self.path}/images"],
            check=True, capture_output=True, timeout=120)
        return json.loads(output.stdout)

    def events(self):
        """The whole log, read from before the first event by plain polling."""
        status, first = self.server.json("GET", self.path)
        cursor = first["cursor"].split(".")[0] + ".0"
        events = []
        while True:
            status, page = self.server.json("GET", f"{self.path}/events?after={cursor}")
            assert status == 200 and "reset" not in page, page
            events += page["events"]
            cursor = page["cursor"]
            if not page.get("more"):
                return events

    def settle(self, timeout=120):
        """Waits until every image is final, by long polls; returns the images."""
        deadline = time.monotonic() + timeout
        cursor = ""
        while time.monotonic() < deadline:
            status, page = self.server.json("GET", f"{self.path}/events?after={cursor}&wait=5")
            assert status == 200, page
            cursor = page["cursor"]
            if page["state"] == "settled":
                return self.images()
        raise AssertionError(f"not settled in {timeout} s: {self.images()}\n{self.server.log_text()}")


def merged(target, patch):
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def folded(events):
    document = {}
    for event in events:
        document = merged(document, event["patch"])
    return document


def assert_whole(batch):
    """The log has no gap, no double, and folds to the document; every image ended exactly once."""
    events = batch.events()
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert folded(events) == batch.document()
    ends = {}
    for event in events:
        for image, patch in event["patch"].get("images", {}).items():
            if patch is None:
                # Removed, which only what has ended can be.
                assert ends.pop(image) == 1, image
            elif patch.get("state") in FINAL:
                ends[image] = ends.get(image, 0) + 1
            elif patch.get("state") == "waiting" and event["type"] == "image.retried":
                ends[image] = 0
    assert ends == {image: 1 for image in batch.images()}
    return events


@contextlib.contextmanager
def until(message, timeout=120, pause=0.02):
    """`for _ in` a bounded wait: yields a function that is true until the time is over."""
    deadline = time.monotonic() + timeout

    def waiting():
        if time.monotonic() > deadline:
            raise AssertionError(f"{message} did not happen in {timeout} s")
        time.sleep(pause)
        return True

    yield waiting


def cpu_ticks(pid):
    """What the process has used of the processor, in hundredths of a second; None once it is over."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else int(fields[11]) + int(fields[12])


def _name(pid):
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()


def children_of(pid):
    """Processes that its threads have begun. A thread may end while they are read."""
    children = []
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            children += map(int, (task / "children").read_text().split())
    return children


def _status(pid, key):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return line.split()[1]
    raise KeyError(key)
