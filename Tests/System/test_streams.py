"""The WebSocket from a script, and how streams end."""

import asyncio
import json
import subprocess
import urllib.request

import websockets

import harness
from harness import assert_whole
from scripted import SCRIPTED, StepByStep, needs_script


async def messages(socket, until):
    seen = []
    async with asyncio.timeout(60):
        while not seen or not until(seen[-1]):
            seen.append(json.loads(await socket.recv()))
    return seen


def connect(server, batch, after="", **options):
    url = f"ws://127.0.0.1:{server.port}{batch.path}/events?after={after}"
    return websockets.connect(url, subprotocols=["revela.v1"], **options)


@needs_script
def test_cancel_and_info_from_a_script(tmp_path):
    server = harness.Server(tmp_path / "data", "--workers", "1", "--worker", SCRIPTED).start()
    batch = server.new_batch()
    held = StepByStep(tmp_path / "held")
    for data, name in [(held.data, "first.jpg"), (b"develop", "last.jpg")]:
        _, image = batch.send(data, name)
    last = image["id"]

    async def talk():
        async with connect(server, batch, additional_headers=batch.headers) as socket:
            await socket.send(json.dumps({"id": 1, "info": last}))
            await socket.send(json.dumps({"id": 2, "cancel": last}))
            seen = await messages(socket, lambda m: m.get("reply") == 2)
            replies = {m["reply"]: m for m in seen if m["type"] == "reply"}
            return replies, seen

    replies, seen = asyncio.run(talk())
    assert seen[0]["type"] == "hello"
    assert replies[1]["image"]["name"] == "last.jpg"
    assert "problem" not in replies[2], replies[2]
    held.make()
    images = batch.settle()
    assert images.pop(last)["state"] == "cancelled"
    assert [image["state"] for image in images.values()] == ["ready"]
    assert_whole(batch)
    server.stop()


def test_a_stranger_may_ask_but_not_cancel(server, batch, photos):
    _, image = batch.send(photos[0].read_bytes())

    async def talk():
        async with connect(server, batch) as socket:
            await socket.send(json.dumps({"id": 7, "cancel": image["id"]}))
            seen = await messages(socket, lambda m: m.get("reply") == 7)
            return seen[-1]

    assert asyncio.run(talk())["problem"]["code"] == "not-owner"
    assert batch.settle()[image["id"]]["state"] == "ready"


def test_streams_beat_as_often_as_the_setting_says(tmp_path):
    server = harness.Server(tmp_path / "data", "--heartbeat-seconds", "1").start()
    with urllib.request.urlopen(urllib.request.Request(
            f"{server.url}{server.new_batch().path}/events",
            headers={"Accept": "text/event-stream"}), timeout=60) as stream:
        lines = iter(stream.readline, b"")
        assert next(line for line in lines if b"heartbeatMs" in line).endswith(b':1000}\n')
        for _ in range(2):
            assert next(line for line in lines if b"event: heartbeat" in line)
    server.stop()


def test_sigterm_ends_every_stream_politely(server, batch):
    sse = subprocess.Popen(
        ["curl", "-sSN", "--max-time", "120", "-H", "Accept: text/event-stream",
         f"{server.url}{batch.path}/events"], stdout=subprocess.PIPE, text=True)
    assert sse.stdout.readline().startswith("retry:")

    async def listen():
        async with connect(server, batch) as socket:
            await socket.recv()
            seconds, status = await asyncio.to_thread(server.stop)
            seen = await messages(socket, lambda m: m["type"] == "end")
            await socket.wait_closed()
            return seconds, status, seen[-1], socket.close_code

    seconds, status, end, code = asyncio.run(listen())
    assert seconds < 30 and status == 0
    assert end["reason"] == "shutdown" and code == 1001
    rest, _ = sse.communicate(timeout=60)
    assert "event: end" in rest and sse.returncode == 0
