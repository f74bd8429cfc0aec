"""Behind the proxies that people have, as they have them: twelve photos of 3 MB get ready, or the page
says exactly what is wrong and goes on when it is put right. Little more than twice a file ever
leaves the browser."""

import contextlib
import io

import numpy
import PIL.Image
import pytest

import proxies
from darkroom import Darkroom, seen
from faultproxy import FaultProxy, Faults
from harness import Server
from held import Held, refuse
from slow import SLOW

COUNT = 12
# So many send at a time, unless somebody chooses otherwise.
AT_ONCE = 3
# Developing and sending them on a busy machine, with much to spare.
PATIENCE_MS = 600_000
# Bytes a second: what is left of a photo takes longer than the 20 seconds that the page waits for a
# sign of life while it knows nothing of the line.
SLOW_LINE = 100_000


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Photos of 3 MB that are quickly developed: noise, which no codec makes small."""
    folder = tmp_path_factory.mktemp("large")
    for number in range(COUNT):
        pixels = numpy.random.default_rng(number).integers(0, 256, (968, 1288, 3), numpy.uint8)
        data = io.BytesIO()
        PIL.Image.fromarray(pixels).save(data, "JPEG", quality=95, subsampling=0)
        assert 2_950_000 < len(data.getvalue()) < 3_050_000
        (folder / f"{number:02}.jpg").write_bytes(data.getvalue())
    return sorted(folder.iterdir())


class Place:
    """The page behind a proxy of others. One of ours before that counts what leaves the browser; one
    behind it may be slow."""

    def __init__(self, stack, chromium, folder, make, *flags, rate=None):
        self.folder = folder / "proxy"
        self.counter = stack.enter_context(FaultProxy(0))
        self.server = Server(folder / "data", "--public-url", self.counter.url, *flags).start()
        stack.callback(self.server.stop)
        line = stack.enter_context(
            FaultProxy(self.server.port, plan=lambda number, dice: Faults(rate=rate)))
        self.counter.server_port = stack.enter_context(
            proxies.running(make, self.folder, line.port))
        context = chromium.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
        stack.callback(context.close)
        context.set_default_timeout(120_000)
        self.room = Darkroom(context, self.server, self.counter.url)

    def assert_ready(self, photos):
        self.room.wait_settled(len(photos), PATIENCE_MS)
        images = self.room.batch().images().values()
        assert sorted((i["name"], i["state"]) for i in images) == [(p.name, "ready") for p in photos]

    def assert_sent_twice_at_most(self, photos):
        sent = {path: count for path, count in self.counter.bytes_by_path().items()
                if path.startswith("/api/uploads/")}
        assert len(sent) == len(photos)
        most = max(photo.stat().st_size for photo in photos)
        assert max(sent.values()) <= 2 * most, sent


@pytest.fixture
def place(chromium, tmp_path):
    with contextlib.ExitStack() as stack:
        yield lambda make, *flags, **more: Place(
            stack, chromium, tmp_path, make, *flags, **more)


@pytest.mark.parametrize("make", [
    proxies.bare_nginx, proxies.narrow_nginx, proxies.post_only_nginx, proxies.nginx, proxies.caddy,
    proxies.haproxy], ids=lambda make: make.__name__)
def test_photos_get_ready_behind_what_people_have(place, large, make):
    place = place(make)
    place.room.drop(large)
    place.assert_ready(large)
    place.assert_sent_twice_at_most(large)


@SLOW
def test_photos_get_ready_over_a_slow_line_behind_a_proxy_that_takes_them_at_once(place, large):
    place = place(proxies.wide_nginx, rate=SLOW_LINE)
    place.room.drop(large)
    place.assert_ready(large)
    place.assert_sent_twice_at_most(large)
    whole = sum(photo.stat().st_size for photo in large)
    assert sum(a.sent for a in place.counter.appends()) < 1.1 * whole, "it was given up while it went"


def test_the_limit_of_a_proxy_is_remembered_over_a_reload(place, large):
    place = place(proxies.bare_nginx)
    place.room.drop(large[:4])
    place.assert_ready(large[:4])
    place.room.page.goto(f"{place.counter.url}/?new")
    place.room.wait("() => window.revela")
    before = len(place.counter.requests)
    place.room.drop(large[4:5])
    place.assert_ready(large[4:5])
    assert [r.status for r in place.counter.requests[before:] if r.status == 413] == []


def test_a_login_that_ran_out_is_said_and_after_another_the_same_uploads_go_on(place, large):
    # In pieces, as the server is told to announce: each upload is held before its second one.
    place = place(proxies.login_nginx, "--max-append-bytes", "300000")
    room = place.room
    sending = Held(room.page, "**/api/uploads/*", "PATCH")
    room.drop(large)
    for _ in range(AT_ONCE):
        sending.next().continue_()
    seen(room.page, lambda: len(sending.routes) == AT_ONCE, "uploads that stand in the middle")
    begun = {append.upload for append in place.counter.appends()}
    over = place.folder / "logged-out"
    over.touch()
    sending.let_go()
    room.page.get_by_text("You are no longer logged in").first.wait_for()
    room.wait("() => [...document.querySelectorAll('photo-card')]"
              ".every(({ dataset }) => dataset.state === 'failed')")
    over.unlink()
    for photo in large:
        room.page.get_by_role("button", name=f"Retry: {photo.name}", exact=True).click()
    place.assert_ready(large)
    place.assert_sent_twice_at_most(large)
    assert max(append.sent for append in place.counter.appends()) <= 300_000
    assert begun and begun <= {a.upload for a in place.counter.appends() if a.offset}


def test_a_proxy_that_lets_nothing_pass_is_said_with_its_number_and_the_photo_can_be_removed(
        place, large):
    place = place(proxies.login_nginx)
    room = place.room
    (place.folder / "logged-out").touch()
    room.drop(large[:1])
    room.page.locator("photo-card", has_text="(401)").wait_for()
    card = room.card(large[0].name)
    assert card.get_by_role("button", name=f"Retry: {large[0].name}").is_visible()
    card.locator("[data-action=remove]").click()
    card.wait_for(state="detached")


PAGE = "<!doctype html><title>Log in</title>"
REFUSED, LOGIN, ELSEWHERE = "refused the request ({})", "no longer logged in", "redirects the request"


def answer(status, type_=None, body="", **headers):
    return {"status": status, "body": body, "headers": headers | ({"Content-Type": type_} if type_ else {})}


ANSWERS = [
    (answer(403), REFUSED),
    (answer(405, "text/html", PAGE), REFUSED),
    (answer(401, "application/json", '{"message": "Unauthorized"}'), LOGIN),
    (answer(200, "text/html", PAGE), LOGIN),
    (answer(303, Location="http://login.invalid/"), ELSEWHERE),
    (answer(413, "text/html", PAGE), "refuses even the smallest request"),
]


def test_where_not_even_a_sheet_can_be_made_the_photo_says_why_and_goes_on_at_retry(
        darkroom, photos):
    """What lets nothing pass has no module come either: only what the page began with is there."""
    page, name = darkroom.page, photos[0].name
    for one, words in ANSWERS:
        page.route("**/feed/feed.js", lambda route: route.fulfill(**one))
        page.route("**/api/batches", lambda route: route.fulfill(**one))
        page.goto(f"{darkroom.url}/?new")
        page.wait_for_selector("main[data-fill=none]")
        darkroom.drop(photos[:1])
        page.locator("photo-card", has_text=words.format(one["status"])).wait_for()
        page.unroute("**/feed/feed.js")
        page.unroute("**/api/batches")
        page.get_by_role("button", name=f"Retry: {name}").click()
        darkroom.wait("() => Object.values(window.revela.document.images ?? {}).length === 1")


def test_the_server_is_told_of_what_the_page_gives_up_so_that_the_sheet_settles(darkroom, photos):
    def answer_for_the_server(route):
        if route.request.method == "PATCH":
            refuse(route, 400, "bad-request")
        elif route.request.method == "DELETE":
            route.fulfill(**answer(405, "text/html", PAGE))
        else:
            route.continue_()

    darkroom.page.route("**/api/uploads/*", answer_for_the_server)
    darkroom.drop(photos[:2])
    darkroom.wait_settled(2)
    assert {image["state"] for image in darkroom.batch().images().values()} == {"cancelled"}
    assert darkroom.page.locator("photo-card [data-action=retry]").count() == 2
