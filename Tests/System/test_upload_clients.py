"""Uploads by clients we did not write, as their own programs and unchanged, which are given one URL:
they upload, are cut in the middle, and resume by what they themselves remember."""

import base64
import socket
import subprocess
import sys
import urllib.parse

import pytest
from tusclient.client import TusClient
from tusclient.fingerprint.fingerprint import Fingerprint
from tusclient.storage.filestorage import FileStorage

import harness
from evidence import assert_all_developed
from faultproxy import Break, FaultProxy, Faults
from tus import VERSION, ask, image_of

PYTHON = harness.ROOT / ".build-python" / "bin"
CHUNK = 100_000
# Into the first request that brings more than one chunk could.
CUT = 350_000


def of_upload(server, path):
    """The batch that /files made for whoever came, and the image, from the links of the upload."""
    answer = ask(server.port, "HEAD", path, VERSION)
    name = answer.headers["Link"].split("/api/batches/")[1].split("/")[0]
    return harness.Batch(server, name, None), image_of(answer)


def assert_developed(server, path, photo):
    batch, image = of_upload(server, path)
    images = assert_all_developed(batch, {image: photo.read_bytes()})
    assert images[image]["name"] == photo.name


class Client:
    """One program; `again` is how it is told to go on with what it has begun."""

    def __init__(self, url, photo, folder):
        self.url, self.photo, self.folder = url, photo, folder

    def run(self, *arguments, answer=""):
        return subprocess.run(
            [str(argument) for argument in arguments], cwd=self.folder, input=answer, text=True,
            capture_output=True, timeout=300)


class Aiotus(Client):
    """Goes on by itself."""

    def first(self):
        return self.run(sys.executable, "-m", "aiotus", "upload", self.url, self.photo)

    again = None


class Tussi(Client):
    """Keeps `Location` in a file, and asks before it goes on."""

    def first(self, answer=""):
        return self.run(sys.executable, "-m", "tussi._demo_upload", "--url", self.url, "--file",
                        self.photo, "--chunk-size", CHUNK, "--progress", "progress", answer=answer)

    def again(self):
        return self.first("y\n")


class TusPy(Client):
    """The `tus.py` of PyPI: prints `Location`, and is given it again."""

    def first(self):
        done = self.run(PYTHON / "tus-upload", self.photo, self.url, "--chunk-size", CHUNK)
        self.location = done.stdout.split()[0]
        return done

    def again(self):
        return self.run(PYTHON / "tus-resume", self.photo, self.location, "--chunk-size", CHUNK)


class ResumableUpload(Client):
    """Keeps what it has begun in a file beside it."""

    def first(self):
        return self.run(PYTHON / "resumable-upload", "upload", self.photo, "--url", self.url,
                        "--resume", "--chunk-size", CHUNK, "--max-retries", 0)

    again = first


class Tuspy(Client):
    """A library: this is its README's example, with the memory it comes with."""

    def first(self):
        return self.run(sys.executable, "-c", f"""if True:
            from tusclient.client import TusClient
            from tusclient.fingerprint.fingerprint import Fingerprint
            from tusclient.storage.filestorage import FileStorage
            TusClient({self.url!r}).uploader(
                {str(self.photo)!r}, chunk_size={CHUNK}, store_url=True,
                metadata={{"filename": {self.photo.name!r}}},
                url_storage=FileStorage("urls.json"), fingerprinter=Fingerprint()).upload()
            """)

    again = first


CLIENTS = [Aiotus, Tussi, TusPy, ResumableUpload, Tuspy]


@pytest.mark.parametrize("make", CLIENTS, ids=lambda make: make.__name__)
def test_a_client_uploads(server, photos, tmp_path, make):
    with FaultProxy(server.port) as proxy:
        done = make(f"{proxy.url}/files", photos[0], tmp_path).first()
    assert done.returncode == 0, done.stdout + done.stderr
    path, = {append.upload for append in proxy.appends()}
    assert_developed(server, path, photos[0])
    proxy.assert_nothing_acknowledged_was_sent_again()


@pytest.mark.parametrize("make", CLIENTS, ids=lambda make: make.__name__)
def test_a_client_that_is_cut_in_the_middle_resumes(server, photos, tmp_path, make):
    with cut_once(server.port) as proxy:
        client = make(f"{proxy.url}/files", photos[0], tmp_path)
        done = client.first()
        # Some go on by themselves, at least over a connection that was only closed.
        if done.returncode != 0 and client.again:
            done = client.again()
    assert done.returncode == 0, done.stdout + done.stderr
    path, = {append.upload for append in proxy.appends()}
    assert_developed(server, path, photos[0])
    proxy.assert_nothing_acknowledged_was_sent_again()
    cut, *rest = [append for append in proxy.appends() if append.offset + append.sent >= CUT - SPARE]
    assert cut.status is None and rest and rest[0].offset > 0
    assert sum(append.sent for append in proxy.appends()) < 1.5 * photos[0].stat().st_size


# The heads of requests, which count as the network does.
SPARE = 20_000


def cut_once(port):
    """A network that ends the connection which brings the byte `CUT` of all, and none after it."""
    def plan(number, dice):
        sent = sum(proxy.bytes_by_path().values())
        return Faults() if sent > CUT - SPARE else Faults(up=Break("close", CUT - sent))

    proxy = FaultProxy(port, plan)
    return proxy


# Clients in Go, by their requests

class Wire:
    """A connection to whatever host a URL names, as a client finds it that knows nothing else."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        assert parts.scheme == "http" and parts.hostname, f"unsupported protocol scheme: {url}"
        self.host, self.target = parts.netloc, parts.path
        self.link = socket.create_connection((parts.hostname, parts.port), timeout=60)
        self.read = self.link.makefile("rb")

    def send(self, method, fields, body=b""):
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.link.sendall(f"{method} {self.target} HTTP/1.1\r\nHost: {self.host}\r\n"
                          f"User-Agent: Go-http-client/1.1\r\n{head}"
                          "Accept-Encoding: gzip\r\n\r\n".encode() + body)

    def answer(self):
        """The next one, interim or not: its status and its fields."""
        status = int(self.read.readline().split()[1])
        fields = {}
        while (line := self.read.readline().strip()):
            name, _, value = line.decode().partition(":")
            fields[name.lower()] = value.strip()
        return status, fields


def asked(url, method, fields, body=b""):
    wire = Wire(url)
    wire.send(method, fields, body)
    return wire.answer()


def test_go_tus_creates_sends_in_chunks_and_resumes_by_a_head_that_must_say_200(server, photos):
    data = photos[0].read_bytes()
    name = base64.b64encode(photos[0].name.encode()).decode()
    status, fields = asked(f"{server.url}/files", "POST", {
        "Content-Length": 0, "Tus-Resumable": "1.0.0", "Upload-Length": len(data),
        "Upload-Metadata": f"filename {name}"})
    assert status == 201
    url = fields["location"]

    def patch(offset, size):
        chunk = data[offset:offset + size]
        return asked(url, "PATCH", {
            "Content-Length": len(chunk), "Content-Type": "application/offset+octet-stream",
            "Tus-Resumable": "1.0.0", "Upload-Offset": offset}, chunk)

    status, fields = patch(0, 400_000)
    assert (status, fields["upload-offset"]) == (204, "400000")
    status, fields = asked(url, "HEAD", {"Tus-Resumable": "1.0.0"})
    assert (status, fields["upload-offset"]) == (200, "400000")
    for offset in range(400_000, len(data), 2 << 20):
        status, fields = patch(offset, 2 << 20)
        assert status == 204 and int(fields["upload-offset"]) == min(len(data), offset + (2 << 20))
    assert_developed(server, urllib.parse.urlsplit(url).path, photos[0])


def test_the_ietfs_go_client_resumes_at_exactly_the_url_of_the_104(server, photos):
    data = photos[0].read_bytes()
    wire = Wire(f"{server.url}/files")
    draft = {"Upload-Draft-Interop-Version": 8}
    wire.send("POST", {
        **draft, "Content-Length": len(data), "Upload-Complete": "?1",
        "Content-Disposition": f'attachment; filename="{photos[0].name}"'})
    status, fields = wire.answer()
    assert (status, fields["upload-draft-interop-version"]) == (104, "8")
    url = fields["location"]
    wire.link.sendall(data[:CUT])
    wire.link.shutdown(socket.SHUT_WR)
    wire.read.read()

    status, fields = asked(url, "HEAD", draft)
    offset = int(fields["upload-offset"])
    assert (status, fields["upload-complete"], offset) == (204, "?0", CUT)
    wire = Wire(url)
    wire.send("PATCH", {
        **draft, "Content-Length": len(data) - offset, "Content-Type": "application/partial-upload",
        "Upload-Complete": "?1", "Upload-Offset": offset}, data[offset:])
    while (answer := wire.answer())[0] == 104:
        assert "location" not in answer[1]
    assert (answer[0], answer[1]["upload-complete"]) == (200, "?1")
    assert_developed(server, urllib.parse.urlsplit(url).path, photos[0])


def test_tuspy_resumes_by_its_own_memory_after_a_restart(server, photos, tmp_path):
    size = photos[1].stat().st_size

    def uploader():
        return TusClient(f"{server.url}/files").uploader(
            str(photos[1]), chunk_size=100_000, upload_checksum=True, store_url=True,
            url_storage=FileStorage(str(tmp_path / "urls.json")), fingerprinter=Fingerprint(),
            metadata={"filename": photos[1].name})

    first = uploader()
    first.upload(stop_at=size // 2)
    assert size // 2 <= first.offset < size
    server.kill()
    server.start()

    # Another process would know no more than this: the file, and the memory in a file.
    second = uploader()
    assert second.url == first.url and second.offset == first.offset
    second.upload()
    assert_developed(server, urllib.parse.urlsplit(second.url).path, photos[1])
