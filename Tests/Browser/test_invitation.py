"""A server that others reach: a stranger is told why, and whoever opens an invitation first sends photos."""

import pytest

import harness
from darkroom import Darkroom
from test_everyone import violations


@pytest.fixture
def server(tmp_path):
    server = harness.Server(tmp_path / "data", "--host", "0.0.0.0", by_invitation=True).start()
    server.url = f"http://127.0.0.1:{server.port}"
    yield server
    server.stop()


@pytest.mark.parametrize("language, title, used", [
    ("en-GB", "This server is by invitation", "This invitation was used already"),
    ("pt-BR", "Este servidor é por convite", "Este convite já foi usado"),
])
def test_a_stranger_is_told_why_and_who_opens_an_invitation_sends_photos(
        chromium, server, photos, language, title, used):
    invitation = server.process.stdout.readline().decode().split()[-1].replace("localhost", "127.0.0.1")
    context = chromium.new_context(locale=language)
    page = context.new_page()
    page.goto(server.url)
    assert page.locator("h1").inner_text() == title
    assert page.locator("form, input").count() == 0 and violations(page) == []

    # By its link, in the same tab; Back does not lead to it again.
    page.goto(invitation)
    page.wait_for_url(server.url + "/")
    page.locator("main[data-fill=none]").wait_for()
    page.go_back()
    assert "invitation" not in page.url
    context.close()

    stranger = chromium.new_context(locale=language)
    page = stranger.new_page()
    page.goto(invitation)
    page.locator("#answer", has_text=used).wait_for()
    stranger.close()


def test_who_was_invited_sends_photos(chromium, server, photos):
    invitation = server.process.stdout.readline().decode().split()[-1].replace("localhost", "127.0.0.1")
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(invitation)
    page.wait_for_url(server.url + "/")
    page.close()
    darkroom = Darkroom(context, server)
    darkroom.drag(photos[0])
    darkroom.wait_settled(1)
    context.close()
