"""Power cuts at random instants over many uploads at once: nothing acknowledged is lost.

REVELA_TEST_ROUNDS sets how many kills, REVELA_TEST_SEED which ones.
"""

import contextlib
import os
import random
import threading
import time

import harness
from evidence import (
    Follower, Photographs, assert_all_developed, cancel_forgotten, retry_given_up)
from harness import until
from tus import Sender

ROUNDS = int(os.environ.get("REVELA_TEST_ROUNDS", 20))
AT_ONCE = 4


def start_and_kill(server, seconds):
    """Kills a server that has perhaps not even begun to listen."""
    before = server.process

    def kill():
        with until("a process", pause=0.001) as waiting:
            while waiting() and server.process is before:
                pass
        server.process.kill()

    timer = threading.Timer(seconds, kill)
    timer.start()
    with contextlib.suppress(AssertionError):
        server.start()
    timer.join()
    server.process.wait()
    server._close()


def test_nothing_acknowledged_is_lost_when_the_server_is_killed_at_random_instants(tmp_path):
    seed = int(os.environ.get("REVELA_TEST_SEED", random.randrange(1 << 32)))
    print(f"REVELA_TEST_SEED={seed} REVELA_TEST_ROUNDS={ROUNDS}")
    dice = random.Random(seed)
    photographs = Photographs(tmp_path, dice)
    server = harness.Server(tmp_path / "data").start()
    batch = server.new_batch()
    follower = Follower(batch)
    follower.start()
    senders = []
    for _ in range(ROUNDS):
        while sum(sender.is_alive() for sender in senders) < AT_ONCE:
            sender = Sender(
                batch, photographs.next(), f"{len(senders)}.jpg", dice.choice(Sender.KINDS),
                random.Random(dice.random()))
            senders.append(sender)
            sender.start()
        time.sleep(dice.random() * 0.5)
        server.kill()
        if dice.random() < 0.2:
            start_and_kill(server, dice.random() * 0.4)
        server.start()
    for sender in senders:
        sender.join()
    print(f"{len(senders)} uploads, {sum(sender.breaks for sender in senders)} broken requests")
    assert [sender.failure for sender in senders if sender.failure] == []

    sent = {sender.image: sender.data for sender in senders}
    assert len(sent) == len(senders)
    cancel_forgotten(batch, sent)
    batch.settle()
    retry_given_up(batch)
    assert_all_developed(batch, sent)
    follower.check()
    server.stop()
