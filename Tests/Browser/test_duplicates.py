"""A photo that its owner has sent before is there at once, without a byte, and says so."""

import hashlib

from darkroom import Darkroom


def another_of_its_size(photos, tmp_path):
    """A photo and another, filled up to the same number of bytes."""
    small, large = sorted(photos, key=lambda photo: photo.stat().st_size)[:2]
    other = tmp_path / "other.jpg"
    other.write_bytes(small.read_bytes().ljust(large.stat().st_size, b"\0"))
    return large, other


def test_a_photo_sent_before_needs_no_byte_in_this_sheet_or_another(
        proxied, proxy, photos, tmp_path):
    first = photos[0]
    again = tmp_path / "again.jpg"
    again.write_bytes(first.read_bytes())
    proxied.drop(first)
    proxied.wait_settled(1)
    sent = proxy.bytes_by_path()

    proxied.drop(again)
    proxied.wait_settled(2)
    card = proxied.card("again.jpg")
    assert card.locator(".stage").inner_text() == f"Already processed: same as {first.name}"
    card.locator(".result").wait_for()

    proxied.page.goto(proxied.url + "/?new")
    proxied.drop(again)
    proxied.wait_settled(1)
    assert proxied.card("again.jpg").locator(".stage").inner_text() == (
        "Already processed: uploaded before")
    new = {path for path, count in proxy.bytes_by_path().items()
           if path.startswith("/api/uploads/") and count != sent.get(path, 0)}
    assert new == set(), "bytes were sent that were here already"


def test_a_new_photo_of_the_same_size_is_compared_and_sent(proxied, proxy, photos, tmp_path):
    large, other = another_of_its_size(photos, tmp_path)
    proxied.drop(large)
    proxied.wait_settled(1)
    proxied.drop(other)
    proxied.wait_settled(2)
    assert proxied.card("other.jpg").locator(".stage").inner_text() == "Ready"
    sizes = [append.sent for append in proxy.appends()]
    assert sum(sizes) == 2 * large.stat().st_size


def test_new_photos_are_not_hashed_and_ask_nothing(proxied, proxy, photos):
    hashed = []
    proxied.page.on("worker", lambda worker: hashed.append(worker.url))
    proxied.drop(photos[:3])
    proxied.wait_settled(3)
    assert not [url for url in hashed if "hash" in url]
    assert {request.method for request in proxy.requests if request.upload} <= {"PATCH", "POST"}
    assert not [request for request in proxy.requests if "repr-digest" in request.headers]


def test_what_another_person_has_sent_is_sent_again(chromium, proxied, proxy, server, photos):
    proxied.drop(photos[0])
    proxied.wait_settled(1)
    context = chromium.new_context(locale="en-GB")
    stranger = Darkroom(context, server, proxy.url)
    stranger.drop(photos[0])
    stranger.wait_settled(1)
    assert stranger.card(photos[0].name).locator(".stage").inner_text() == "Ready"
    assert sum(append.sent for append in proxy.appends()) == 2 * photos[0].stat().st_size
    context.close()


def test_a_large_file_is_hashed_beside_the_page_and_given_up_at_once(proxied):
    """Some bytes of 96 MiB, as the platform hashes them; then an abort in the middle."""
    digest = proxied.get("""async () => {
        const { hashFile } = await import("/js/uploads/file-hash.js");
        const blob = new Blob(Array(96).fill(new Uint8Array(1 << 20).fill(5)));
        const own = await hashFile(blob, new AbortController().signal);
        const controller = new AbortController();
        const given = hashFile(blob.slice(), controller.signal);
        controller.abort();
        return { own: Array.from(own), given: await given };
    }""")
    assert bytes(digest["own"]) == hashlib.sha256(b"\5" * (96 << 20)).digest()
    assert digest["given"] is None


def copies(photo, folder, names):
    paths = [folder / name for name in names]
    for path in paths:
        path.write_bytes(photo.read_bytes())
    return paths


def stay_on_the_way(network):
    """A photo that is sent is not done before somebody has seen it."""
    network.rate, network.crawl = 64 << 10, 1


def test_equal_photos_of_one_drop_are_sent_once(proxied, proxy, network, photos, tmp_path):
    """However many there are: those that wait say for which, and are whole without a byte."""
    photo = photos[0]
    stay_on_the_way(network)
    proxied.drop(copies(photo, tmp_path, ["one.jpg", "two.jpg", "three.jpg"]))
    for name in ["two.jpg", "three.jpg"]:
        waits = "Same as one.jpg: waiting for it"
        proxied.card(name).locator(".stage", has_text=waits).wait_for()
    network.lift()
    proxied.wait_settled(3)
    assert sum(append.sent for append in proxy.appends()) == photo.stat().st_size
    images = proxied.get("Object.values(window.revela.document.images)")
    assert [image["state"] for image in images] == ["ready"] * 3
    assert len({image["sha256"] for image in images}) == 1


def test_an_equal_photo_goes_on_by_itself_when_the_first_is_cancelled_or_paused(
        proxied, proxy, network, photos, tmp_path):
    photo = photos[0]
    stay_on_the_way(network)
    first, second, third = copies(photo, tmp_path, ["one.jpg", "two.jpg", "three.jpg"])
    proxied.drop([first, second, third])
    waits = "Same as one.jpg: waiting for it"
    proxied.card("three.jpg").locator(".stage", has_text=waits).wait_for()
    proxied.card("one.jpg").locator("[data-action=cancel]").click()
    waits = "Same as two.jpg: waiting for it"
    proxied.card("three.jpg").locator(".stage", has_text=waits).wait_for()
    proxied.card("two.jpg").locator("[data-action=pause]").click()
    network.lift()
    proxied.wait("""() => Object.values(window.revela.document.images)
        .some((image) => image.name === 'three.jpg' && image.state === 'ready')""")
    proxied.card("two.jpg").locator("[data-action=resume]").click()
    proxied.wait_settled(3)
    states = {image["name"]: image["state"]
              for image in proxied.get("Object.values(window.revela.document.images)")}
    assert states == {"one.jpg": "cancelled", "two.jpg": "ready", "three.jpg": "ready"}
