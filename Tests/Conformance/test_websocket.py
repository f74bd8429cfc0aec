"""The WebSocket protocol against Autobahn's cases: framing, pings, reserved bits, opcodes,
fragmentation, UTF-8, close handling and automatic fragmentation."""

import asyncio
import subprocess

import kosoku
import pytest

from harness import PROGRAMS

CASES = [f"{section}.*" for section in (1, 2, 3, 4, 5, 6, 7, 10)]


@pytest.fixture
def echo():
    process = subprocess.Popen(
        [PROGRAMS / "WebSocketEcho", "0"], stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().split()[-1]
    finally:
        process.kill()
        process.wait()


def test_every_case_passes(echo):
    results = asyncio.run(kosoku.run_fuzzingclient(f"ws://127.0.0.1:{echo}", CASES, None))
    assert len(results) >= 247
