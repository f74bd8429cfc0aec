"""What a card shows of a photo at work: each step, once it is there, and nothing before. The worker
takes its steps when the test says so, so that each can be seen, on a quick machine and on a slow one.
"""

import pytest

import harness
from scripted import SCRIPTED, StepByStep, needs_script

pytestmark = needs_script
STEPS = {"thumb": 0.25, "medium": 0.5, "large": 0.75}


@pytest.fixture
def server(tmp_path):
    server = harness.Server(tmp_path / "data", "--workers", "3", "--worker", SCRIPTED).start()
    yield server
    server.stop()


@pytest.fixture
def held(tmp_path):
    """Three photos of half a megabyte that go on together."""
    return [StepByStep(tmp_path / f"{number}.jpg") for number in range(3)]


def drop(darkroom, held):
    files = [photo.note.with_name(f"holiday {photo.note.name}") for photo in held]
    for file, photo in zip(files, held):
        file.write_bytes(photo.data + bytes(500_000))
    darkroom.drop(files)


def wait_for_all(darkroom, condition):
    darkroom.wait("() => { const cards = [...document.querySelectorAll('photo-card')];"
                  f" return cards.length === 3 && cards.every((card) => {condition}); }}")


def take_each_step(darkroom, held):
    for name, part in STEPS.items():
        wait_for_all(darkroom, f"Number(card.dataset.processing) === {part}")
        for photo in held:
            photo.make(name)
    darkroom.wait_settled(3)


def assert_showed_each_step(image, seen):
    assert [part for part in seen["processing"] if part > 0] == [*STEPS.values()], (image, seen)
    assert seen["processing"] == sorted(seen["processing"]), (image, seen)


@pytest.mark.parametrize("transport", ["polling", "long", "sse", "websocket"])
def test_each_step_is_shown_over_the_chosen_transport_alone(darkroom, held, transport):
    darkroom.choose(transport, interval=1 if transport == "polling" else None)
    # The first quarter megabyte is acknowledged long before the rest is there.
    darkroom.throttle(200_000)
    drop(darkroom, held)
    take_each_step(darkroom, held)
    for image, seen in darkroom.get("window.seen").items():
        assert seen["states"][-2:] == ["processing", "ready"], (image, seen)
        assert_showed_each_step(image, seen)
        assert seen["received"] == sorted(seen["received"]), (image, seen)
        assert len(set(seen["received"])) >= 3, (image, seen)
    carrier = "polling" if transport == "long" else transport
    assert set(darkroom.events_requests) == {carrier}
    darkroom.assert_saw_the_whole_log()
    assert darkroom.console == []


def test_an_encode_that_measures_nothing_says_what_it_usually_takes(darkroom, held):
    darkroom.choose_recipe("avif")
    drop(darkroom, held)
    figure = "card.querySelector('.processing .figure').textContent"
    wait_for_all(darkroom, "Number(card.dataset.processing) === 0.25")
    for photo in held:
        photo.make("thumb")
    # The first AVIF of all could not know.
    wait_for_all(darkroom, "Number(card.dataset.processing) === 0.5")
    assert not any("usually" in said for said in darkroom.get(
        "[...document.querySelectorAll('photo-card .processing .figure')].map((one) => one.textContent)"))
    for photo in held:
        photo.make("medium")
    wait_for_all(darkroom, f"{figure}.includes('usually')")
    for photo in held:
        photo.make("large")
    darkroom.wait_settled(3)
    for image, seen in darkroom.get("window.seen").items():
        assert_showed_each_step(image, seen)
    assert darkroom.console == []
