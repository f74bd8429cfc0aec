"""The page through bad days: frozen, offline, its server gone, its transport changed. At the end it
has applied each event once, and says so itself."""

import contextlib

import pytest

import harness
from bare import Browser

PHOTOS = 4


class Elsewhere:
    """Changes a batch in its owner's name, while the page cannot see it."""

    def __init__(self, batch):
        self.batch = batch
        self.open = []

    def announce(self):
        status, headers, _ = self.batch.server.request("POST", f"{self.batch.path}/images", headers={
            **self.batch.headers, "Tus-Resumable": "1.0.0", "Upload-Length": "1000",
            "Upload-Metadata": "filename ZWxzZXdoZXJlLmpwZw=="})
        assert status == 201
        self.open.append(headers["Link"].partition(">")[0].rpartition("/")[2])

    def give_up(self):
        path = f"{self.batch.path}/images/{self.open.pop(0)}"
        status, _ = self.batch.server.json("DELETE", path, headers=self.batch.headers)
        assert status == 204

    def make_events(self):
        for _ in range(3):
            self.announce()
        self.give_up()
        self.give_up()

    def finish(self):
        while self.open:
            self.give_up()


@contextlib.contextmanager
def server_gone(server):
    server.kill()
    yield
    server.start()


class FrozenPage:
    """The upload page of an existing batch, in a browser that can freeze it."""

    def __init__(self, browser, batch, url=None):
        self.browser, self.batch, self.url = browser, batch, url or batch.server.url
        self.tab = browser.open(f"{self.url}/batches/{batch.name}")
        self.tab.wait("window.revela.batch && document.querySelector('proof-line')")
        # What happened before is in the document that the page began with.
        self.first = int(self.tab.get("window.revela.events[0]?.seq ?? 0")) or len(batch.events()) + 1

    def choose(self, transport):
        settings = self.browser.open(self.url + "/settings.html")
        settings.wait("document.querySelector('input[name=intervalSeconds]')")
        settings.get("(() => { const field = document.querySelector('input[name=intervalSeconds]');"
                     " field.value = 1; field.dispatchEvent(new Event('change', {bubbles: true})); })()")
        settings.get(f"document.querySelector('input[name=transport][value={transport}]').click()")
        settings.close()
        self.tab.call("Page.bringToFront")
        self.tab.wait(f"window.revela.transport === '{transport}'")

    def events(self):
        return self.tab.get("window.revela.events.map(({ seq, type }) => [seq, type])")

    def wait_for_the_log(self, timeout=60):
        last = self.batch.events()[-1]["seq"]
        self.tab.wait(f"window.revela.events.at(-1).seq >= {last}", timeout)

    def assert_saw_the_whole_log(self):
        self.wait_for_the_log()
        log = [[event["seq"], event["type"]] for event in self.batch.events()]
        assert self.events() == log[self.first - 1:]
        self.assert_is_true()

    def assert_is_true(self):
        """The document is the server's, and the proof line says that nothing was lost on the way."""
        assert self.tab.get("window.revela.document") == self.batch.document()
        # What has been applied is drawn a frame later, or more in a tab that nobody looks at.
        self.tab.wait("document.querySelector('proof-line').dataset.lost !== undefined")
        proof = self.tab.get("({ ...document.querySelector('proof-line').dataset })")
        assert (proof["lost"], proof["repeated"]) == ("0", "0"), proof


@pytest.fixture
def browser(tmp_path):
    browser = Browser(tmp_path / "chromium")
    yield browser
    browser.close()


def test_a_page_that_is_frozen_cut_off_and_switched_has_seen_the_whole_log(
        browser, server, batch, photos):
    page = FrozenPage(browser, batch)
    page.tab.wait("window.revela.state === 'live'")
    elsewhere = Elsewhere(batch)
    for transport in ["sse", "polling", "websocket", "sse"]:
        page.choose(transport)
        batch.curl(photos[0])
        with page.tab.frozen():
            before = page.events()
            elsewhere.make_events()
            assert page.events() == before
        # Sooner than a silent connection would be noticed.
        page.wait_for_the_log(timeout=30)
        with page.tab.offline():
            elsewhere.make_events()
        page.wait_for_the_log()
        with page.tab.frozen(), server_gone(server):
            pass
        elsewhere.make_events()
        with server_gone(server):
            pass
        elsewhere.make_events()
    elsewhere.finish()
    batch.settle()
    page.assert_saw_the_whole_log()


@pytest.mark.parametrize("first, second", [("websocket", "sse"), ("polling", "websocket")])
def test_a_page_whose_network_and_server_go_while_it_sends_has_seen_the_whole_log(
        darkroom, photos, first, second):
    darkroom.choose(first, interval=1 if first == "polling" else None)
    darkroom.throttle(4_000_000)
    darkroom.drop(photos[:PHOTOS])
    darkroom.wait("() => Object.keys(window.revela.document?.images ?? {}).length === 4")
    secret = {cookie["name"]: cookie["value"] for cookie in darkroom.context.cookies()}
    elsewhere = Elsewhere(harness.Batch(
        darkroom.server, darkroom.get("window.revela.batch"), secret["revela_owner"]))
    with offline(darkroom):
        elsewhere.make_events()
        darkroom.wait("() => !navigator.onLine")
    with server_gone(darkroom.server):
        pass
    elsewhere.make_events()
    darkroom.choose(second)
    elsewhere.make_events()
    darkroom.wait(f"() => window.revela.transport === '{second}'")
    elsewhere.finish()
    darkroom.wait("() => window.revela.document.state === 'settled'")
    count = len(elsewhere.batch.events()) - 1
    darkroom.wait(f"() => window.revela.events.length >= {count}", timeout=60_000)
    states = [i["state"] for i in darkroom.get("window.revela.document.images").values()]
    assert states.count("ready") == PHOTOS and set(states) == {"ready", "cancelled"}
    darkroom.assert_saw_the_whole_log()


@contextlib.contextmanager
def offline(darkroom):
    session = darkroom.context.new_cdp_session(darkroom.page)
    session.send("Network.enable")
    conditions = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    session.send("Network.emulateNetworkConditions", {**conditions, "offline": True})
    yield
    session.send("Network.emulateNetworkConditions", {**conditions, "offline": False})
