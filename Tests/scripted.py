"""The worker that does what the photo says, and photos that tell it."""

import pathlib

import pytest

from harness import PROGRAMS, until

SCRIPTED = PROGRAMS / "ScriptedWorker"
needs_script = pytest.mark.skipif(
    not SCRIPTED.exists(), reason="ScriptedWorker is not among the programs")


# A JPEG that begins so is taken for one that can be previewed: nothing else of it is looked at.
PREVIEWED = b"\xff\xd8\xff\xc0\0\2\n"


class StepByStep:
    """A photo of which each rendition, once it is begun, is made only when the test says so."""

    def __init__(self, note):
        self.note = pathlib.Path(note)
        self.data = f"step by step\n{self.note}\n".encode()

    def worker(self, but=None):
        """The process id of the worker at it, as soon as there is one, or one other than `but`."""
        with until("a worker at it", pause=0.001) as waiting:
            while not self.note.exists() or int(self.note.read_text()) == but:
                waiting()
        return int(self.note.read_text())

    def make(self, *names):
        for name in names or ("thumb", "medium", "large"):
            self.note.with_name(f"{self.note.name}.{name}").touch()


def send_held(batch, folder, count):
    """Sends so many photos that go step by step, each with its notes in the folder."""
    held = [StepByStep(folder / f"photo {number}") for number in range(count)]
    for photo in held:
        batch.send(photo.data)
    return held
