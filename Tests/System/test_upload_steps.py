"""A power cut before every single step of an upload: each write, sync, name and answer.

`make test` tries a sample; REVELA_TEST_ROUNDS=all tries every step, REVELA_TEST_SEED says which
sample and which photographs.
"""

import os
import random

from evidence import (
    Photographs, assert_all_developed, blob_names, cancel_forgotten, retry_given_up)
from harness import FINAL, until
from tus import BROKEN, Sender
from witness import WitnessedServer

ROUNDS = os.environ.get("REVELA_TEST_ROUNDS", "10")


def begin(batch, photographs, dice):
    """One upload in two or three appends."""
    sender = Sender(batch, photographs.next(), "photo.jpg", "tus", dice, pieces=(30_000, 60_000))
    sender.start()
    return sender


def is_over(sender):
    """Whether the image is final, as far as can be seen at the moment."""
    try:
        images = sender.batch.images()
    except BROKEN:
        return False
    return sender.image in images and images[sender.image]["state"] in FINAL


def test_one_upload_survives_a_power_cut_before_each_of_its_steps(tmp_path):
    seed = int(os.environ.get("REVELA_TEST_SEED", random.randrange(1 << 32)))
    print(f"REVELA_TEST_SEED={seed} REVELA_TEST_ROUNDS={ROUNDS}")
    dice = random.Random(seed)
    photographs = Photographs(tmp_path, dice, sources=2)
    server = WitnessedServer(tmp_path / "data").start()

    batch = server.new_batch()
    before = server.steps
    sender = begin(batch, photographs, dice)
    sender.join()
    batch.settle()
    steps = server.steps - before
    assert sender.failure is None and steps > 50
    rounds = range(1, steps + 1)
    if ROUNDS != "all":
        rounds = sorted(dice.sample(rounds, min(steps, int(ROUNDS))))
    deaths = in_recovery = 0

    for step in rounds:
        blobs = blob_names(server)
        batch = server.new_batch()
        server.die_at(step, torn=dice.random() < 0.5)
        sender = begin(batch, photographs, dice)
        with until(f"the death at step {step}") as waiting:
            while waiting() and server.process.poll() is None and not is_over(sender):
                pass
        if server.is_doomed:
            server.spare()  # It took fewer steps than the first one.
        else:
            server.bury()
            deaths += 1
            # The recovery is interrupted, too, now and then.
            server.die_at(dice.randint(1, 40) if dice.random() < 0.3 else 0, torn=True)
            if not server.start_or_die():
                in_recovery += 1
                server.start()
            server.spare()
        sender.join()
        assert sender.failure is None, (step, sender.failure)
        sent = {sender.image: sender.data}
        cancel_forgotten(batch, sent)
        batch.settle()
        retry_given_up(batch)
        assert_all_developed(batch, sent, older=blobs)
    print(f"{steps} steps, {len(rounds)} tried, {deaths} deaths, {in_recovery} more in recovery")
    assert deaths > len(rounds) / 2
    server.stop()
