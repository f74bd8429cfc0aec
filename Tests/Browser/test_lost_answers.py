"""Answers that never reach the page, or reach it cut. The browser asks some of it again by itself, and
the page what it knows of: nothing is made twice, and nothing ends for it.

REVELA_TEST_SECONDS sets how long connections are cut at random, REVELA_TEST_PHOTOS under how many
photos, REVELA_TEST_SEED which connections and where.
"""

import os
import random
import re

import pytest

from darkroom import Darkroom
from evidence import Photographs
from faultproxy import Break, Faults, FaultProxy, Swallow, first_of_each
from slow import SLOW

KINDS = ["close", "reset", "mute"]
# Silence is given up by the page's deadline of 20 seconds, each creation after the other.
SWALLOWED = ["close", "reset", pytest.param("mute", marks=SLOW)]
SECONDS = int(os.environ.get("REVELA_TEST_SECONDS", 15))
PHOTOS = int(os.environ.get("REVELA_TEST_PHOTOS", 16))

# Every sentence a person could have read on a card or above the cards.
READ = """
window.read = new Set();
new MutationObserver(() => {
  for (const words of document.querySelectorAll("photo-card .stage, photo-card .problem, batch-bar, #notice")) {
    window.read.add(words.textContent.trim().replace(/\\s+/g, " "));
  }
}).observe(document, { subtree: true, childList: true, characterData: true });
"""


@pytest.fixture
def open_page(chromium):
    """Opens the page through a proxy, in a browser profile of its own."""
    contexts = []

    def open_page(server, proxy, **settings):
        context = chromium.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
        contexts.append(context)
        context.set_default_timeout(60_000)
        context.add_init_script(READ)
        if settings:
            darkroom = Darkroom(context, server, proxy.url)
            darkroom.choose(**settings)
            return darkroom
        return Darkroom(context, server, proxy.url)

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def photographs(tmp_path):
    """Makes small photographs, each another one."""
    seed = int(os.environ.get("REVELA_TEST_SEED", random.randrange(1 << 32)))
    print(f"REVELA_TEST_SEED={seed}")
    maker = Photographs(tmp_path, random.Random(seed), 3)

    def make(count):
        paths = [tmp_path / f"IMG_{number}.jpg" for number in range(count)]
        for path in paths:
            path.write_bytes(maker.next())
        return paths

    make.seed = seed
    return make


# Nothing asks for a file once more.
ASKED_AGAIN = re.compile("drop (it|this file|the file|them) |interrupted", re.IGNORECASE)


def assert_each_once(darkroom, photos, from_start=True):
    darkroom.wait_settled(len(photos))
    images = darkroom.batch().images()
    assert sorted((image["name"], image["state"]) for image in images.values()) == sorted(
        (photo.name, "ready") for photo in photos)
    created = [e for e in darkroom.batch().events() if e["type"] == "image.created"]
    assert len(created) == len(photos)
    darkroom.assert_saw_the_whole_log(from_start)
    read = darkroom.get("[...window.read]")
    assert not [words for words in read if ASKED_AGAIN.search(words)]


@pytest.mark.parametrize("kind", SWALLOWED)
def test_creations_whose_answers_are_swallowed_make_no_second_image(
        server, open_page, photographs, kind):
    which = first_of_each("/images")
    with FaultProxy(server.port, lambda *_: Faults(swallow=Swallow(kind, which))) as proxy:
        darkroom = open_page(server, proxy)
        photos = photographs(5)
        darkroom.drop(photos)
        assert_each_once(darkroom, photos)
        assert len(which.seen) == 5 and all(times > 1 for times in which.seen.values())


@pytest.mark.parametrize("kind", SWALLOWED)
def test_a_batch_whose_answer_is_swallowed_is_where_the_photos_are(
        server, open_page, photographs, kind):
    which = first_of_each("/api/batches")
    with FaultProxy(server.port, lambda *_: Faults(swallow=Swallow(kind, which))) as proxy:
        darkroom = open_page(server, proxy)
        photos = photographs(2)
        darkroom.drop(photos)
        assert_each_once(darkroom, photos)
        assert list(which.seen.values()) == [2]


@pytest.mark.parametrize("after", [9, 40, 130, 210])
def test_a_creation_whose_answer_is_cut_in_its_head_has_had_no_answer(
        server, open_page, photographs, after):
    """Over plain http browsers take what came of a head for all of it."""
    which = first_of_each("/images")
    with FaultProxy(server.port, lambda *_: Faults(swallow=Swallow("close", which, after))) as proxy:
        darkroom = open_page(server, proxy)
        photos = photographs(3)
        darkroom.drop(photos)
        assert_each_once(darkroom, photos)


def test_a_photo_whose_upload_was_refused_by_a_stranger_can_be_tried_again(
        server, open_page, proxy, photographs):
    darkroom = open_page(server, proxy)
    darkroom.page.route("**/api/batches/*/images", lambda route: route.fulfill(
        status=403, content_type="application/problem+json", headers={"Tus-Resumable": "1.0.0"},
        body='{"code":"not-owner","title":"Only the owner may.","status":403}'))
    photos = photographs(1)
    darkroom.drop(photos)
    retry = darkroom.page.locator("photo-card [data-action=retry]")
    retry.wait_for()
    darkroom.page.unroute("**/api/batches/*/images")
    retry.click()
    assert_each_once(darkroom, photos)


@pytest.mark.parametrize("transport", ["polling", "sse", "websocket"])
def test_connections_cut_anywhere_lose_and_repeat_nothing(
        server, open_page, photographs, transport):
    network = {"cuts": False}

    def plan(number, dice):
        if not network["cuts"] or dice.random() < 0.4:
            return Faults()
        broken = Break(dice.choice(KINDS), dice.randrange(dice.choice([300, 2_000, 60_000])))
        return Faults(up=broken) if dice.random() < 0.5 else Faults(down=broken)

    with FaultProxy(server.port, plan, seed=photographs.seed) as proxy:
        darkroom = open_page(server, proxy, transport=transport)
        photos = photographs(PHOTOS)
        network["cuts"] = True
        # Those there are were opened before.
        proxy.cut()
        darkroom.drop(photos)
        darkroom.page.wait_for_timeout(SECONDS * 1_000)
        network["cuts"] = False
        proxy.cut()
        print(f"{proxy.connections} connections for {PHOTOS} photographs")
        # The cuts may keep the modules of the feed away until the end.
        assert_each_once(darkroom, photos, from_start=False)
        darkroom.wait(f"() => window.revela.photos === {PHOTOS}")
        read = darkroom.get("[...window.read]")
        lefts = [words for words in read if " left" in words]
        assert not [words for words in lefts if any(len(part) > 4 for part in words.split() if part[0].isdigit())], lefts
        assert_no_broken_picture(darkroom)


def assert_no_broken_picture(darkroom):
    """Down the whole sheet, a window at a time."""
    height = darkroom.get("document.documentElement.scrollHeight")
    for top in range(0, height, 700):
        darkroom.get(f"scrollTo(0, {top})")
        darkroom.wait("""() => [...document.querySelectorAll("photo-card .result")].every((picture) => {
            const { top, bottom } = picture.closest("photo-card").getBoundingClientRect();
            const isSeen = bottom > 0 && top < innerHeight;
            return !isSeen || (picture.complete && picture.naturalWidth > 0);
        })""")
