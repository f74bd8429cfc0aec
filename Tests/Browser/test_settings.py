"""The settings page: each way of hearing news is tried out here, and every choice is followed."""

import json
import re

import pytest


@pytest.fixture
def settings(darkroom):
    page = darkroom.open("/settings.html")
    page.wait_for_selector("select[name=recipe] option[value=web]", state="attached")
    return page


def trying(settings, transport):
    card = settings.locator(".transport", has=settings.locator(f"[value={transport}]"))
    card.get_by_role("button", name="Try it").click()
    settings.wait_for_function(
        "() => document.querySelector('.tried[data-works]') && !document.querySelector('[aria-disabled]')",
        timeout=30_000)
    return card.locator(".tried")


@pytest.mark.parametrize("transport, cost", [
    ("long", r"\d+ requests and .* a minute"), ("sse", "One lasting connection"),
    ("websocket", "One lasting connection")])
def test_a_transport_is_tried_out_and_says_what_it_costs_here(darkroom, settings, transport, cost):
    tried = trying(settings, transport)
    assert tried.get_attribute("data-works") == "true"
    words = tried.inner_text()
    assert re.search(r"First message after [\d,]+ ms\. News after [\d,]+ ms \(median\)\.", words), words
    assert re.search(cost, words), words
    # The sheet it tried on is gone again, and the choice is still the reader's.
    assert darkroom.get("fetch('/api/batches').then((a) => a.json())")["batches"] == []
    assert settings.is_checked("[value=auto]")
    assert darkroom.console == []


def test_a_transport_that_something_holds_back_is_found_out(darkroom, settings):
    settings.route_web_socket("**/events*", lambda socket: None)
    tried = trying(settings, "websocket")
    assert tried.get_attribute("data-works") == "false"
    assert "something on the way holds it back" in tried.inner_text()


def test_open_pages_follow_theme_and_print_size_at_once_and_keep_them(darkroom, settings):
    settings.select_option("[name=theme]", "light")
    settings.select_option("[name=density]", "compact")
    darkroom.wait("() => document.documentElement.dataset.theme === 'light'")
    darkroom.wait("() => document.documentElement.dataset.density === 'compact'")
    darkroom.page.reload()
    assert darkroom.get("({...document.documentElement.dataset})") == {
        "theme": "light", "density": "compact"}


def test_settings_go_to_a_file_and_come_back_from_it(settings, tmp_path):
    settings.select_option("[name=language]", "pt-BR")
    settings.check("[value=long]")
    with settings.expect_download() as download:
        settings.locator("#export").click()
    kept = json.loads(download.value.path().read_text())
    assert (kept["language"], kept["transport"]) == ("pt-BR", "long")
    settings.locator("[type=reset]").click()
    assert settings.is_checked("[value=auto]")
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({**kept, "parallel": 1_000, "unknown": True}))
    settings.set_input_files("#import", file)
    settings.wait_for_selector("html[lang=pt-BR]")
    assert settings.is_checked("[value=long]")
    assert settings.input_value("[name=parallel]") == "3"
    file.write_text("not settings")
    settings.set_input_files("#import", file)
    settings.get_by_text("Este arquivo não contém configurações.").wait_for()


def test_the_form_works_by_keyboard(darkroom, settings):
    settings.focus("[name=transport]:checked")
    settings.keyboard.press("ArrowDown")
    assert settings.is_checked("[value=polling]")
    settings.keyboard.press("Tab")
    assert settings.evaluate("document.activeElement.name ?? document.activeElement.textContent") in (
        "intervalSeconds", "Try it")
    darkroom.wait("() => JSON.parse(localStorage['revela.settings']).transport === 'polling'")


def test_the_recipe_says_what_it_makes_and_is_asked_for(darkroom, settings, photos):
    assert "thumb 320 WebP" in settings.locator("#recipe-text").inner_text()
    settings.select_option("[name=recipe]", "web")
    with darkroom.page.expect_request(lambda r: r.method == "POST" and r.url.endswith("/api/batches")) as made:
        darkroom.drop(photos[:1])
    assert made.value.post_data_json == {"recipe": "web"}
    darkroom.wait_settled(1)
