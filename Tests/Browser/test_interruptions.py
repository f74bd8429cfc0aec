"""Uploads that break in the middle, counted by a proxy between the page and the server: the same
files end ready, each by one upload, and no byte below an acknowledged offset is sent again."""

import hashlib

import pytest

from darkroom import Darkroom, seen
from faultproxy import Break, Faults
from harness import until

FIRST_BYTES = 256 << 10  # what the page sends alone, and so hears acknowledged first


@pytest.fixture
def large(photos):
    """The five that are longest on their way."""
    return sorted(photos, key=lambda photo: photo.stat().st_size)[-5:]


@pytest.fixture
def network():
    """Slow, and slower still in the middle of an upload, until a test lifts it."""
    return Faults(rate=400_000, crawl=150_000)


def under_way(proxy):
    """Uploads whose beginning is acknowledged and whose rest is passing now."""
    return {r.upload for r in proxy.appends()
            if r.offset >= FIRST_BYTES and r.sent > 100_000 and r.status is None}


def send_into_the_middle(darkroom, proxy, photos):
    """Drops the photos and returns what was acknowledged when three of them were in the middle."""
    darkroom.drop(photos)
    seen(darkroom.page, lambda: len(under_way(proxy)) == 3, "three uploads in the middle")
    return {upload: proxy.acknowledged[upload] for upload in under_way(proxy)}


def assert_each_went_on(darkroom, proxy, photos, middle):
    darkroom.wait_settled(len(photos))
    images = darkroom.batch().images()
    assert sorted((i["name"], i["state"], i["sha256"]) for i in images.values()) == sorted(
        (photo.name, "ready", hashlib.sha256(photo.read_bytes()).hexdigest()) for photo in photos)
    appends = proxy.appends()
    # One upload a file, and none of them began anew.
    assert len({append.upload for append in appends}) == len(photos)
    again = {append.upload: append.acknowledged - append.offset for append in appends
             if append.acknowledged is not None and append.offset < append.acknowledged}
    assert again == {}, "bytes were sent again that had been acknowledged"
    for upload, acknowledged in middle.items():
        following = [append for append in appends if append.upload == upload][2:]
        assert following, f"{upload} was not broken in the middle"
        assert all(append.offset >= acknowledged >= FIRST_BYTES for append in following)


def test_the_network_is_cut_in_the_middle(proxied, proxy, network, large):
    middle = send_into_the_middle(proxied, proxy, large)
    with proxy.offline():
        proxied.page.get_by_text("Waiting for the network").first.wait_for()
        network.lift()
    assert_each_went_on(proxied, proxy, large, middle)
    proxied.assert_saw_the_whole_log()


def test_the_page_is_reloaded_in_the_middle_and_the_same_files_are_dropped_again(
        proxied, proxy, network, large):
    """Where the browser has no room for copies."""
    proxied.keep_no_copies()
    middle = send_into_the_middle(proxied, proxy, large)
    network.rate = 50_000
    proxied.reload_in_the_middle(proxy)
    proxied.page.get_by_text("Interrupted: drop this file again to resume").first.wait_for()
    network.lift()
    proxied.drop(large)
    assert_each_went_on(proxied, proxy, large, middle)


def test_the_server_is_killed_in_the_middle(proxied, proxy, network, large):
    middle = send_into_the_middle(proxied, proxy, large)
    proxied.server.kill()
    proxied.page.get_by_text("Waiting for the network").first.wait_for()
    network.lift()
    proxied.server.start()
    assert_each_went_on(proxied, proxy, large, middle)
    proxied.assert_saw_the_whole_log()


def test_the_network_goes_away_without_a_word(chromium, server, proxy, network, large):
    """Nothing is reset and nothing is closed, for requests in the middle and for new ones."""
    context = chromium.new_context(locale="en-GB")
    context.set_default_timeout(60_000)
    context.clock.install()
    darkroom = Darkroom(context, server, proxy.url)
    asked = []
    darkroom.page.on("request", lambda request: asked.append(request.method))
    middle = send_into_the_middle(darkroom, proxy, large[:3])
    network.up = Break("mute")
    proxy.cut("mute")
    # The appends are given up, and so are the questions after them: they are asked again.
    let_time_pass(darkroom, lambda: asked.count("HEAD") >= 6)
    network.up = None
    network.lift()
    before = len(proxy.requests)
    # What is on its way from now on arrives, however long that takes this machine.
    let_time_pass(darkroom, lambda: darkroom.batch().document()["state"] == "settled",
                  unless=lambda: any(r.status is None for r in proxy.requests[before:]))
    assert_each_went_on(darkroom, proxy, large[:3], middle)
    context.close()


def let_time_pass(darkroom, condition, unless=lambda: False):
    """Moves the page's clock on by as long as it takes to give up a request, again and again."""
    with until("what takes time") as waiting:
        while not condition() and waiting():
            if not unless():
                darkroom.page.clock.fast_forward(20_000)
            darkroom.page.wait_for_timeout(200)
