import pytest
from playwright.sync_api import sync_playwright

from darkroom import Darkroom
from faultproxy import FaultProxy, Faults


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright):
    """Debian's own Chromium, driven by Playwright."""
    browser = playwright.chromium.launch(
        executable_path="/usr/bin/chromium", args=["--no-sandbox", "--force-color-profile=srgb"])
    yield browser
    browser.close()


@pytest.fixture
def darkroom(chromium, server):
    """A browser profile of its own, with the upload page open on a fresh server."""
    context = chromium.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    darkroom = Darkroom(context, server)
    yield darkroom
    context.close()


@pytest.fixture
def network():
    """What `proxy` does to every connection; a test changes it as it goes."""
    return Faults()


@pytest.fixture
def proxy(server, network):
    """Between the page and the server, for what must be counted or broken."""
    with FaultProxy(server.port, plan=lambda number, dice: network) as proxy:
        yield proxy


@pytest.fixture
def proxied(chromium, server, proxy):
    """A `darkroom` whose requests all go through `proxy`."""
    context = chromium.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    yield Darkroom(context, server, proxy.url)
    context.close()
