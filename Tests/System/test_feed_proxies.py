"""Behind the reverse proxies that people use, with the samples of docs/proxies: every transport
tells at once, outlives silence longer than the proxy's patience, and upgrades at any time.
"""

import asyncio
import contextlib
import socket
import time

import pytest
import websockets

import harness
from clients import TRANSPORTS, Follower, Owner, Place
from faultproxy import FaultProxy
from ledger import epoch, stored_log
from proxies import PROXIES, bare_nginx, running

# Longer than a page's long poll and two heartbeats apart, shorter than the silence of the test.
PATIENCE = 27
SILENCE = 29
# What a proxy holds back it holds until more bytes come: for the next heartbeat, fifteen seconds.
PROMPT = 5


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    """A server and all proxies in front of it; between them, a proxy of ours that takes notes."""
    folder = tmp_path_factory.mktemp("proxies")
    server = harness.Server(folder / "data", "--trusted-proxy", "127.0.0.1").start()
    ports, notes = {}, {}
    with contextlib.ExitStack() as stack:
        stack.callback(server.stop)
        for name, make in [*PROXIES.items(), ("bare-nginx", bare_nginx)]:
            notes[name] = stack.enter_context(FaultProxy(server.port))
            ports[name] = stack.enter_context(
                running(make, folder / name, notes[name].port, PATIENCE))
        server.ports, server.notes = ports, notes
        yield server


def in_front(behind, batch, transports=TRANSPORTS):
    """A follower through each proxy over each transport that can pass it."""
    beginning = epoch(behind, batch) + ".0"
    return [
        (f"{name}, {transport}", Follower(
            Place(port, batch.name), transport, beginning, document={}, haste=10))
        for name, port in behind.ports.items() for transport in transports
        if not (name == "bare-nginx" and transport == "websocket")]


async def delays(batch, watching, owner):
    """Seconds from the answer to the request that makes an event, which the server gives once the
    event is durable, to the event's being heard; by follower."""
    await owner.announce()
    began = asyncio.get_running_loop().time()
    seq = stored_log(batch.server, batch)[-1]["seq"]

    async def delay(follower):
        await follower.reach(seq)
        return asyncio.get_running_loop().time() - began

    return await asyncio.gather(*(delay(follower) for follower in watching))


def test_every_transport_is_prompt_and_outlives_silence(behind, capsys):
    batch = behind.new_batch()
    followers = in_front(behind, batch)

    async def watch():
        owner = Owner(batch)
        async with contextlib.AsyncExitStack() as stack:
            watching = [await stack.enter_async_context(it) for _, it in followers]
            await asyncio.gather(*(it.reach(1) for it in watching))
            first = [await delays(batch, watching, owner) for _ in range(5)]
            await asyncio.sleep(SILENCE)
            later = [await delays(batch, watching, owner) for _ in range(3)]
            # The middle one: a machine may stall, and a proxy holds back whatever comes.
            return [sorted(row)[2] for row in zip(*first)], [sorted(row)[1] for row in zip(*later)]

    first, later = asyncio.run(watch())
    with capsys.disabled():
        for (name, _), before, after in zip(followers, first, later):
            print(f"\n{name}: {before * 1000:.0f} ms, after silence {after * 1000:.0f} ms", end="")
    log = stored_log(behind, batch)
    for (name, follower), before, after in zip(followers, first, later):
        follower.ledger.assert_tells(log)
        assert follower.openings == 1, f"{name} was cut off"
        assert before < PROMPT and after < PROMPT, name


@pytest.mark.parametrize("name", PROXIES)
def test_any_request_on_a_used_connection_may_upgrade(behind, name):
    batch = behind.new_batch()
    notes = behind.notes[name]
    port = behind.ports[name]
    link = socket.create_connection(("127.0.0.1", port), timeout=60)
    for _ in range(4):
        link.sendall(f"GET {batch.path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        answer = b""
        while not answer.endswith(b"}"):
            answer += link.recv(65_536)
    link.setblocking(False)

    async def upgrade():
        url = f"ws://127.0.0.1:{port}{batch.path}/events"
        async with websockets.connect(
            url, sock=link, subprotocols=["revela.v1"], origin=f"http://127.0.0.1:{port}",
        ) as one:
            return one.subprotocol, await asyncio.wait_for(one.recv(), 60)

    subprotocol, hello = asyncio.run(upgrade())
    assert subprotocol == "revela.v1" and '"hello"' in hello
    passed = [request for request in notes.requests if batch.name in request.path]
    upgrades = [request for request in passed if request.headers.get("upgrade")]
    assert len(upgrades) == 1
    before = [r for r in passed if r.connection == upgrades[0].connection and r is not upgrades[0]]
    # Caddy 2.6 opens a connection of its own for an upgrade.
    assert before or name == "caddy", "the upgrade came on a connection of its own"


@pytest.mark.parametrize("name", PROXIES)
def test_a_strangers_page_gets_no_socket_through_a_proxy(behind, name):
    batch = behind.new_batch()

    async def knock():
        url = f"ws://127.0.0.1:{behind.ports[name]}{batch.path}/events"
        async with websockets.connect(url, origin="https://evil.example"):
            pass

    with pytest.raises(websockets.InvalidStatus) as refusal:
        asyncio.run(knock())
    assert refusal.value.response.status_code == 403


def test_a_restart_behind_a_proxy_loses_nothing(behind):
    """A browser's own EventSource is not among them: a proxy's 502 ends it for good."""
    batch = behind.new_batch()
    followers = in_front(behind, batch, ["fixed", "long", "sse", "websocket"])

    async def watch():
        owner = Owner(batch)
        async with contextlib.AsyncExitStack() as stack:
            watching = [await stack.enter_async_context(it) for _, it in followers]
            await asyncio.gather(*(it.reach(1) for it in watching))
            for restart in [behind.kill, behind.stop]:
                await owner.steps(5)
                await asyncio.to_thread(restart)
                await asyncio.to_thread(behind.start)
                await owner.steps(5)
            log = stored_log(behind, batch)
            await asyncio.gather(*(it.reach(log[-1]["seq"]) for it in watching))
            return log

    log = asyncio.run(watch())
    for name, follower in followers:
        follower.ledger.assert_tells(log)
        assert follower.ledger.events == log and follower.ledger.resets == [], name
