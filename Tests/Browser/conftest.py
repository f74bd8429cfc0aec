import pytest
from playwright.sync_api import sync_playwright

from darkroom import Darkroom


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
    context.set_default_timeout(20_000)
    darkroom = Darkroom(context, server)
    yield darkroom
    context.close()
