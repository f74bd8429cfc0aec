"""The main flows where another engine runs the page."""

import base64
import json

import pytest

import harness
from drivers import Firefox, WebKit, missing
from faultproxy import FaultProxy, Faults, Swallow, first_of_each
from shots import take_shots
from slow import SLOW

WAIT = """
const until = async (test, what) => {
    for (const end = Date.now() + 60000; Date.now() < end; ) {
        if (await test()) return true;
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(what + " did not come: " + document.body.innerText.slice(0, 600));
};
"""


class Page:
    def __init__(self, browser, server, url=None):
        self.browser = browser
        self.server = server
        self.url = url or server.url

    def run(self, script, *arguments):
        told = self.browser.run(WAIT + script, *arguments)
        assert told and "error" not in told, told
        return told.get("value")

    def go(self, path):
        self.browser.go(self.url + path)

    def turn(self, act, shown):
        """To another page, until it shows something; the script that leaves has ended by then."""
        self.run(f"setTimeout(() => {act}, 0)")
        with harness.until(shown) as waiting:
            while not self.shows(shown) and waiting():
                pass

    def shows(self, condition):
        """A page that is just being left can say nothing."""
        try:
            return self.run(f"return Boolean({condition})")
        except AssertionError:
            return False

    def set_up(self, **settings):
        """As the settings page keeps them."""
        self.go("/settings.html")
        self.run("localStorage.setItem('revela.settings', given[0])", json.dumps(settings))

    def drop(self, photos):
        files = [(photo.name, base64.b64encode(photo.read_bytes()).decode()) for photo in photos]
        self.run("""
            await until(() => document.querySelector("main").dataset.fill !== "unknown", "the page");
            const transfer = new DataTransfer();
            for (const [name, text] of given[0]) {
                const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
                transfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
            }
            for (const type of ["dragenter", "dragover", "drop"]) {
                const event = new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer });
                if (!event.dataTransfer) Object.defineProperty(event, "dataTransfer", { value: transfer });
                document.body.dispatchEvent(event);
            }
            await until(() => window.revela.photos >= given[0].length, "all of them");
        """, files)

    def settled(self, count):
        self.run("""
            await until(() => window.revela.document?.state === "settled"
                && Object.keys(window.revela.document.images).length === given[0], "the end");
        """, count)

    def settle(self, count):
        """Many take longer than a script may."""
        with harness.until("the end", timeout=600) as waiting:
            while not self.shows("window.revela.document?.state === 'settled'") and waiting():
                pass
        self.settled(count)

    def batch(self):
        return harness.Batch(self.server, self.run("return window.revela.batch"), token=None)

    def assert_saw_the_whole_log(self):
        log = [[e["seq"], e["type"]] for e in self.batch().events()]
        assert self.run("return window.revela.events.map(({ seq, type }) => [seq, type])") == log[1:]
        assert self.run("return document.querySelector('proof-line').dataset.lost") == "0"
        assert self.run("return document.querySelector('proof-line').dataset.repeated") == "0"


@pytest.fixture(scope="module", params=[Firefox, WebKit], ids=["firefox", "webkit"])
def browser(request, tmp_path_factory):
    lacking = missing(request.param.__name__)
    assert not lacking, f"install {lacking}: scripts/require test does"
    browser = request.param(tmp_path_factory.mktemp("browser") / "profile")
    yield browser
    browser.close()


@pytest.fixture
def page(browser, server):
    return Page(browser, server)


@pytest.mark.parametrize("transport", ["polling", "sse", "websocket"])
def test_photos_develop_over_each_transport(page, photos, transport):
    page.set_up(transport=transport, intervalSeconds=1)
    page.go("/?new")
    page.drop(photos[:2])
    page.settled(2)
    assert page.run("return window.revela.transport") == transport
    assert {image["state"] for image in page.batch().images().values()} == {"ready"}
    page.assert_saw_the_whole_log()


def test_the_transport_is_switched_in_the_middle_and_a_photo_is_cancelled(page, photos):
    page.set_up(transport="polling", intervalSeconds=1, parallel=1)
    page.go("/?new")
    page.drop(photos[:4])
    page.run("""
        const last = () => document.querySelectorAll("photo-card")[3];
        await until(() => last()?.querySelector("[data-action=cancel]"), "the last card");
        last().querySelector("[data-action=cancel]").click();
        const choose = (transport) => {
            localStorage.setItem("revela.settings", JSON.stringify({ transport, parallel: 1 }));
            dispatchEvent(new StorageEvent("storage", { key: "revela.settings" }));
        };
        for (const transport of ["sse", "websocket"]) {
            choose(transport);
            await until(() => window.revela.transport === transport, transport);
        }
    """)
    page.settled(3)
    page.assert_saw_the_whole_log()


def test_the_viewer_and_both_languages(page, photos):
    page.set_up(language="pt-BR")
    page.go("/?new")
    page.run("await until(() => document.querySelector('h1').textContent.includes('fotos'), 'fotos')")
    page.drop(photos[:2])
    page.settled(2)
    page.run("""
        await until(() => document.querySelector(".look:not([hidden])"), "the photo");
        document.querySelector(".look").click();
        await until(() => document.querySelector("#viewer .renditions tr"), "the viewer");
        await until(() => document.querySelector("#viewer .large[data-there]")?.naturalWidth > 1000, "the picture");
    """)
    assert "menor" in page.run("return document.querySelector('#viewer .renditions').innerText")
    zoomed, turned, opened, name = page.run("""
        const viewer = document.querySelector("#viewer");
        const press = (key) => viewer.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
        const level = () => parseFloat(viewer.querySelector("[data-zoom=one]").textContent);
        const fitted = level();
        const stage = viewer.querySelector(".viewer-picture");
        stage.dispatchEvent(new WheelEvent("wheel", { deltaY: -240, clientX: 300, clientY: 300, bubbles: true, cancelable: true }));
        const zoomed = level() > fitted * 1.3;
        press("0");
        viewer.querySelector("[data-tool=compare]").click();
        await until(() => !viewer.querySelector("[role=slider]").hidden, "the original");
        press("ArrowRight");
        const turned = location.hash;
        history.back();
        await until(() => !viewer.open, "the page under it");
        history.forward();
        await until(() => viewer.open && location.hash === turned, "the photo again");
        return [zoomed, turned, viewer.open, viewer.querySelector("h2").textContent];
    """)
    assert zoomed and opened and turned.startswith("#i_")
    assert name == page.batch().images()[turned[1:]]["name"]
    page.go("/settings.html")
    page.run("await until(() => document.querySelector('h1').textContent === 'Configurações', 'o título')")
    page.run("document.querySelector('[name=language]').value = 'en';"
             "document.querySelector('[name=language]').dispatchEvent(new Event('input', { bubbles: true }))")
    page.run("await until(() => document.querySelector('h1').textContent === 'Settings', 'the title')")


# Silence ends by the page's own deadline, which is the same in all browsers: test_lost_answers.py holds it.
@pytest.mark.parametrize("kind, after", [("close", 0), ("reset", 0), ("close", 130)])
def test_creations_whose_answers_are_lost_or_cut_make_no_second_image(
        browser, server, photos, kind, after):
    which = first_of_each("/images")
    with FaultProxy(server.port, lambda *_: Faults(swallow=Swallow(kind, which, after))) as proxy:
        page = Page(browser, server, proxy.url)
        page.set_up()
        page.go("/?new")
        page.drop(photos[:3])
        page.settled(3)
        assert {image["state"] for image in page.batch().images().values()} == {"ready"}
        assert len(which.seen) == 3 and all(times > 1 for times in which.seen.values())
        page.assert_saw_the_whole_log()


# Leaving in the middle: a browser without handles keeps copies of the files.

COMPARING = "location.pathname === '/lab.html' && document.querySelector('h1')?.textContent"
KEPT = """
const kept = () => new Promise((resolve, reject) => {
    const opening = indexedDB.open("revela", 2);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
        const transaction = opening.result.transaction(["files", "sources"]);
        const [files, sources] = ["files", "sources"].map((name) => transaction.objectStore(name).count());
        transaction.oncomplete = () => {
            opening.result.close();
            resolve({ files: files.result, sources: sources.result });
        };
    };
});
const isSafe = async () => {
    const { files, sources } = await kept();
    return files > 0 && files === sources;
};
"""


def by_links(page):
    page.turn("document.querySelector('nav a[href=\"/lab.html\"]').click()", COMPARING)
    page.turn("document.querySelector('nav a[href=\"/\"]').click()", "window.revela")


def by_reload(page):
    page.run("window.isOld = true")
    page.turn("location.reload()", "!window.isOld && window.revela")


def by_back_and_forward(page):
    page.turn("document.querySelector('nav a[href=\"/lab.html\"]').click()", COMPARING)
    page.turn("history.back()", "window.revela")
    page.turn("history.forward()", COMPARING)
    page.turn("history.back()", "window.revela")


def by_closing(page):
    page.browser.renew()
    page.go("/")


@pytest.mark.parametrize("browser", [Firefox], ids=["firefox"], indirect=True)
@pytest.mark.parametrize("count, leave", [
    (12, [by_links]), (12, [by_reload]), (12, [by_back_and_forward]), (12, [by_closing]),
    pytest.param(150, [by_links, by_reload, by_closing, by_back_and_forward], marks=SLOW)])
def test_photos_survive_leaving(browser, server, tmp_path, count, leave):
    network = Faults(rate=30_000)
    with FaultProxy(server.port, plan=lambda number, dice: network) as proxy:
        page = Page(browser, server, proxy.url)
        page.set_up()
        page.go("/?new")
        shots = take_shots(tmp_path, count)
        page.drop(shots)
        page.run(KEPT + "await until(isSafe, 'copies of all')")
        for way in leave:
            way(page)
            page.run("await until(() => window.revela?.photos === given[0], 'all photos')", count)
        network.lift()
        page.settle(count)
        images = sorted(page.batch().images().values(), key=lambda image: image["position"])
        assert [image["name"] for image in images] == [shot.name for shot in shots]
        assert {image["state"] for image in images} == {"ready"}
        page.run(KEPT + "await until(async () => (await kept()).files === 0, 'that nothing is kept')")


def test_ways_are_compared_and_the_figures_are_those_of_the_browser_s_own_timings(page):
    page.set_up()
    page.go("/lab.html")
    record, timings = page.run("""
        await until(() => !document.querySelector("#choose").hidden, "the form");
        for (const way of document.querySelectorAll("[name=way]")) way.checked = true;
        document.querySelector("#start").click();
        await until(() => !document.querySelector("#stop").hidden, "the run");
        await until(() => document.querySelector("#stop").hidden, "the end");
        const { createObjectURL } = URL;
        let kept;
        URL.createObjectURL = (blob) => createObjectURL.call(URL, kept = blob);
        document.querySelector("#json").click();
        const polls = performance.getEntriesByType("resource").filter(({ name }) => /lane=.*polling/.test(name));
        return [JSON.parse(await kept.text()),
                polls.map(({ name, encodedBodySize }) => [name, encodedBodySize])];
    """)
    assert record["end"] == "settled" and len(record["lanes"]) == 6
    numbers = [seq for seq, *_ in record["events"]]
    for lane in record["lanes"]:
        assert sorted(seq for seq, _ in lane["arrivals"]) == numbers, lane["id"]
        assert lane["repeated"] == 0
        if lane["id"].startswith("polling"):
            own = [size for name, size in timings if f".{lane['id']}." in name]
            # The last may have been under way when the run ended.
            assert len(own) <= len(lane["requests"]) <= len(own) + 1
            assert sum(own) == sum(entry[4] for entry in lane["bytes"])
    middle = {lane["id"]: sorted(at for _, at in lane["arrivals"])[len(numbers) // 2]
              for lane in record["lanes"]}
    assert middle["sse"] <= middle["polling5"]
