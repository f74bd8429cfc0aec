"""A photo that its owner has sent before is there at once, without a byte, and says so."""

import hashlib

import pytest

from darkroom import Darkroom
from faultproxy import FaultProxy


@pytest.fixture
def proxy(server):
    with FaultProxy(server.port) as proxy:
        yield proxy


@pytest.fixture
def darkroom(chromium, server, proxy):
    context = chromium.new_context(locale="en-GB")
    context.set_default_timeout(20_000)
    yield Darkroom(context, server, proxy.url)
    context.close()


def another_of_its_size(photos, tmp_path):
    """A photo and another, filled up to the same number of bytes."""
    small, large = sorted(photos, key=lambda photo: photo.stat().st_size)[:2]
    other = tmp_path / "other.jpg"
    other.write_bytes(small.read_bytes().ljust(large.stat().st_size, b"\0"))
    return large, other


def test_a_photo_sent_before_needs_no_byte_in_this_sheet_or_another(
        darkroom, proxy, photos, tmp_path):
    first = photos[0]
    again = tmp_path / "again.jpg"
    again.write_bytes(first.read_bytes())
    darkroom.drop(first)
    darkroom.wait_settled(1)
    sent = proxy.bytes_by_path()

    darkroom.drop(again)
    darkroom.wait_settled(2)
    card = darkroom.card("again.jpg")
    assert card.locator(".stage").inner_text() == f"Already developed: same as {first.name}"
    assert card.locator(".positive").is_visible()

    darkroom.page.goto(darkroom.url + "/?new")
    darkroom.drop(again)
    darkroom.wait_settled(1)
    assert darkroom.card("again.jpg").locator(".stage").inner_text() == (
        "Already developed: sent before")
    new = {path for path, count in proxy.bytes_by_path().items()
           if path.startswith("/api/uploads/") and count != sent.get(path, 0)}
    assert new == set(), "bytes were sent that were here already"


def test_a_new_photo_of_the_same_size_is_compared_and_sent(darkroom, proxy, photos, tmp_path):
    large, other = another_of_its_size(photos, tmp_path)
    darkroom.drop(large)
    darkroom.wait_settled(1)
    darkroom.drop(other)
    darkroom.wait_settled(2)
    assert darkroom.card("other.jpg").locator(".stage").inner_text() == "Ready"
    sizes = [append.sent for append in proxy.appends()]
    assert sum(sizes) == 2 * large.stat().st_size


def test_new_photos_are_not_hashed_and_ask_nothing(darkroom, proxy, photos):
    hashed = []
    darkroom.page.on("worker", lambda worker: hashed.append(worker.url))
    darkroom.drop(photos[:3])
    darkroom.wait_settled(3)
    assert not [url for url in hashed if "hash" in url]
    assert {request.method for request in proxy.requests if request.upload} <= {"PATCH", "POST"}
    assert not [request for request in proxy.requests if "repr-digest" in request.headers]


def test_what_another_person_has_sent_is_sent_again(chromium, darkroom, proxy, server, photos):
    darkroom.drop(photos[0])
    darkroom.wait_settled(1)
    context = chromium.new_context(locale="en-GB")
    stranger = Darkroom(context, server, proxy.url)
    stranger.drop(photos[0])
    stranger.wait_settled(1)
    assert stranger.card(photos[0].name).locator(".stage").inner_text() == "Ready"
    assert sum(append.sent for append in proxy.appends()) == 2 * photos[0].stat().st_size
    context.close()


def test_a_large_file_is_hashed_beside_the_page_and_given_up_at_once(darkroom):
    """Some bytes of 96 MiB, as the platform hashes them; then an abort in the middle."""
    digest = darkroom.get("""async () => {
        const { hashFile } = await import("/js/file-hash.js");
        const blob = new Blob(Array(96).fill(new Uint8Array(1 << 20).fill(5)));
        const own = await hashFile(blob, new AbortController().signal);
        const controller = new AbortController();
        const given = hashFile(blob, controller.signal);
        controller.abort();
        return { own: Array.from(own), given: await given };
    }""")
    assert bytes(digest["own"]) == hashlib.sha256(b"\5" * (96 << 20)).digest()
    assert digest["given"] is None
