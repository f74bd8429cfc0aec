"""The page through bad days: frozen, offline, its server gone, its transport changed. At the end it
has applied each event once, and says so itself."""

import contextlib

import pytest

import harness

PHOTOS = 4


class Elsewhere:
    """Changes the page's batch from outside, in its owner's name, while the page cannot see it."""

    def __init__(self, darkroom):
        secret = {c["name"]: c["value"] for c in darkroom.context.cookies()}["revela_owner"]
        self.batch = harness.Batch(darkroom.server, darkroom.get("window.revela.batch"), secret)
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
def frozen(darkroom):
    """As a browser does to a tab that nobody looks at: no timer, no message, no answer."""
    session = darkroom.context.new_cdp_session(darkroom.page)
    session.send("Page.setWebLifecycleState", {"state": "frozen"})
    yield
    session.send("Page.setWebLifecycleState", {"state": "active"})


@contextlib.contextmanager
def offline(darkroom):
    session = darkroom.context.new_cdp_session(darkroom.page)
    session.send("Network.enable")
    conditions = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    session.send("Network.emulateNetworkConditions", {**conditions, "offline": True})
    yield
    session.send("Network.emulateNetworkConditions", {**conditions, "offline": False})


@contextlib.contextmanager
def server_gone(darkroom):
    darkroom.server.kill()
    yield
    darkroom.server.start()


def wait_for_the_log(darkroom, elsewhere):
    """Until the page has as many events as the log, but for the first, which it has otherwise."""
    count = len(elsewhere.batch.events()) - 1
    darkroom.wait(f"() => window.revela.events.length >= {count}", timeout=60_000)


def bad_day(darkroom, elsewhere):
    with frozen(darkroom):
        elsewhere.make_events()
    wait_for_the_log(darkroom, elsewhere)
    with offline(darkroom):
        elsewhere.make_events()
        darkroom.wait("() => !navigator.onLine")
    wait_for_the_log(darkroom, elsewhere)
    elsewhere.make_events()
    with server_gone(darkroom):
        pass
    elsewhere.make_events()
    with frozen(darkroom), server_gone(darkroom):
        pass
    elsewhere.make_events()
    wait_for_the_log(darkroom, elsewhere)


@pytest.mark.parametrize("first", ["websocket", "sse", "polling"])
def test_one_batch_through_freezing_offline_restarts_and_a_switch(darkroom, photos, first):
    second = {"websocket": "sse", "sse": "polling", "polling": "websocket"}[first]
    darkroom.choose(first, interval=1 if first == "polling" else None)
    darkroom.throttle(4_000_000)
    darkroom.drop(photos[:PHOTOS])
    darkroom.wait("() => Object.keys(window.revela.document?.images ?? {}).length === 4")
    elsewhere = Elsewhere(darkroom)
    bad_day(darkroom, elsewhere)
    elsewhere.announce()
    darkroom.choose(second, interval=1 if second == "polling" else None)
    elsewhere.make_events()
    darkroom.wait(f"() => window.revela.transport === '{second}'")
    with offline(darkroom):
        elsewhere.make_events()
    elsewhere.finish()
    darkroom.wait("() => window.revela.document.state === 'settled'")
    wait_for_the_log(darkroom, elsewhere)
    states = [i["state"] for i in darkroom.get("window.revela.document.images").values()]
    assert states.count("ready") == PHOTOS and set(states) == {"ready", "cancelled"}
    darkroom.assert_saw_the_whole_log()
