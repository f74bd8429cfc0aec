"""Several tabs of one batch: one connection for all of them, which outlives the tab that opened it,
and each tab sees the whole log. Where there is no shared worker, each has its own."""

import pytest

import harness
from bare import Browser
from doorkeeper import Doorkeeper
from test_feed import Elsewhere, FrozenPage


@pytest.fixture
def browser(tmp_path):
    browser = Browser(tmp_path / "chromium")
    yield browser
    browser.close()


@pytest.fixture
def door(server):
    door = Doorkeeper(server)
    yield door
    door.close()


def open_tabs(browser, batch, door, count):
    return [FrozenPage(browser, batch, door.url) for _ in range(count)]


def wait_streams(door, count):
    with harness.until(f"{count} streams of events", timeout=60) as waiting:
        while len(door.streams) != count:
            waiting()


@pytest.mark.parametrize("transport", ["websocket", "sse"])
def test_three_tabs_of_a_batch_cost_one_connection_and_outlive_the_first(
        browser, batch, door, photos, transport):
    elsewhere = Elsewhere(batch)
    elsewhere.make_events()
    tabs = open_tabs(browser, batch, door, 3)
    tabs[0].choose(transport)
    for one in tabs:
        one.tab.wait(f"window.revela.transport === '{transport}'")
        assert one.tab.get("window.revela.isShared")
    wait_streams(door, 1)
    elsewhere.make_events()
    for one in tabs:
        one.wait_for_the_log()
    first, *others = tabs
    first.tab.close()
    before = door.opened
    elsewhere.make_events()
    batch.curl(photos[0])
    elsewhere.finish()
    batch.settle()
    for one in others:
        one.assert_saw_the_whole_log()
    assert len(door.streams) == 1 and door.opened == before, "the first tab was missed"
    for one in others:
        one.tab.close()
    wait_streams(door, 0)


def test_all_tabs_follow_a_switch_over_one_new_connection(browser, batch, door):
    elsewhere = Elsewhere(batch)
    tabs = open_tabs(browser, batch, door, 3)
    for transport in ["sse", "websocket", "sse"]:
        tabs[0].choose(transport)
        for one in tabs:
            one.tab.wait(f"window.revela.transport === '{transport}'")
        elsewhere.make_events()
        for one in tabs:
            one.wait_for_the_log()
        wait_streams(door, 1)
    elsewhere.finish()
    for one in tabs:
        one.assert_saw_the_whole_log()


def test_a_frozen_tab_holds_no_other_up_and_catches_up_when_it_wakes(browser, batch, door, server):
    elsewhere = Elsewhere(batch)
    frozen, awake = open_tabs(browser, batch, door, 2)
    with frozen.tab.frozen():
        before = frozen.events()
        elsewhere.make_events()
        awake.wait_for_the_log(timeout=30)
        server.kill()
        server.start()
        elsewhere.make_events()
        awake.wait_for_the_log()
        assert frozen.events() == before
    frozen.wait_for_the_log(timeout=30)
    elsewhere.finish()
    for one in [frozen, awake]:
        one.assert_saw_the_whole_log()
    wait_streams(door, 1)


def test_tabs_of_two_batches_share_what_is_theirs(browser, server, door):
    batches = [server.new_batch(), server.new_batch()]
    tabs = [FrozenPage(browser, one, door.url) for one in batches for _ in range(2)]
    wait_streams(door, 2)
    others = [Elsewhere(one) for one in batches]
    for one in others:
        one.make_events()
        one.finish()
    for one in tabs:
        one.assert_saw_the_whole_log()


def test_where_there_is_no_shared_worker_each_tab_has_its_own_connection(browser, batch, door):
    elsewhere = Elsewhere(batch)
    browser.scripts.append("delete window.SharedWorker")
    tabs = open_tabs(browser, batch, door, 2)
    assert not any(one.tab.get("window.revela.isShared") for one in tabs)
    wait_streams(door, 2)
    elsewhere.make_events()
    elsewhere.finish()
    for one in tabs:
        one.assert_saw_the_whole_log()


def test_a_tab_that_comes_back_by_the_back_button_goes_on(browser, batch, door):
    elsewhere = Elsewhere(batch)
    [page] = open_tabs(browser, batch, door, 1)
    page.tab.get("window.gone = true; location.assign('/settings.html')")
    page.tab.wait("document.querySelector('#settings') && !window.gone")
    elsewhere.make_events()
    page.tab.get("history.back()")
    page.tab.wait("window.revela.state === 'live'")
    elsewhere.make_events()
    elsewhere.finish()
    last = batch.events()[-1]["seq"]
    page.tab.wait(f"window.revela.ledger.last === {last}")
    page.assert_is_true()
