"""Answers that never reach whoever asked: what was asked comes again under its key, and is done once.

REVELA_TEST_ROUNDS sets how often the server is killed between a commit and its answer,
REVELA_TEST_SEED in which order of requests, REVELA_TEST_SECONDS how long connections are cut.
"""

import contextlib
import itertools
import json
import os
import random
import re
import subprocess
import threading
import time
import urllib.parse

import pytest
import websockets.sync.client

import harness
import tus
from evidence import Photographs, assert_all_developed
from faultproxy import Break, Faults, FaultProxy, Swallow, first_of_each
from harness import assert_whole, until
from scripted import SCRIPTED, needs_script
from witness import WitnessedServer

ROUNDS = int(os.environ.get("REVELA_TEST_ROUNDS", 6))
SECONDS = int(os.environ.get("REVELA_TEST_SECONDS", 8))
# Longer than an answer takes, shorter than anybody waits in silence.
PATIENCE = 3
KINDS = ["close", "reset", "mute"]


def keyed(key):
    return {"Idempotency-Key": f'"{key}"'}


def is_whole(answer):
    """Python takes what came of a head for all of it, too: of what is made every answer says where it
    is, or which it is."""
    if answer.status != 201:
        return True
    with contextlib.suppress(ValueError):
        return bool(json.loads(answer.body))
    headers = answer.headers
    return len((headers["Location"] or "").rpartition("/u_")[2]) == 26 and "status" in (headers["Link"] or "")


def insist(port, method, path, headers, body=None):
    """Asks until there is an answer, as a client does that has a key; and how often it asked."""
    with until(f"an answer to {method} {path}") as waiting:
        for asked in itertools.count(1):
            waiting()
            try:
                answer = tus.ask(
                    port() if callable(port) else port, method, path, headers, body, PATIENCE)
            except tus.BROKEN:
                continue
            is_under_way = method == "POST" and answer.status == 409
            if 200 <= answer.status < 500 and not is_under_way and is_whole(answer):
                return answer, asked


class Way:
    """A way to bring photographs by requests that may come again."""

    def __init__(self, batch, port, key, photographs):
        self.batch, self.port, self.key = batch, port, key
        self.data = [photographs.next() for _ in range(self.count)]
        self.asked = 0

    count = 1

    def post(self, headers, body=None, path=None):
        headers = {**self.batch.headers, **keyed(self.key), **headers}
        path = path or f"{self.batch.path}/images"
        answer, asked = insist(self.port, "POST", path, headers, body)
        self.asked += asked
        return answer.expect(201)

    def finish(self, answer):
        """Sends what is missing; the images and what they must hold."""
        path = urllib.parse.urlsplit(answer.headers["Location"]).path
        data = self.data[0]
        while path.startswith("/api/uploads/"):
            told, _ = insist(self.port, "HEAD", path, tus.VERSION)
            if told.offset == len(data):
                break
            if told.offset is None:
                continue  # Its head was cut.
            headers = {**tus.VERSION, **tus.BYTES, "Upload-Offset": str(told.offset)}
            insist(self.port, "PATCH", path, headers, data[told.offset:])
        return {tus.image_of(answer): data}


class Tus(Way):
    def send(self):
        length = {"Upload-Length": str(len(self.data[0]))}
        return self.finish(self.post({**tus.VERSION, **tus.metadata("a.jpg"), **length}))


class TusWithBody(Way):
    def send(self):
        length = {"Upload-Length": str(len(self.data[0]))}
        headers = {**tus.VERSION, **tus.BYTES, **tus.metadata("a.jpg"), **length}
        return self.finish(self.post(headers, self.data[0]))


class Draft(Way):
    def send(self):
        headers = {"Upload-Complete": "?0", "Upload-Length": str(len(self.data[0]))}
        return self.finish(self.post(headers))


class DraftWithBody(Way):
    def send(self):
        headers = {"Upload-Complete": "?1", "Upload-Length": str(len(self.data[0]))}
        return self.finish(self.post(headers, self.data[0]))


class Plain(Way):
    def send(self):
        answer = self.post({"Content-Type": "image/jpeg"}, self.data[0])
        return {json.loads(answer.body)["id"]: self.data[0]}


class Form(Way):
    count = 5

    def send(self):
        lines = []
        for number, data in enumerate(self.data):
            lines += [b"--edge", b'Content-Disposition: form-data; name="photo"; filename="%d.jpg"'
                      % number, b"Content-Type: image/jpeg", b"", data]
        body = b"\r\n".join([*lines, b"--edge--", b""])
        answer = self.post({"Content-Type": "multipart/form-data; boundary=edge"}, body)
        return dict(zip([image["id"] for image in json.loads(answer.body)["images"]], self.data))


WAYS = [Tus, TusWithBody, Draft, DraftWithBody, Plain, Form]


def proxy_that_swallows(server, kind, count=2):
    which = first_of_each(times=count)
    return FaultProxy(server.port, plan=lambda number, dice: Faults(swallow=Swallow(kind, which)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_a_creation_whose_answers_are_swallowed_is_done_once(server, batch, tmp_path, way, kind):
    with proxy_that_swallows(server, kind) as proxy:
        sender = way(batch, proxy.port, "key", Photographs(tmp_path, random.Random(1), 1))
        images = sender.send()
        assert sender.asked > 2
        assert set(images) == set(assert_all_developed(batch, images))


def test_the_line_for_curl_in_the_documentation_makes_no_photo_twice(server, batch, photos, tmp_path):
    text = (harness.ROOT / "docs" / "uploads.md").read_text()
    line = re.search(r"```sh\n(curl --retry .*?)```", text, re.DOTALL).group(1)
    for name in ["a.jpg", "b.jpg"]:
        (tmp_path / name).write_bytes(photos[0].read_bytes())
    with proxy_that_swallows(server, "reset", 1) as proxy:
        names = {"SERVER": proxy.url, "BATCH": batch.name, "TOKEN": batch.token}
        subprocess.run(["bash", "-c", line], cwd=tmp_path, env=os.environ | names, check=True,
                       capture_output=True, timeout=120)
        assert len([one for one in proxy.requests if one.method == "POST"]) == 2
    images = batch.settle().values()
    assert sorted((image["name"], image["state"]) for image in images) == [
        ("a.jpg", "ready"), ("b.jpg", "ready")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_whose_answer_is_swallowed_is_made_once(server, batch, kind):
    with proxy_that_swallows(server, kind) as proxy:
        body = json.dumps({"recipe": "avif"})
        answer, asked = insist(
            proxy.port, "POST", "/api/batches", {**batch.headers, **keyed("b")}, body)
        made = json.loads(answer.body)["document"]["id"]
        assert answer.status == 201 and asked > 2
        own = server.json("GET", "/api/batches", headers=batch.headers)[1]["batches"]
        assert sorted(one["id"] for one in own) == sorted([batch.name, made])
        status, problem = server.json(
            "POST", "/api/batches", '{"recipe":"web"}', {**batch.headers, **keyed("b")})
        assert status == 422 and problem["code"] == "key-reused"


@needs_script
@pytest.mark.parametrize("kind", KINDS)
def test_a_retry_whose_answer_is_swallowed_is_one_retry(tmp_path, kind):
    server = harness.Server(tmp_path / "data", "--worker", SCRIPTED).start()
    batch = server.new_batch()
    _, image = batch.send(b"crash\n")
    batch.settle()
    path = f"{batch.path}/images/{image['id']}/retry"
    with proxy_that_swallows(server, kind) as proxy:
        answer, asked = insist(proxy.port, "POST", path, {**batch.headers, **keyed("r")})
        assert answer.status == 202 and asked > 2
        batch.settle()
        # Under the same key it means the same retry, though another is possible by now.
        answer, _ = insist(proxy.port, "POST", path, {**batch.headers, **keyed("r")})
        assert answer.status == 202
        events = [event["type"] for event in assert_whole(batch)]
        assert events.count("image.retried") == 1
    server.stop()


@needs_script
def test_a_command_means_the_same_over_the_socket_and_by_http(tmp_path):
    server = harness.Server(tmp_path / "data", "--worker", SCRIPTED).start()
    batch = server.new_batch()
    _, image = batch.send(b"crash\n")
    name = image["id"]
    batch.settle()
    url = f"ws://127.0.0.1:{server.port}{batch.path}/events"
    with websockets.sync.client.connect(
            url, subprotocols=["revela.v1"], additional_headers=batch.headers) as socket:
        def tell(command):
            socket.send(json.dumps({"id": 1, **command}))
            while (message := json.loads(socket.recv(30)))["type"] != "reply":
                pass
            return message

        assert "image" in tell({"retry": name, "key": "r"})
        batch.settle()
        assert tell({"retry": name, "key": "r"})["image"]["state"] == "failed"
        status, _ = server.json(
            "POST", f"{batch.path}/images/{name}/retry", headers={**batch.headers, **keyed("r")})
        assert status == 202
        assert tell({"cancel": name, "key": "r"})["problem"]["code"] == "key-reused"
        for key in ["", "é", "k" * 129, 1, None]:
            assert tell({"retry": name, "key": key})["problem"]["code"] == "bad-request"
    for _ in range(2):
        # The second would remove what is no longer there.
        status, _ = server.json(
            "DELETE", f"{batch.path}/images/{name}", headers={**batch.headers, **keyed("d")})
        assert status == 204
    events = [event["type"] for event in assert_whole(batch)]
    assert events.count("image.retried") == events.count("image.removed") == 1
    server.stop()


def test_a_delete_that_comes_twice_cancels_and_does_not_remove(server, batch):
    upload = tus.Upload(batch, b"0123456789")
    upload.create()
    path = f"{batch.path}/images/{upload.image}"
    for _ in range(2):
        status, _ = server.json("DELETE", path, headers={**batch.headers, **keyed("d")})
        assert status == 204
    assert batch.images()[upload.image]["state"] == "cancelled"


# MARK: A server that dies

def test_a_server_killed_between_the_commit_and_the_answer_has_made_one_image(tmp_path):
    seed = int(os.environ.get("REVELA_TEST_SEED", random.randrange(1 << 32)))
    print(f"REVELA_TEST_SEED={seed} REVELA_TEST_ROUNDS={ROUNDS}")
    dice = random.Random(seed)
    photographs = Photographs(tmp_path, dice, 2)
    server = WitnessedServer(tmp_path / "data").start()
    batch = server.new_batch()
    sent = {}
    for number in range(ROUNDS):
        way = WAYS[number % len(WAYS)](batch, lambda: server.port, f"key {number}", photographs)
        # One more death may hit the creation that comes again.
        server.die_before_answer()
        over = threading.Event()
        deaths = []

        def revive():
            while not over.is_set():
                if server.process.poll() is not None:
                    server.bury()
                    deaths.append(server.start())
                    if dice.random() < 0.3 and len(deaths) < 3:
                        server.die_before_answer()
                over.wait(0.01)

        thread = threading.Thread(target=revive)
        thread.start()
        try:
            sent |= way.send()
        finally:
            over.set()
            thread.join()
        server.spare_answers()
        assert deaths, "the answer was said"
        # A photo that is processed at too many deaths would be put aside, as it should be.
        assert set(batch.settle()) == set(sent)
    images = assert_all_developed(batch, sent, untidy=True)
    created = [event for event in assert_whole(batch) if event["type"] == "image.created"]
    assert len(created) == len(images) == len(sent)
    server.stop()


# MARK: A network that cuts anywhere

def test_connections_cut_anywhere_make_nothing_twice(server, batch, tmp_path):
    seed = int(os.environ.get("REVELA_TEST_SEED", random.randrange(1 << 32)))
    print(f"REVELA_TEST_SEED={seed} REVELA_TEST_SECONDS={SECONDS}")
    dice = random.Random(seed)
    photographs = Photographs(tmp_path, dice, 2)
    end = time.monotonic() + SECONDS

    def plan(number, dice):
        """Each connection breaks somewhere: in a request, before an answer, in it, or it goes mute."""
        if time.monotonic() > end or dice.random() < 0.3:
            return Faults()
        most = dice.choice([400, 2_000, 100_000])
        broken = Break(dice.choice(KINDS), dice.randrange(most))
        return Faults(up=broken) if dice.random() < 0.5 else Faults(down=broken)

    with FaultProxy(server.port, plan=plan, seed=seed) as proxy:
        sent, failures, lock = {}, [], threading.Lock()

        def work(first):
            number = first
            while time.monotonic() < end:
                with lock:
                    way = dice.choice(WAYS)(batch, proxy.port, f"key {number}", photographs)
                try:
                    images = way.send()
                except Exception as error:
                    failures.append((type(way).__name__, error))
                    return
                with lock:
                    sent.update(images)
                number += 4

        threads = [threading.Thread(target=work, args=(first,)) for first in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        print(f"{proxy.connections} connections for {len(sent)} photographs")
        assert proxy.connections > len(sent)
    assert set(assert_all_developed(batch, sent)) == set(sent)
