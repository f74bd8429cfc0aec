"""A power cut before every single step of an upload, each write, sync, name and answer; and a disk
that fails once at any of them.

`make test` tries a sample; REVELA_TEST_STEPS=all tries every step, REVELA_TEST_SEED says which
sample and which photographs.
"""

import errno
import os
import random

import pytest

from evidence import (
    Photographs, assert_all_developed, blob_names, cancel_forgotten, retry_given_up)
from harness import FINAL, until
from tus import BROKEN, Sender, Unavailable
from witness import WitnessedServer

ROUNDS = os.environ.get("REVELA_TEST_STEPS", "10")


def is_over(sender):
    """Whether the image is final, as far as can be seen at the moment."""
    try:
        images = sender.batch.images()
    except BROKEN:
        return False
    return sender.image in images and images[sender.image]["state"] in FINAL


class Course:
    """A server, the steps that one upload takes on it, and which of them to try."""

    def __init__(self, folder, links):
        seed = int(os.environ.get("REVELA_TEST_SEED", random.randrange(1 << 32)))
        print(f"REVELA_TEST_SEED={seed} REVELA_TEST_STEPS={ROUNDS}")
        self.dice = random.Random(seed)
        self.photographs = Photographs(folder, self.dice, sources=2)
        self.server = WitnessedServer(folder / "data", links=links).start()
        batch = self.server.new_batch()
        before = self.server.steps
        sender = self.begin(batch)
        sender.join()
        batch.settle()
        assert sender.failure is None, sender.failure
        self.steps = self.server.steps - before
        assert self.steps > 50
        self.rounds = range(1, self.steps + 1)
        if ROUNDS != "all":
            self.rounds = sorted(self.dice.sample(self.rounds, min(self.steps, int(ROUNDS))))

    def begin(self, batch):
        """One upload in two or three appends."""
        sender = Sender(
            batch, self.photographs.next(), "photo.jpg", "tus", self.dice, pieces=(30_000, 60_000),
            survives=(*BROKEN, Unavailable))
        sender.start()
        return sender

    def finish(self, batch, sender, blobs, untidy=False):
        while sender.is_alive():
            # It may have died between its first answer and its reprieve.
            if self.server.process.poll() is not None:
                self.server.bury()
                self.server.start()
            sender.join(0.1)
        assert sender.failure is None, sender.failure
        cancel_forgotten(batch, {sender.image})
        batch.settle()
        retry_given_up(batch, {sender.image})
        assert_all_developed(batch, {sender.image: sender.data}, older=blobs, untidy=untidy)


@pytest.fixture(params=[True, False], ids=["links", "copies"])
def course(tmp_path, request):
    course = Course(tmp_path, request.param)
    yield course
    course.server.stop()


def test_one_upload_survives_a_power_cut_before_each_of_its_steps(course):
    server, dice = course.server, course.dice
    deaths = in_recovery = 0
    for step in course.rounds:
        blobs = blob_names(server)
        batch = server.new_batch()
        server.die_at(step, torn=dice.random() < 0.5)
        sender = course.begin(batch)
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
        course.finish(batch, sender, blobs)
    print(f"{course.steps} steps, {len(course.rounds)} tried, {deaths} deaths, "
          f"{in_recovery} more in recovery")
    assert deaths > len(course.rounds) / 2


def test_one_upload_survives_a_disk_that_fails_once_at_each_of_its_steps(course):
    """Without a restart: who is told of the error asks again."""
    for step in course.rounds:
        error = course.dice.choice([errno.EIO, errno.ENOSPC])
        print(f"step {step}: {errno.errorcode[error]}")
        blobs = blob_names(course.server)
        batch = course.server.new_batch()
        course.server.fail_at(step, error)
        sender = course.begin(batch)
        with until(f"the end of the upload that failed at step {step}", timeout=60) as waiting:
            while waiting() and not is_over(sender) and not sender.failure:
                pass
        course.server.spare()
        # Also a file's removal may have failed.
        course.finish(batch, sender, blobs, untidy=True)
    course.server.stop()
    course.server.start()
    assert course.server.staged_files() == []
    assert not [name for name in blob_names(course.server) if len(name) != 64]
