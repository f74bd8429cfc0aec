"""Uploads over a network that breaks: every photo arrives whole, and no acknowledged byte twice.

REVELA_TEST_ROUNDS sets how many uploads, REVELA_TEST_SEED which faults.
"""

import os
import random
import time

import pytest

from evidence import Photographs, assert_all_developed, cancel_forgotten
from faultproxy import Break, FaultProxy, Faults
from harness import until
from tus import BROKEN, Conflict, Sender, Upload

ROUNDS = int(os.environ.get("REVELA_TEST_ROUNDS", 20))
# Above all that a whole request carries, so that a share of the connections works.
REACH = 150_000


def resets(dice):
    if dice.random() < 0.3:
        # Not a close: Python takes the half of an answer's head for the whole of it.
        return Faults(down=Break("reset", dice.randrange(400)))
    return Faults(up=Break(dice.choice(["reset", "close"]), dice.randrange(REACH)))


def half_open(dice):
    # An answer swallowed after the bytes went through, or the bytes in the middle.
    if dice.random() < 0.6:
        return Faults()
    if dice.random() < 0.5:
        return Faults(down=Break("mute", dice.randrange(200)))
    return Faults(up=Break("mute", dice.randrange(REACH)))


def throttled(dice):
    return Faults(rate=dice.uniform(50_000, 500_000), delay=dice.choice([0, 0, 0.02]))


def duplicated(dice):
    return Faults(duplicate=dice.choice([None, "during", "after"]))


def anything(dice):
    return dice.choice([resets, half_open, throttled, duplicated])(dice)


@pytest.mark.parametrize("fault", [resets, half_open, throttled, duplicated, anything])
def test_every_upload_ends_ready_and_no_acknowledged_byte_is_sent_again(
        server, batch, tmp_path, fault):
    seed = int(os.environ.get("REVELA_TEST_SEED", random.randrange(1 << 32)))
    print(f"REVELA_TEST_SEED={seed} REVELA_TEST_ROUNDS={ROUNDS}")
    dice = random.Random(seed)
    photographs = Photographs(tmp_path, dice, sources=2)
    with FaultProxy(server.port, plan=lambda number, own: fault(own), seed=seed) as proxy:
        senders = [
            Sender(batch, photographs.next(), f"{number}.jpg", dice.choice(Sender.KINDS),
                   random.Random(dice.random()), port=proxy.port, timeout=3,
                   pieces=(20_000, 80_000), survives=(*BROKEN, Conflict))
            for number in range(ROUNDS // 4 or 1)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        assert [sender.failure for sender in senders if sender.failure] == []
        proxy.assert_nothing_acknowledged_was_sent_again()
        print(f"{proxy.connections} connections, {sum(sender.breaks for sender in senders)} broken")
    sent = {sender.image: sender.data for sender in senders}
    cancel_forgotten(batch, sent)
    assert_all_developed(batch, sent)


def test_a_half_open_connection_does_not_keep_its_client_out(server, batch, photos):
    """The server cannot know that the client is gone; the client's next request tells it."""
    data = photos[0].read_bytes()
    with FaultProxy(server.port, plan=lambda number, dice: Faults(
            up=Break("mute", 300_000) if number == 1 else None)) as proxy:
        upload = Upload(batch, data, port=proxy.port)
        upload.create()
        upload.timeout = 5
        with pytest.raises(OSError):
            upload.append()
        upload.timeout = 20
        with until("all that gets through, read by the server") as waiting:
            while proxy.appends()[-1].sent < 299_000 or server.unread_bytes():
                waiting()
        assert server.request("GET", "/healthz")[0] == 200
        began = time.monotonic()
        upload.head()
        # Left alone, the older request would end after half a minute without a byte.
        assert time.monotonic() - began < 25
        # What got through before is kept: it was written before the older request was ended.
        assert upload.acknowledged > 290_000
        upload.append()
        assert proxy.appends()[-1].range == range(
            proxy.appends()[-1].acknowledged, len(data))
        proxy.assert_nothing_acknowledged_was_sent_again()
    batch.settle()
    assert_all_developed(batch, {upload.image: data})


def test_the_network_goes_away_for_all_at_once(server, batch, photos):
    """Nobody is asked to begin again when it comes back."""
    data = [photo.read_bytes() for photo in photos[:4]]
    # So slow that nobody is done before the network has gone twice.
    network = Faults(rate=40_000)
    with FaultProxy(server.port, plan=lambda number, dice: network) as proxy:
        senders = [
            Sender(batch, content, f"{number}.jpg", "tus", random.Random(number), port=proxy.port,
                   timeout=20, pieces=(100_000, 300_000))
            for number, content in enumerate(data)]
        for sender in senders:
            sender.start()
        for kind in ["reset", "close"]:
            before = len(proxy.appends())
            with until("bytes of all, once more") as waiting:
                while waiting() and len({a.upload for a in proxy.appends()[before:]}) < 4:
                    pass
            with proxy.offline(kind):
                breaks = [sender.breaks for sender in senders]
                with until("that all have noticed") as waiting:
                    while waiting() and any(
                            sender.breaks == one for sender, one in zip(senders, breaks)):
                        pass
        network.rate = None
        for sender in senders:
            sender.join()
        assert [sender.failure for sender in senders if sender.failure] == []
        proxy.assert_nothing_acknowledged_was_sent_again()
        assert {request.upload for request in proxy.appends()} == {s.upload.path for s in senders}
    sent = {sender.image: sender.data for sender in senders}
    cancel_forgotten(batch, sent)
    assert_all_developed(batch, sent)
