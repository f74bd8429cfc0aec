"""Every file is in the batch from the moment it is sent: leaving the page in the middle loses none.

One tab, the page's own links, a slow network; in a secure context, where the browser gives handles
of what is dragged, and over plain http from another name, where it does not and files are copied.
"""

import pytest

from darkroom import Darkroom, seen
from held import Held
from shots import take_shots
from slow import SLOW

RATE = 30_000  # bytes a second and connection

CARDS = "[...window.document.querySelectorAll('photo-card')].map((card) => card.querySelector('.label').textContent)"
DATABASE = """new Promise((resolve, reject) => {
    const opening = indexedDB.open("revela", 2);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
        const transaction = opening.result.transaction(["files", "sources"]);
        const files = transaction.objectStore("files").count();
        const sources = transaction.objectStore("sources").count();
        transaction.oncomplete = () => {
            opening.result.close();
            resolve({ files: files.result, sources: sources.result });
        };
    };
})"""

@pytest.fixture(scope="module")
def shots(tmp_path_factory):
    return take_shots(tmp_path_factory.mktemp("shots"), 150)


@pytest.fixture(scope="module")
def named(playwright):
    """A browser for which `photos.test` is this machine, and no secure context."""
    browser = playwright.chromium.launch(
        executable_path="/usr/bin/chromium",
        args=["--no-sandbox", "--host-resolver-rules=MAP photos.test 127.0.0.1"])
    yield browser
    browser.close()


@pytest.fixture(params=["secure", "plain"])
def sheet(request, chromium, named, server, proxy, network):
    browser, host = (chromium, "127.0.0.1") if request.param == "secure" else (named, "photos.test")
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    sheet = Darkroom(context, server, f"http://{host}:{proxy.port}")
    assert sheet.get("isSecureContext") == (request.param == "secure")
    network.rate = RATE  # of the photos: the page is there
    yield sheet
    context.close()


# The ways to leave, and to come back


def by_links(sheet):
    """As a reader does who changes the transport on the way: settings lie over the page, comparing is
    another one."""
    page = sheet.page
    page.locator("nav a", has_text="Settings").click()
    page.check("#settings-over input[name=transport][value=sse]")
    page.locator("#settings-over").get_by_role("button", name="Close").click()
    sheet.wait("() => window.revela.transport === 'sse'")
    page.locator("nav a", has_text="Compare").click()
    page.locator("nav a", has_text="Photos").click()


def by_reload(sheet):
    sheet.page.reload()


def by_back_and_forward(sheet):
    comparing = sheet.page.get_by_role("heading", name="Compare")
    sheet.page.locator("nav a", has_text="Compare").click()
    comparing.wait_for()
    sheet.page.go_back()
    wait_for_sheet(sheet)
    sheet.page.go_forward()
    comparing.wait_for()
    sheet.page.go_back()


def by_closing(sheet):
    sheet.page.close()
    sheet.page = sheet.open("/")
    sheet.page.locator("#notice", has_text="had not been uploaded when this page was left").first.wait_for()


def by_crash(sheet):
    crashed = sheet.page
    crashed.on("crash", lambda: None)
    try:
        crashed.goto("chrome://crash", timeout=5_000)
    except Exception:  # Playwright has no error of its own for what was asked for here
        pass
    sheet.page = sheet.open("/")


def wait_for_sheet(sheet):
    sheet.wait("() => window.revela && document.querySelector('main').dataset.fill === 'some'")


def give(sheet, *paths):
    """As a person drags them. Over plain http a driven browser dies of a drag; a scripted drop gives no
    handles either, and so what a drag would give there."""
    if sheet.get("isSecureContext"):
        sheet.drag(*paths)
    else:
        sheet.drop(list(paths))


def unfinished(sheet, paths):
    """Those that the server does not hold whole."""
    images = sheet.get("Object.values(window.revela.document.images ?? {})")
    whole = {image["name"] for image in images if image["state"] != "uploading"}
    return [path for path in paths if path.name not in whole]


def remembered(sheet, count):
    """Until the browser can give all of them again."""
    return seen(sheet.page, lambda: sheet.get(DATABASE)["sources"] >= count, f"{count} kept files")


def assert_all_are_here(sheet, paths):
    sheet.wait(f"() => window.revela.photos === {len(paths)}")


def assert_none_is_missing(sheet, paths):
    if sheet.get("isSecureContext") and sheet.page.get_by_text("“Resume” uploads it").first.is_visible():
        # All tabs were closed, and the browser would ask before it reads a file again, which a driven
        # one cannot: they are given once more, and go on as well.
        assert sheet.page.get_by_role("button", name="Resume", exact=True).is_visible()
        give(sheet, *unfinished(sheet, paths))
        sheet.page.locator("#unfinished").wait_for(state="hidden")
    sheet.wait_settled(len(paths), timeout=400_000)
    images = sorted(sheet.batch().images().values(), key=lambda image: image["position"])
    assert [image["name"] for image in images] == [path.name for path in paths]
    assert {image["state"] for image in images} == {"ready"}
    seen(sheet.page, lambda: sheet.get(DATABASE) == {"files": 0, "sources": 0}, "nothing is kept")
    assert sheet.get("window.revela.photos") == len(paths)


@pytest.mark.parametrize("leave", [by_links, by_reload, by_back_and_forward, by_closing, by_crash])
def test_twelve_photos_survive_leaving(sheet, proxy, network, shots, leave):
    chosen = shots[:12]
    give(sheet, *chosen)
    seen(sheet.page, lambda: len(proxy.appends()) >= 2, "uploads under way")
    remembered(sheet, 8)
    leave(sheet)
    wait_for_sheet(sheet)
    assert_all_are_here(sheet, chosen)
    network.lift()
    assert_none_is_missing(sheet, chosen)


@SLOW
def test_150_photos_survive_one_way_of_leaving_after_the_other(sheet, network, shots):
    give(sheet, *shots)
    remembered(sheet, 120)
    for leave in [by_links, by_reload, by_closing, by_back_and_forward]:
        leave(sheet)
        wait_for_sheet(sheet)
        assert_all_are_here(sheet, shots)
    network.lift()
    assert_none_is_missing(sheet, shots)


def test_before_the_batch_is_made_nothing_is_lost_either(sheet, proxy, network, shots):
    """Offline from the first moment: the files are the draft of a batch."""
    chosen = shots[:6]
    sheet.context.set_offline(True)
    give(sheet, *chosen)
    remembered(sheet, 6)
    sheet.page.close()
    sheet.context.set_offline(False)
    sheet.page = sheet.open("/")
    wait_for_sheet(sheet)
    assert_all_are_here(sheet, chosen)
    sheet.page.get_by_text("6 photos had not been uploaded when this page was left.").first.wait_for()
    network.lift()
    assert_none_is_missing(sheet, chosen)
    assert len([r for r in proxy.requests if r.method == "POST" and r.path == "/api/batches"]) == 1


# Keeps the transaction that moves the files of a draft to their batch from its end.
HOLD_MOVE = """() => {
    const { getAll } = IDBIndex.prototype;
    IDBIndex.prototype.getAll = function (place) {
        if (this.objectStore.transaction.mode === "readwrite" && place.startsWith("draft:")) {
            const spin = () => { this.objectStore.get("").onsuccess = spin; };
            spin();
        }
        return getAll.call(this, place);
    };
}"""


def test_while_a_draft_becomes_a_batch_nothing_is_lost_either(sheet, network, shots):
    chosen = shots[:4]
    making = Held(sheet.page, "**/api/batches", "POST")
    sheet.page.evaluate(HOLD_MOVE)
    give(sheet, *chosen)
    remembered(sheet, 4)
    making.let_go()
    sheet.wait("() => window.revela.batch")
    sheet.page.reload()
    wait_for_sheet(sheet)
    assert_all_are_here(sheet, chosen)
    network.lift()
    assert_none_is_missing(sheet, chosen)


def test_coming_back_says_how_many_were_never_sent(sheet, proxy, shots):
    give(sheet, *shots[:12])
    seen(sheet.page, lambda: len(proxy.appends()) >= 2, "uploads under way")
    remembered(sheet, 8)
    created = len(sheet.batch().images())
    sheet.page.reload()
    told = sheet.page.locator("#notice", has_text="had not been uploaded when this page was left")
    told.wait_for()
    # One or the other may have been created just before the page was left.
    assert int(told.inner_text().split()[0]) in range(12 - len(sheet.batch().images()), 12 - created + 1)


def test_what_the_browser_cannot_give_again_says_so_and_goes_on_when_it_is_dropped(
        sheet, proxy, network, shots):
    chosen = shots[:9]
    sheet.keep_no_copies()
    sheet.drop(chosen)
    seen(sheet.page, lambda: len(proxy.appends()) >= 2, "uploads under way")
    seen(sheet.page, lambda: sheet.get(DATABASE)["files"] == 9, "that all are remembered by name")
    asked = []
    sheet.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    sheet.page.locator(".wordmark").hover()
    sheet.page.mouse.click(640, 5)  # a page that nobody has touched may not ask
    sheet.page.reload()
    assert asked == ["beforeunload"]
    wait_for_sheet(sheet)
    assert_all_are_here(sheet, chosen)
    sheet.page.get_by_text("Not uploaded: drop this file again").first.wait_for()
    sheet.page.locator("#notice", has_text="cannot be read again by this browser").wait_for()
    assert sheet.get(CARDS) == [path.name for path in chosen]
    network.lift()
    sheet.drop(list(reversed(chosen)))
    sheet.wait_settled(9)
    assert {image["state"] for image in sheet.batch().images().values()} == {"ready"}
    assert sheet.get("window.revela.photos") == 9


def test_a_page_whose_files_are_all_kept_is_left_without_a_question(sheet, proxy, shots):
    give(sheet, *shots[:4])
    seen(sheet.page, lambda: len(proxy.appends()) >= 2, "uploads under way")
    remembered(sheet, 4)
    asked = []
    sheet.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    sheet.page.mouse.click(640, 5)
    sheet.page.reload()
    wait_for_sheet(sheet)
    assert asked == []


def test_what_was_refused_stays_refused_until_it_is_removed(sheet, network, shots, tmp_path):
    network.lift()
    empty = tmp_path / "empty.jpg"
    empty.write_bytes(b"")
    give(sheet, shots[0], empty)
    sheet.wait_settled(1)
    sheet.page.reload()
    card = sheet.card("empty.jpg")
    card.get_by_text("The file is empty").wait_for()
    card.locator("[data-action=remove]").click()
    sheet.wait("() => window.revela.photos === 1")
    seen(sheet.page, lambda: sheet.get(DATABASE)["files"] == 0, "that it is forgotten")


def test_what_goes_on_by_itself_is_not_sent_twice_when_it_is_dropped_again(
        sheet, network, shots):
    chosen = shots[:8]
    give(sheet, *chosen)
    remembered(sheet, 6)
    sheet.page.reload()
    wait_for_sheet(sheet)
    assert_all_are_here(sheet, chosen)
    sheet.context.set_offline(True)
    sheet.page.get_by_text("Waiting for the network").first.wait_for()
    give(sheet, *unfinished(sheet, chosen))
    sheet.context.set_offline(False)
    network.lift()
    assert_none_is_missing(sheet, chosen)


def test_a_second_tab_does_not_send_what_the_first_one_sends(sheet, proxy, network, shots):
    chosen = shots[:8]
    give(sheet, *chosen)
    seen(sheet.page, lambda: len(proxy.appends()) >= 2, "uploads under way")
    first = sheet.page
    second = sheet.open("/")
    second.wait_for_function("() => window.revela?.batch && document.querySelector('photo-card')")
    seen(second, lambda: "Uploading elsewhere" in second.inner_text("#photos"), "that it is known")
    network.lift()
    sheet.wait_settled(8)
    assert [r.method for r in proxy.requests if r.method == "HEAD"] == []
    assert len({append.upload for append in proxy.appends()}) == 8
    # The first tab is gone: the second has nothing left to do, and a third finds nothing.
    first.close()
    sheet.page = second
    assert_none_is_missing(sheet, chosen)


def test_photos_are_created_in_the_order_in_which_they_were_given(sheet, network, shots, tmp_path):
    """Equal ones too, which are sent once; and one drop after the other."""
    network.lift()
    folder = tmp_path / "Album"
    folder.mkdir()
    for path in shots[20:24]:
        (folder / path.name).write_bytes(path.read_bytes())
    again = tmp_path / "again.jpg"
    again.write_bytes(shots[0].read_bytes())
    give(sheet, shots[0], again, shots[1])
    if sheet.get("isSecureContext"):
        sheet.drag(folder)
    else:
        sheet.page.set_input_files("input[webkitdirectory]", folder)
    give(sheet, *shots[2:12])
    sheet.wait_settled(17)
    images = sorted(sheet.batch().images().values(), key=lambda image: image["position"])
    names = [image["name"] for image in images]
    assert names[:3] == [shots[0].name, "again.jpg", shots[1].name]
    assert sorted(names[3:7]) == [f"Album/{path.name}" for path in shots[20:24]]
    assert names[7:] == [path.name for path in shots[2:12]]
