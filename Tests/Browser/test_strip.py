"""The transport strip: the transport is picked on the page itself, and what is drawn is what the
browser's own network log says."""

import base64
import json

import pytest

import harness
from darkroom import Darkroom, seen

CHOICES = ["polling", "adaptive", "long", "sse", "websocket"]
CARRIERS = {"adaptive": "polling", "long": "polling"}


class NetworkLog:
    """What the network panel of the page's tab shows of its feed."""

    def __init__(self, darkroom):
        self.darkroom = darkroom
        self.session = darkroom.context.new_cdp_session(darkroom.page)
        self.kinds = {}  # of each request, by its id
        self.held = 0  # polls that let the server wait
        self.bytes = 0
        self.frames = {"in": 0, "out": 0}
        self.bodies = {}
        self.heads = {}
        for event in ["requestWillBeSent", "responseReceivedExtraInfo", "dataReceived",
                      "loadingFinished", "webSocketCreated", "webSocketFrameReceived",
                      "webSocketFrameSent"]:
            self.session.on(f"Network.{event}", getattr(self, f"_{event}"))
        self.session.send("Network.enable")

    def _requestWillBeSent(self, event):
        url = event["request"]["url"]
        if "/events?" in url:
            accept = event["request"]["headers"]["Accept"]
            kind = "sse" if "event-stream" in accept else "polling"
            self.kinds[event["requestId"]] = kind
            self.held += "wait=" in url

    def _responseReceivedExtraInfo(self, event):
        self.heads[event["requestId"]] = len(event["headersText"])

    def _dataReceived(self, event):
        self.bytes += event["dataLength"] if event["requestId"] in self.kinds else 0

    def _loadingFinished(self, event):
        if event["requestId"] in self.kinds:
            answer = self.session.send("Network.getResponseBody", {"requestId": event["requestId"]})
            self.bodies[event["requestId"]] = answer

    def _webSocketCreated(self, event):
        if "/events" in event["url"]:
            self.kinds[event["requestId"]] = "websocket"

    def _webSocketFrameReceived(self, event):
        length = len(event["response"]["payloadData"].encode())
        self.bytes += length + (2 if length < 126 else 4 if length < 65_536 else 10)
        self.frames["in"] += event["response"]["opcode"] == 1

    def _webSocketFrameSent(self, event):
        self.frames["out"] += event["response"]["opcode"] == 1

    def sums(self):
        heads = sum(self.heads.get(one, 0) for one in self.kinds)
        return {"requests": len(self.kinds), "bytes": self.bytes + heads, "messages": self.messages()}

    def messages(self):
        """Of streams as they were heard; of answers what is in them, and one where that is nothing."""
        total = self.frames["in"]
        for body in self.bodies.values():
            text = base64.b64decode(body["body"]).decode() if body["base64Encoded"] else body["body"]
            if not text:
                total += 1
            elif text.startswith("{"):
                answer = json.loads(text)
                total += len(answer["events"]) + ("reset" in answer) + ("live" in answer)
        return total


@pytest.fixture
def log(darkroom):
    darkroom.page.wait_for_selector("main[data-fill=none]")
    return NetworkLog(darkroom)


def open_strip(darkroom):
    darkroom.page.get_by_role("button", name="Show traffic").click()
    darkroom.page.locator("transport-bar canvas").wait_for()


def drawn(darkroom):
    return darkroom.get("""(() => {
      const { requests, bytes, messages } = window.revela.traffic.sums();
      return { requests, bytes, messages,
        dots: Number(document.querySelector("transport-bar canvas").dataset.drawn),
        said: window.revela.traffic.marks.filter(({ kind }) => kind === "said").length };
    })()""")


@pytest.mark.parametrize("transport", CHOICES)
def test_what_is_drawn_is_what_went_over_the_wire_and_nothing_else_did(
        darkroom, log, photos, transport):
    open_strip(darkroom)
    darkroom.pick(transport)
    darkroom.drop(photos[:2])
    darkroom.wait_settled(2)
    if transport == "websocket":
        darkroom.card(photos[0].name).locator("[data-action=info]").click()
        darkroom.page.get_by_text("Details read over the WebSocket").wait_for()
        darkroom.page.keyboard.press("Escape")

    def agrees():
        ours, theirs = drawn(darkroom), log.sums()
        if transport == "sse":
            # It never ends, so the log has its bytes and not its text.
            theirs["messages"] = ours["messages"]
        same = {name: ours[name] for name in theirs} == theirs
        return same and ours["dots"] == theirs["messages"] + log.frames["out"]

    seen(darkroom.page, agrees, "a drawing like the log")
    assert set(log.kinds.values()) == {CARRIERS.get(transport, transport)}
    # The first only shows that the way is open.
    assert log.held == (len(log.kinds) - 1 if transport == "long" else 0)
    if transport == "websocket":
        assert drawn(darkroom)["said"] == log.frames["out"] > 0
    assert drawn(darkroom)["messages"] > 10
    assert darkroom.console == []


def test_a_stream_s_dots_are_the_messages_in_its_text(darkroom, log, photos):
    """Held up to the text of the stream itself, which the log gives once it has ended."""
    darkroom.pick("sse")
    darkroom.drop(photos[:1])
    darkroom.wait_settled(1)
    texts = []
    [stream] = log.kinds
    log.session.on("Network.dataReceived", lambda event: texts.append(event.get("data")))
    before = log.session.send("Network.streamResourceContent", {"requestId": stream})
    begun = base64.b64decode(before["bufferedData"]).decode()
    heard = begun.count("\nevent: ") + begun.startswith("event: ")
    assert heard > 10
    assert darkroom.get("window.revela.traffic.sums().messages") == heard


def test_every_transport_is_switched_to_in_place_while_photos_come(darkroom, log, photos):
    darkroom.throttle(1_200_000)
    darkroom.drop(photos)
    for transport in ["sse", "websocket", "polling", "long", "adaptive", "sse"]:
        darkroom.pick(transport)
        darkroom.wait(f"() => window.revela.transport === '{transport}'")
        already = len(log.kinds)
        darkroom.page.wait_for_timeout(1_100)
        newer = set([*log.kinds.values()][already:])
        assert newer <= {CARRIERS.get(transport, transport)}
    darkroom.throttle(None)
    darkroom.wait_settled(12)
    darkroom.assert_saw_the_whole_log()
    assert darkroom.get("JSON.parse(localStorage['revela.settings']).transport") == "sse"


def test_the_strip_is_worked_by_the_keyboard(darkroom):
    page, keys = darkroom.page, darkroom.page.keyboard
    page.wait_for_selector("main[data-fill=none]")
    page.locator("[name=way]:checked").focus()
    for chosen in ["polling", "sse", "websocket", "auto"]:
        keys.press("ArrowRight")
        assert page.is_checked(f"[name=way][value={chosen}]")
        darkroom.wait(f"() => window.revela.settings.transport === '{chosen}'")
    keys.press("Tab")
    keys.press("Enter")
    assert page.get_by_role("button", name="less").get_attribute("aria-expanded") == "true"
    keys.press("Shift+Tab")
    keys.press("ArrowLeft")
    assert page.is_checked("[name=way][value=long]")
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")
    page.locator("transport-bar canvas").wait_for()
    keys.press("Enter")
    page.locator("transport-bar canvas").wait_for(state="detached")


def test_the_ring_runs_down_to_the_next_poll_and_the_lamp_beats_with_each_message(darkroom, photos):
    darkroom.choose("polling", interval=5)
    darkroom.drop(photos[:1])
    darkroom.wait_settled(1)
    open_strip(darkroom)
    strip = darkroom.page.locator("transport-bar")
    darkroom.wait("() => /^[45] s$/.test(document.querySelector('.countdown strong').textContent)")
    beat = strip.get_attribute("data-beat")
    asked = darkroom.get("window.revela.traffic.sums().requests")
    darkroom.wait("() => /^1 s$/.test(document.querySelector('.countdown strong').textContent)")
    offset = float(darkroom.get("document.querySelector('.ring-left').style.strokeDashoffset"))
    assert offset > 60, "most of the ring is gone"
    darkroom.wait(f"() => document.querySelector('transport-bar').dataset.beat !== '{beat}'")
    assert darkroom.get("window.revela.traffic.sums().requests") == asked + 1


def test_the_median_delay_is_that_of_the_transport(darkroom, photos):
    open_strip(darkroom)
    darkroom.choose("polling", interval=5)
    darkroom.drop(photos[:3])
    darkroom.wait_settled(3)
    late = darkroom.get("window.revela.traffic.sums().delayMs")
    assert 300 < late < 6_000, late
    darkroom.page.goto(f"{darkroom.url}/?new")
    darkroom.pick("websocket")
    darkroom.drop(photos[3:6])
    darkroom.wait_settled(3)
    assert darkroom.get("window.revela.traffic.sums().delayMs") < late / 3


def test_one_tab_may_have_another_transport_than_the_rest(darkroom, photos):
    darkroom.drop(photos[:1])
    darkroom.wait_settled(1)
    kept = darkroom.get("window.revela.transport")
    beside = Darkroom(darkroom.context, darkroom.server)
    beside.page.goto(f"{darkroom.page.url}?transport=sse")
    beside.wait("() => window.revela.transport === 'sse'")
    assert darkroom.get("window.revela.transport") == kept == "websocket"
    beside.page.reload()
    beside.wait("() => window.revela.transport === 'sse'")
    # What is picked there stays there, and what is kept is followed by the others only.
    beside.pick("long")
    beside.wait("() => window.revela.transport === 'long'")
    darkroom.pick("polling")
    darkroom.wait("() => window.revela.transport === 'polling'")
    assert beside.get("window.revela.transport") == "long"
    assert beside.get("JSON.parse(localStorage['revela.settings']).transport") == "polling"
    open_strip(beside)
    beside.page.get_by_role("button", name="Use the setting for all tabs").click()
    beside.wait("() => window.revela.transport === 'polling'")
    assert beside.page.get_by_text("This choice applies to this tab only.").is_hidden()


def test_an_unknown_transport_in_the_address_is_said(darkroom):
    darkroom.page.goto(f"{darkroom.url}/?transport=pigeon")
    darkroom.page.locator("#notice", has_text="There is no transport “pigeon”.").wait_for()
    assert darkroom.page.is_checked("[name=way][value=auto]")


def test_a_sheet_is_opened_beside_itself_from_the_strip(darkroom, photos):
    darkroom.drop(photos[:1])
    darkroom.wait_settled(1)
    open_strip(darkroom)
    with darkroom.context.expect_page() as opened:
        darkroom.page.locator(".beside a", has_text="SSE").click()
    opened.value.wait_for_function("() => window.revela?.transport === 'sse'")
    assert opened.value.evaluate("window.revela.batch") == darkroom.get("window.revela.batch")
    assert darkroom.get("window.revela.transport") == "websocket"


def test_a_stage_is_shown_with_its_age_where_news_is_late(darkroom, photos):
    darkroom.choose("polling", interval=300)
    darkroom.drop(photos[:2])
    stage = darkroom.card(photos[0].name).locator(".stage")
    with harness.until("an age") as waiting:
        while not stage.inner_text().startswith("Sent · as of "):
            darkroom.page.wait_for_timeout(20)
            waiting()
    assert darkroom.card(photos[1].name).locator(".processing .figure").inner_text() == "no update yet"
    first = int(stage.inner_text().split()[-3])
    darkroom.wait(f"() => Number(document.querySelector('.stage').textContent.split(' ').at(-3)) > {first}")
    darkroom.pick("websocket")
    darkroom.wait_settled(2)
    assert stage.inner_text() == "Ready"


def test_a_chosen_socket_that_does_not_get_through_keeps_the_cards_fresh(darkroom, photos):
    darkroom.page.route_web_socket("**/events*", lambda socket: socket.close(code=1011))
    darkroom.pick("websocket")
    darkroom.drop(photos[:3])
    darkroom.page.locator("photo-card[data-state=ready]").nth(2).wait_for(timeout=90_000)
    assert darkroom.get("window.revela.transport") is None
    assert "WebSocket" in darkroom.page.locator(".sentence").inner_text()
    assert darkroom.get("window.revela.document") == darkroom.batch().document()
    # It stays the reader's choice. What the test answers itself is not told of.
    assert darkroom.events_requests == []
