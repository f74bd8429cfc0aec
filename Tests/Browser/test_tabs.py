"""Many tabs of one browser, which together have six HTTP/1.1 connections to a host: those that
nobody looks at hold none of them, and each catches up when it is looked at."""

import pytest

import harness
from bare import Browser
from doorkeeper import Doorkeeper
from test_feed import Elsewhere, FrozenPage

TABS = 8


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


@pytest.mark.parametrize("transport", ["sse", "long"])
def test_tabs_that_nobody_looks_at_leave_the_connections_to_others(
        browser, batch, door, photos, transport):
    browser.scripts.append(
        f"localStorage['revela.settings'] = JSON.stringify({{ transport: '{transport}' }})")
    elsewhere = Elsewhere(batch)
    tabs = [FrozenPage(browser, batch, door.url) for _ in range(TABS)]
    tabs[-1].tab.look()
    for one in tabs[:-1]:
        one.tab.wait("document.hidden && window.revela.transport === 'adaptive'")
    assert tabs[-1].tab.get("window.revela.transport") == transport
    # There is room for whatever is asked for.
    answer = tabs[-1].tab.get("Promise.all(Array.from({ length: 5 }, () =>"
                              " fetch('/healthz', { cache: 'no-store' }))).then((all) => all.length)")
    assert answer == 5
    elsewhere.make_events()
    elsewhere.finish()
    tabs[-1].assert_saw_the_whole_log()
    for one in tabs:
        one.tab.look()
        one.tab.wait(f"window.revela.transport === '{transport}'")
        one.assert_saw_the_whole_log()


def test_a_closed_tab_closes_its_stream(browser, batch, door):
    [page] = [FrozenPage(browser, batch, door.url)]
    page.tab.wait("window.revela.state === 'live'")
    page.tab.close()
    with harness.until("no stream", timeout=60) as waiting:
        while door.streams:
            waiting()


def test_a_tab_that_comes_back_by_the_back_button_goes_on(browser, batch, door):
    elsewhere = Elsewhere(batch)
    page = FrozenPage(browser, batch, door.url)
    # Whoever is sent on by a script before all has loaded has no way back here.
    page.tab.wait("document.readyState === 'complete'")
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
