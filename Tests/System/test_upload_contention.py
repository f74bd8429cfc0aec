"""Requests that meet on one upload, and bodies that end in the wrong place.

The rows of "bad input" that need a connection held by hand; Tests/UploadTests has the others.
"""

import contextlib
import io
import random
import signal
import socket
import threading
import time

import pytest
from PIL import Image

from evidence import Photographs, assert_all_developed
from harness import assert_whole, until
from tus import BYTES, VERSION, Upload, ask


class HeldRequest:
    """A request on a socket of its own that is sent in the pieces the test wants."""

    def __init__(self, server, method, path, headers):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        lines = [f"{method} {path} HTTP/1.1", "Host: here",
                 *(f"{name}: {value}" for name, value in headers.items())]
        self.send("\r\n".join([*lines, "", ""]).encode())

    def send(self, data):
        self.socket.sendall(data)

    def send_chunk(self, data):
        self.send(b"%x\r\n" % len(data) + data + b"\r\n")

    def answer(self):
        """The status, or None where the connection ended without one."""
        with self.socket.makefile("rb") as file:
            line = file.readline()
        return int(line.split()[1]) if line else None

    def close(self, reset=False):
        if reset:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()


def begun(batch, data):
    upload = Upload(batch, data)
    upload.create()
    return upload


def create_with(batch, headers):
    return ask(batch.server.port, "POST", f"{batch.path}/images",
               {**VERSION, **batch.headers, **headers})


def hold_append(upload, count, chunked=False):
    """A PATCH from the beginning that has sent `count` bytes and goes no further."""
    length = ({"Transfer-Encoding": "chunked"} if chunked
              else {"Content-Length": str(len(upload.data))})
    held = HeldRequest(upload.batch.server, "PATCH", upload.path,
                       {**VERSION, **BYTES, **length, "Upload-Offset": "0"})
    piece = upload.data[:count]
    held.send_chunk(piece) if chunked else held.send(piece)
    return held


def wait_for_bytes(upload, count):
    """Until the server has written so many bytes of the upload, acknowledged or not."""
    file = upload.batch.server.data / "staging" / upload.path.rpartition("/")[2]
    with until(f"{count} bytes in {file.name}") as waiting:
        while waiting() and file.stat().st_size < count:
            pass


@pytest.fixture
def data(tmp_path):
    """A photograph of 256 KiB: its first 64 KiB are written and noted at once, to be looked at."""
    photo = Photographs(tmp_path, random.Random(1), sources=1).next()
    return photo + bytes((256 << 10) - len(photo))


# MARK: The last byte without the end of the request


@pytest.mark.parametrize("ending", ["reset", "close", "superseded"])
def test_a_body_that_brought_the_last_byte_is_whole_however_it_ended(server, batch, ending):
    """A chunked body is at its end only after an empty chunk; the photo is there before it. It has
    exactly the 64 KiB that are written and noted without waiting for more."""
    photo = io.BytesIO()
    Image.effect_noise((160, 120), 80).save(photo, "JPEG")
    data = photo.getvalue() + bytes((64 << 10) - len(photo.getvalue()))
    upload = begun(batch, data)
    held = hold_append(upload, len(data), chunked=True)
    wait_for_bytes(upload, len(data))
    if ending == "superseded":
        upload.head()
        assert upload.is_whole and held.answer() == 204
    else:
        held.close(reset=ending == "reset")
    # Nobody who hears that all is there comes back, and nobody has to.
    with until("the end of the upload") as waiting:
        while waiting() and batch.images()[upload.image]["state"] == "uploading":
            pass
    assert_all_developed(batch, {upload.image: data})


# MARK: Two at once


def test_the_newer_of_two_appends_wins_and_the_older_bytes_stay(server, batch, data):
    upload = begun(batch, data)
    older = hold_append(upload, 100_000)
    wait_for_bytes(upload, 65_536)
    # It comes with an offset that the older one has made old, and learns the right one.
    answer = upload.ask("PATCH", {**BYTES, "Upload-Offset": "0"}, data)
    assert answer.status == 409 and 65_536 <= answer.offset <= 100_000
    assert older.answer() == 409
    upload.advance(answer.offset)
    upload.append()
    assert_all_developed(batch, {upload.image: data})


def test_many_appends_of_the_same_bytes_at_once_make_one_photo(server, batch, data):
    upload = begun(batch, data)
    answers = []

    def append():
        answers.append(upload.ask("PATCH", {**BYTES, "Upload-Offset": "0"}, data).status)

    threads = [threading.Thread(target=append) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {204, 409} and len(answers) == 8
    upload.head()
    if not upload.is_whole:
        upload.append()
    assert_all_developed(batch, {upload.image: data})


def test_a_delete_ends_an_append_under_way_and_the_image_is_cancelled(server, batch, data):
    upload = begun(batch, data)
    held = hold_append(upload, 100_000)
    wait_for_bytes(upload, 65_536)
    assert upload.ask("DELETE").status == 204
    assert held.answer() in (409, 410)
    assert upload.ask("HEAD").status in (404, 410)
    assert upload.ask("PATCH", {**BYTES, "Upload-Offset": "0"}, data).status in (404, 410)
    assert batch.settle()[upload.image]["state"] == "cancelled"
    assert_whole(batch)
    assert server.staged_files() == []


def test_cancelling_the_image_ends_an_append_under_way(server, batch, data):
    upload = begun(batch, data)
    held = hold_append(upload, 100_000)
    wait_for_bytes(upload, 65_536)
    path = f"{batch.path}/images/{upload.image}"
    assert ask(server.port, "DELETE", path, batch.headers).status in (200, 204)
    assert held.answer() in (409, 410)
    assert upload.ask("HEAD").status in (404, 410)
    assert batch.settle()[upload.image]["state"] == "cancelled"
    with until("the end of its file") as waiting:
        while waiting() and server.staged_files():
            pass


def test_deleting_the_batch_ends_an_append_under_way(server, batch, data):
    upload = begun(batch, data)
    held = hold_append(upload, 100_000)
    wait_for_bytes(upload, 65_536)
    assert ask(server.port, "DELETE", batch.path, batch.headers).status == 204
    # Though not one more byte comes. The file goes with the next sweep, or the next start.
    assert held.answer() == 410
    assert upload.ask("HEAD").status in (404, 410)
    server.kill()
    server.start()
    assert server.staged_files() == []


# MARK: The server stops


def test_an_append_ends_when_the_server_stops_and_goes_on_after_the_next_start(
        server, batch, data):
    upload = begun(batch, data)
    held = hold_append(upload, 100_000)
    wait_for_bytes(upload, 65_536)
    # It does not wait for the client, or it would be killed in the end.
    _, status = server.stop()
    assert status == 0 and held.answer() == 503
    server.start()
    assert 65_536 <= upload.head().offset <= 100_000
    upload.append()
    assert_all_developed(batch, {upload.image: data})


def test_a_plain_upload_may_end_while_the_server_stops(server, batch, data):
    """The server waits four seconds for it; where the machine stalled for longer, it is tried again."""
    status = None
    while status != 201:
        held = HeldRequest(server, "POST", f"{batch.path}/images", {
            **batch.headers, "Content-Type": "image/jpeg", "Content-Length": str(len(data))})
        held.send(data[:100_000])
        with until("the upload") as waiting:
            while waiting() and not server.staged_files():
                pass
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        with until("the end of new connections") as waiting:
            while waiting() and reachable(server):
                pass
        with contextlib.suppress(ConnectionError):
            held.send(data[100_000:])
            status = held.answer()
        assert status == 201 or time.monotonic() - began > 3, status
        server.stop()
        server.start()
    images = batch.settle()
    [image] = [id for id, image in images.items() if image["state"] == "ready"]
    assert_all_developed(batch, {image: data})


@pytest.mark.parametrize("form", ["raw", "multipart"])
def test_a_plain_upload_that_does_not_end_is_told_so_and_keeps_no_server_from_stopping(
        server, batch, data, form):
    head = b'--x\r\nContent-Disposition: form-data; name="a"; filename="a.jpg"\r\n\r\n'
    kind = "image/jpeg" if form == "raw" else "multipart/form-data; boundary=x"
    held = HeldRequest(server, "POST", f"{batch.path}/images", {
        **batch.headers, "Content-Type": kind, "Content-Length": str(len(data))})
    held.send((head if form == "multipart" else b"") + data[:100_000])
    with until("the upload") as waiting:
        while waiting() and not server.staged_files():
            pass
    seconds, status = server.stop()
    assert seconds < 30 and status == 0, server.log_text()
    assert held.answer() == 503
    server.start()
    assert [image["state"] for image in batch.settle().values()] == ["rejected"]
    assert server.staged_files() == []
    assert_whole(batch)


def reachable(server):
    try:
        socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
    except OSError:
        return False
    return True


# MARK: After the end, beyond it, and before the beginning


def test_an_append_after_the_end_changes_nothing(server, batch, data):
    upload = begun(batch, data)
    upload.append()
    size = str(len(data))
    assert upload.ask("PATCH", {**BYTES, "Upload-Offset": size}, b"more").status == 413
    assert upload.ask("PATCH", {**BYTES, "Upload-Offset": "0"}, data).status == 409
    assert upload.ask("PATCH", {**BYTES, "Upload-Offset": size}).status in (204, 409)
    upload.head()
    assert_all_developed(batch, {upload.image: data})


def test_more_bytes_than_announced_are_refused_and_the_acknowledged_ones_stay(server, batch, data):
    """In a chunked body, whose length nobody knows before."""
    upload = begun(batch, data)
    upload.append(1000)
    held = HeldRequest(server, "PATCH", upload.path, {
        **VERSION, **BYTES, "Transfer-Encoding": "chunked", "Upload-Offset": "1000"})
    held.send_chunk(data[1000:])
    held.send_chunk(b"more")
    held.send(b"0\r\n\r\n")
    assert held.answer() == 413
    upload.head()
    if not upload.is_whole:
        upload.append()
    assert_all_developed(batch, {upload.image: data})


def test_a_chunked_body_without_length_is_taken(server, batch, data):
    upload = begun(batch, data)
    held = hold_append(upload, len(data), chunked=True)
    held.send(b"0\r\n\r\n")
    assert held.answer() == 204
    assert_all_developed(batch, {upload.image: data})


def test_lengths_that_are_none(server, batch):
    for length in ["-1", "99999999999999999999999", "1e3", "0x10", "", " ", "1, 2"]:
        assert create_with(batch, {"Upload-Length": length}).status == 400, length
    assert create_with(batch, {"Upload-Length": "9223372036854775807"}).status == 413
    assert batch.images() == {} and server.staged_files() == []


def test_offsets_that_are_none(batch, data):
    upload = begun(batch, data)
    for offset in ["-1", "99999999999999999999999", "zero", "", "1.5"]:
        assert upload.ask("PATCH", {**BYTES, "Upload-Offset": offset}, b"x").status == 400, offset
    assert upload.head().offset == 0


def test_metadata_that_is_none(batch):
    for text in ["filename &&&", "filename a b", ",", "filename YQ==,filename YQ=="]:
        answer = create_with(batch, {"Upload-Length": "5", "Upload-Metadata": text})
        assert answer.status == 400, text
    assert batch.images() == {}


def test_nobody_appends_to_what_belongs_to_another(server, batch, data):
    """The upload's URL is the right to append, and cannot be guessed; all else needs the owner."""
    upload = begun(batch, data)
    stranger = server.new_batch()
    assert create_with(batch, {**stranger.headers, "Upload-Length": "5"}).status == 403
    guess = upload.path[:-1] + ("0" if upload.path[-1] != "0" else "1")
    for method in ["HEAD", "PATCH", "DELETE"]:
        answer = ask(server.port, method, guess, {**VERSION, **BYTES, "Upload-Offset": "0"}
                     if method == "PATCH" else VERSION)
        assert answer.status == 404, method
    # The document that is shared does not tell the URL; the image as its owner sees it does.
    assert upload.path not in str(batch.document())
    path = f"{batch.path}/images/{upload.image}"
    status, _, body = server.request("GET", path, headers=stranger.headers)
    assert upload.path.encode() not in body
    assert list(batch.images()) == [upload.image]
    upload.append()
    assert_all_developed(batch, {upload.image: data})
