"""The comparing page: what it shows of a run is checked against the browser's own network log, and
against the log of the server, neither of which the page has touched."""

import collections
import json
import re
import statistics
import urllib.parse
from datetime import datetime

import pytest
from playwright.sync_api import expect

from darkroom import Darkroom
from harness import Server

LINE = len("GET /api/batches/b_0123456789abcdefghijklmnop/events?after=1uqyuux.100&lane=abcdef.sse.10 HTTP/1.1")
WAYS = ["polling5", "sse", "websocket", "polling1", "adaptive", "long"]


@pytest.fixture
def lab(darkroom):
    page = darkroom.open("/lab.html")
    page.wait_for_selector("#choose:not([hidden])")
    return page


def run(page, ways=WAYS, photos=None):
    """A whole run; returns what the page saves of it."""
    for way in WAYS:
        page.locator(f"[name=way][value={way}]").set_checked(way in ways)
    if photos:
        page.set_input_files("#photos", photos)
    else:
        page.click("#start")
    page.wait_for_selector("#stop:not([hidden])")
    return ended(page)


def ended(page):
    page.wait_for_selector("#start:not([hidden])", timeout=180_000)
    return saved(page)


def saved(page):
    with page.expect_download() as download:
        page.click("#json")
    return json.loads(download.value.path().read_text())


def figures(page):
    """The table, by way and figure."""
    rows = page.eval_on_selector_all(
        "#figures tbody tr", "(rows) => rows.map((row) => [row.querySelector('th').dataset.lane,"
        " [...row.querySelectorAll('td')].map((cell) => [cell.dataset.figure, cell.innerText])])")
    return {lane: dict(cells) for lane, cells in rows}


def assert_whole(page, ways):
    table = figures(page)
    assert set(table) == set(ways)
    for lane, cells in table.items():
        assert (cells["lost"], cells["repeated"]) == ("0", "0"), (lane, cells)
    assert len({cells["events"] for cells in table.values()}) == 1
    assert "every transport was told all of them" in page.inner_text("#state")


class NetworkLog:
    """What the browser's network reports of each lane's requests, by DevTools' own domain."""

    def __init__(self, page):
        self.session = page.context.new_cdp_session(page)
        self.session.send("Network.enable", {"maxTotalBufferSize": 100_000_000})
        self.lane_of = {}
        self.after = {}  # the number in the cursor that a request names
        self.requests = collections.Counter()
        self.received = collections.Counter()  # bytes of payload
        self.heads = {}  # bytes of what was sent before the payload, by request
        self.heard = collections.defaultdict(list)  # (seconds since 1970, event), of sockets
        self.ended = {}
        self.ahead = None  # the wall's clock over the log's
        for name in ["requestWillBeSent", "requestWillBeSentExtraInfo", "dataReceived",
                     "responseReceived", "loadingFinished", "webSocketCreated", "webSocketFrameReceived"]:
            self.session.on(f"Network.{name}", getattr(self, name))

    def _note(self, request, url):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)
        if "lane" in query:
            self.lane_of[request] = query["lane"][0].split(".")[1]
            self.after[request] = int(query["after"][0].rpartition(".")[2])
            self.requests[self.lane_of[request]] += 1

    def requestWillBeSent(self, told):
        self.ahead = told["wallTime"] - told["timestamp"]
        self._note(told["requestId"], told["request"]["url"])

    def requestWillBeSentExtraInfo(self, told):
        fields = "".join(f"{name}: {value}\r\n" for name, value in told["headers"].items())
        self.heads[told["requestId"]] = len(fields)

    def sent_heads(self, lane):
        """Each has the line with the method before its fields."""
        return sum(size + LINE for request, size in self.heads.items()
                   if self.lane_of.get(request) == lane)

    def dataReceived(self, told):
        self.received[self.lane_of.get(told["requestId"])] += told["dataLength"]

    def responseReceived(self, told):
        self.ended[told["requestId"]] = told["timestamp"]

    loadingFinished = responseReceived

    def webSocketCreated(self, told):
        self._note(told["requestId"], told["url"])

    def webSocketFrameReceived(self, told):
        lane, text = self.lane_of[told["requestId"]], told["response"]["payloadData"]
        self.received[lane] += len(text.encode())
        message = json.loads(text)
        if message["type"] == "change":
            self.heard[lane].append((told["timestamp"] + self.ahead, message["event"]))

    def commits(self):
        """When each event was, as the socket's frames say."""
        return {event["seq"]: datetime.fromisoformat(event["at"]).timestamp()
                for _, event in self.heard["websocket"]}

    def delays(self, lane):
        """Of each event, in milliseconds. What a poll told lies between its own cursor and that of
        the next question."""
        commits = self.commits()
        if lane == "websocket":
            return [1000 * (at - commits[event["seq"]]) for at, event in self.heard[lane]]
        polls = [(self.after[request], self.ended.get(request)) for request, of in self.lane_of.items()
                 if of == lane]
        ends = [after for after, _ in polls[1:]] + [max(commits)]
        return [1000 * (at + self.ahead - commits[seq]) for (after, at), end in zip(polls, ends)
                for seq in range(after + 1, end + 1)]


def median_of(record, lane):
    commits = {seq: at - record["clock"]["offsetMs"] for seq, at, _ in record["events"]}
    return statistics.median(at - commits[seq] for seq, at in lane["arrivals"])


@pytest.mark.alone("the page hears within 60 ms of the browser's network")
def test_all_ways_tell_the_same_and_the_figures_are_those_of_the_browser_s_network_log(darkroom, lab):
    log = NetworkLog(lab)
    record = run(lab)
    assert_whole(lab, WAYS)
    lanes = {lane["id"]: lane for lane in record["lanes"]}
    assert {name: len(lane["requests"]) for name, lane in lanes.items()} == dict(log.requests)
    for name, lane in lanes.items():
        head_up, _, _, payload_down = [sum(column) for column in list(zip(*lane["bytes"]))[1:]]
        # What was on its way to a stream when the run ended may be in one count alone.
        assert payload_down == pytest.approx(log.received[name], rel=0.02), name
        if name != "websocket":
            assert head_up == pytest.approx(log.sent_heads(name), rel=0.1), name
    # Server and browser have the same clock here.
    clock = record["clock"]
    assert abs(clock["offsetMs"]) <= clock["uncertaintyMs"] + 1 and not clock["moved"]
    for name in ["polling5", "polling1", "adaptive", "websocket"]:
        theirs = log.delays(name)
        assert len(theirs) == len(record["events"]), name
        # The page hears a little after the browser's network; a busy machine makes that more.
        ours, theirs = median_of(record, lanes[name]), statistics.median(theirs)
        assert theirs - clock["uncertaintyMs"] - 2 <= ours <= theirs + 60, (name, ours, theirs)
    assert median_of(record, lanes["polling5"]) > 10 * median_of(record, lanes["sse"])
    # A server that makes no faults on purpose is asked for none.
    assert lab.is_hidden("#faults") and lab.locator("[name=fault]").count() == 0 and record["faults"] == []
    # Nothing is left of it.
    assert darkroom.get("fetch('/api/batches').then((a) => a.json())")["batches"] == []
    assert darkroom.console == []


def test_twelve_real_photos_are_followed_in_every_way_and_nothing_is_lost(darkroom, lab, photos):
    record = run(lab, photos=photos)
    assert_whole(lab, WAYS)
    assert sum(kind == "image.ready" for _, _, kind in record["events"]) == 12
    assert darkroom.console == []


@pytest.mark.alone("a request gets its connection within 50 ms")
def test_no_more_connections_are_held_than_a_browser_has(lab):
    """HTTP/1.1 has six a server: two are held, two poll, one sends, one is spare."""
    waited = [request["waitedMs"] for lane in run(lab)["lanes"] for request in lane["requests"]
              if request["waitedMs"] is not None]
    assert len(waited) > 10 and statistics.median(waited) < 50


def test_other_tabs_that_hold_connections_are_named_as_the_reason(darkroom, lab):
    hold = "for (let n = 0; n < 6; n++) fetch('/api/batches/' + given + '/events?n=' + n," \
           " { headers: { Accept: 'text/event-stream' } })"
    batch = darkroom.server.new_batch()
    other = darkroom.open("/settings.html")
    other.evaluate(f"(given) => {{ {hold} }}", batch.name)
    lab.locator("[name=way][value=polling1]").check()
    lab.click("#start")
    # All six are held: not even the clocks can be compared before one is free.
    lab.wait_for_timeout(1_500)
    assert "Comparing the two clocks" in lab.inner_text("#state") or lab.is_visible("#stop")
    other.close()
    ended(lab)
    assert_whole(lab, ["polling5", "sse", "websocket", "polling1"])


def test_a_run_is_repeated_compared_saved_and_loaded(lab, tmp_path):
    record = run(lab, ["sse", "websocket"])
    lab.click("#repeat")
    ended(lab)
    lab.select_option("#beside", "0")
    assert lab.locator("#pairs tbody tr").count() == 2
    kept = tmp_path / "run.json"
    kept.write_text(json.dumps(record))
    lab.set_input_files("#import", kept)
    lab.get_by_text("It was measured by").wait_for()
    assert saved(lab) == record
    assert figures(lab)["sse"]["events"] == str(len(record["events"]))
    with lab.expect_download() as download:
        lab.click("#csv")
    lines = download.value.path().read_text().splitlines()
    assert len(lines) == 1 + 2 * len(record["events"])
    lab.locator("#details summary").click()
    expect(lab.locator("#events tbody tr")).to_have_count(len(record["events"]))
    kept.write_text("no run")
    lab.set_input_files("#import", kept)
    lab.get_by_text("This file is no run of this page").wait_for()
    assert saved(lab) == record, "what was shown is still shown"


def test_what_was_measured_is_kept_when_it_is_stopped(lab):
    lab.click("#start")
    lab.wait_for_function("() => /^[1-9]/.test(document.querySelector('[data-lane=sse] .counters')?.innerText)")
    lab.click("#stop")
    lab.wait_for_selector("#start:not([hidden])")
    assert lab.evaluate("document.activeElement.id") == "start"
    record = saved(lab)
    assert record["end"] == "stopped" and record["events"]
    assert "Stopped after" in lab.inner_text("#state")
    assert figures(lab)["sse"]["lost"] == "0"


def test_a_lost_network_is_marked_and_every_way_recovers(darkroom, lab):
    lab.click("#start")
    lab.wait_for_function("() => /^[1-9]/.test(document.querySelector('[data-lane=sse] .counters')?.innerText)")
    darkroom.context.set_offline(True)
    lab.wait_for_timeout(1_200)
    darkroom.context.set_offline(False)
    record = ended(lab)
    assert [mark["kind"] for mark in record["marks"]] == ["offline"]
    assert record["end"] == "settled"
    assert_whole(lab, ["polling5", "sse", "websocket"])
    assert re.search(r"no network for [\d.]+ s", lab.inner_text("#notes"))


FAULTS = ["delay", "cut", "hold", "bad-gateway", "half-open", "slow", "outage"]


@pytest.fixture
def faulty(chromium, tmp_path):
    """The comparing page of a server that makes faults on purpose."""
    # Heartbeats as often as may be, so that a dead stream is soon given up.
    server = Server(tmp_path / "data", "--lab", "--heartbeat-seconds", "1").start()
    context = chromium.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    darkroom = Darkroom(context, server)
    page = darkroom.open("/lab.html")
    page.wait_for_selector("#faults:not([hidden])")
    yield page
    context.close()
    server.stop()


def test_every_fault_befalls_every_way_and_each_is_whole_again_with_nothing_lost(faulty):
    page, ways = faulty, ["polling1", "sse", "websocket"]
    assert page.eval_on_selector_all("[name=fault]", "(all) => all.map((one) => one.value)") == FAULTS
    for fault in FAULTS:
        page.locator(f"[name=fault][value={fault}]").check()
    page.fill("#fault-seconds", "2")
    record = run(page, ways)
    assert_whole(page, ways)
    assert [fault["kind"] for fault in record["faults"]] == FAULTS
    assert all(fault["to"] - fault["from"] == 2_000 for fault in record["faults"])
    lanes = {lane["id"]: lane for lane in record["lanes"]}
    # A stream is cut twice in two seconds, by a lost server, by silence and by an outage; a poll is never.
    assert lanes["sse"]["reconnects"] >= 4 and lanes["websocket"]["reconnects"] >= 4
    statuses = [request["status"] for request in lanes["sse"]["requests"]]
    assert 502 in statuses and None in statuses
    # The page's own table says when each was whole again, as the record does.
    rows = page.eval_on_selector_all(
        "#recoveries tbody tr", "(rows) => rows.map((row) => [row.dataset.fault,"
        " [...row.querySelectorAll('td[data-lane]')].map((cell) => cell.innerText)])")
    assert [fault for fault, _ in rows] == FAULTS
    for fault, cells in rows:
        assert len(cells) == len(ways) and all(re.fullmatch(r"(under )?[\d.,]+ m?s", cell) for cell in cells), rows
    for fault in record["faults"]:
        first = min(seq for seq, at, _ in record["events"] if at >= fault["to"])
        for name, lane in lanes.items():
            assert first in dict(lane["arrivals"]), (fault, name)
    # Bytes that a proxy holds back reach no stream, and do reach a socket.
    hold = record["faults"][FAULTS.index("hold")]
    commits = {seq: at for seq, at, _ in record["events"]}
    ahead = record["clock"]["offsetMs"]
    during = {name: [seq for seq, at in lane["arrivals"] if hold["from"] + 300 < at + ahead < hold["to"] - 100
                     and commits[seq] > hold["from"] + 300] for name, lane in lanes.items()}
    assert during["websocket"] and not during["sse"], during
    with page.expect_download() as download:
        page.click("#csv")
    lines = download.value.path().read_text().splitlines()
    assert sum(",fault." in line for line in lines) == len(FAULTS) * len(ways)


def test_a_server_that_goes_away_ends_the_run_and_what_was_measured_is_kept(darkroom, lab):
    lab.click("#start")
    lab.wait_for_function("() => /^[1-9]/.test(document.querySelector('[data-lane=sse] .counters')?.innerText)")
    darkroom.server.kill()
    lab.wait_for_timeout(500)
    lab.click("#stop")
    record = ended(lab)
    assert record["events"] and not record["isChecked"]
    assert "could not be reached any more" in lab.inner_text("#state")
    assert "the log itself could not be read" in lab.inner_text("#notes")


def test_a_hidden_tab_is_marked(lab):
    # All pages of this driver are in front: the page is told that it is not.
    lab.click("#start")
    lab.wait_for_selector("#lanes .lane")
    hide = ("(hidden) => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });"
            " document.dispatchEvent(new Event('visibilitychange')); }")
    lab.wait_for_function("() => /^[1-9]/.test(document.querySelector('[data-lane=sse] .counters')?.innerText)")
    lab.evaluate(hide, True)
    lab.wait_for_timeout(600)
    lab.evaluate(hide, False)
    record = ended(lab)
    [mark] = record["marks"]
    assert mark["kind"] == "hidden" and 500 < mark["to"] - mark["from"] < 20_000
    assert "This tab was hidden for" in lab.inner_text("#notes")


def test_without_a_way_nothing_begins_and_it_says_so(lab):
    for way in ["polling5", "sse", "websocket"]:
        lab.locator(f"[name=way][value={way}]").uncheck()
    lab.click("#start")
    assert lab.inner_text("#state") == "Choose at least one transport."


def test_it_works_by_keyboard(lab):
    for _ in range(30):
        lab.keyboard.press("Tab")
        if lab.evaluate("document.activeElement.value") == "polling1":
            break
    lab.keyboard.press("Space")
    assert lab.is_checked("[value=polling1]")
    for _ in range(5):
        lab.keyboard.press("Tab")
        if lab.evaluate("document.activeElement.id") == "start":
            break
    lab.keyboard.press("Enter")
    lab.wait_for_selector("#stop:not([hidden])")
    assert lab.evaluate("document.activeElement.id") == "stop"
    lab.keyboard.press("Enter")
    ended(lab)


def test_every_page_leads_there(darkroom):
    for path in ["/", "/settings.html"]:
        page = darkroom.open(path)
        page.get_by_role("link", name="Compare").click()
        page.wait_for_url("**/lab.html")
