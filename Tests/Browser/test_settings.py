"""The settings page: each way of hearing news is tried out here, and every choice is followed."""

import json
import re

import pytest


@pytest.fixture
def settings(darkroom):
    page = darkroom.open("/settings.html")
    page.wait_for_selector("select[name=recipe] option[value=web]", state="attached")
    return page


def trying(settings, transport, works=True):
    card = settings.locator(".transport", has=settings.locator(f"[value={transport}]"))
    # On a machine that stalls, a trial of five seconds can pass without a word.
    for _ in range(3):
        card.get_by_role("button", name="Test").click()
        settings.wait_for_function(
            "() => document.querySelector('.tried[data-works]') && !document.querySelector('[aria-disabled]')",
            timeout=120_000)
        tried = card.locator(".tried")
        if tried.get_attribute("data-works") == str(works).lower():
            break
    return tried


@pytest.mark.parametrize("transport, cost", [
    ("long", r"\d+ requests and .* a minute"), ("sse", "One open connection"),
    ("websocket", "One open connection")])
def test_a_transport_is_tried_out_and_says_what_it_costs_here(darkroom, settings, transport, cost):
    tried = trying(settings, transport)
    assert tried.get_attribute("data-works") == "true"
    words = tried.inner_text()
    assert re.search(r"First message after [\d,]+ ms\. Updates after [\d,]+ ms \(median\)\.", words), words
    assert re.search(cost, words), words
    # The sheet it tried on is gone again, and the choice is still the reader's.
    assert darkroom.get("fetch('/api/batches').then((a) => a.json())")["batches"] == []
    assert settings.is_checked("[value=auto]")
    assert darkroom.console == []


def test_who_leaves_while_a_transport_is_tried_out_leaves_no_sheet_behind(darkroom, settings):
    with settings.expect_response("**/images"):
        settings.get_by_role("button", name="Test").first.click()
    settings.goto(darkroom.url)
    darkroom.wait("() => fetch('/api/batches').then((answer) => answer.json())"
                  ".then(({ batches }) => batches.length === 0)")


def test_a_transport_that_something_holds_back_is_found_out(darkroom, settings):
    settings.route_web_socket("**/events*", lambda socket: None)
    tried = trying(settings, "websocket", works=False)
    assert tried.get_attribute("data-works") == "false"
    assert "holds it back" in tried.inner_text()


def test_open_pages_follow_theme_and_print_size_at_once_and_keep_them(darkroom, settings):
    settings.select_option("[name=theme]", "light")
    settings.select_option("[name=density]", "compact")
    darkroom.wait("() => document.documentElement.dataset.theme === 'light'")
    darkroom.wait("() => document.documentElement.dataset.density === 'compact'")
    darkroom.page.reload()
    kept = darkroom.get("({...document.documentElement.dataset})")
    assert (kept["theme"], kept["density"]) == ("light", "compact")


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
        "intervalSeconds", "Test")
    darkroom.wait("() => JSON.parse(localStorage['revela.settings']).transport === 'polling'")


def test_the_recipe_says_what_it_makes_and_is_asked_for(darkroom, settings, photos):
    assert "thumb 320 WebP" in settings.locator("#recipe-text").inner_text()
    settings.select_option("[name=recipe]", "web")
    darkroom.until_followed(settings)
    with darkroom.page.expect_request(lambda r: r.method == "POST" and r.url.endswith("/api/batches")) as made:
        darkroom.drop(photos[:1])
    assert made.value.post_data_json == {"recipe": "web"}
    darkroom.wait_settled(1)


def field(settings, row, name):
    return settings.locator("recipe-editor li").nth(row).locator(f"[data-field={name}]")


def own_recipe(settings):
    """Two small prints, and none of the server's own."""
    settings.select_option("[name=recipe]", "*")
    for _ in range(2):
        settings.locator("recipe-editor [data-act=drop]").last.click()
    field(settings, 0, "name").fill("tile")
    field(settings, 0, "width").fill("200")
    field(settings, 0, "height").fill("200")
    field(settings, 0, "fit").select_option("cover")
    field(settings, 0, "format").select_option("image/jpeg")
    settings.locator("recipe-editor [data-act=add]").click()
    assert settings.evaluate("document.activeElement.dataset.field") == "name"
    settings.keyboard.type("wide")
    field(settings, 1, "width").fill("400")
    field(settings, 1, "height").fill("")


def test_a_batch_is_developed_by_the_reader_s_own_recipe(darkroom, settings, photos):
    own_recipe(settings)
    assert "tile 200 JPEG · wide 400 WebP" in settings.locator("#recipe-text").inner_text()
    darkroom.until_followed(settings)
    darkroom.drop(photos[:1])
    darkroom.wait_settled(1)
    [image] = darkroom.batch().images().values()
    made = {name: (one["width"], one["height"], one["mediaType"])
            for name, one in image["renditions"].items()}
    assert made == {"tile": (200, 200, "image/jpeg"), "wide": (400, 300, "image/webp")}
    # There is no thumb to show: the card takes the smallest print there is.
    darkroom.wait("() => document.querySelector('photo-card .result').naturalWidth > 0")
    assert "/renditions/tile" in darkroom.page.locator(".result").get_attribute("src")
    assert darkroom.console == []


def test_a_wrong_value_is_explained_at_its_field_and_not_kept(darkroom, settings):
    own_recipe(settings)
    kept = settings.evaluate("localStorage['revela.settings']")
    for name, value, sentence in [
            ("width", "0", "A whole number from 1 to 16,383"), ("width", "", "Needed to fill"),
            ("name", "Meine Kachel", "Up to 32 of a–z, 0–9 and -"),
            ("quality", "101", "A whole number from 1 to 100")]:
        wrong = field(settings, 0, name)
        before = wrong.input_value()
        wrong.fill(value)
        assert wrong.get_attribute("aria-invalid") == "true"
        told = settings.locator(f"#{wrong.get_attribute('aria-describedby')}").inner_text()
        assert sentence in told, told
        assert "Not saved yet" in settings.locator("recipe-editor .verdict").inner_text()
        assert settings.locator("#saved").inner_text() == ""
        assert settings.evaluate("localStorage['revela.settings']") == kept
        wrong.fill(before)
        assert wrong.get_attribute("aria-invalid") is None
    field(settings, 0, "format").select_option("image/avif")
    field(settings, 0, "width").fill("9000")
    field(settings, 0, "height").fill("9000")
    assert "about 73 seconds a photo, and the server allows 12" in (
        settings.locator("recipe-editor .verdict").inner_text())
    field(settings, 1, "name").fill("tile")
    assert settings.get_by_text("Another version is called “tile”").is_visible()
    settings.reload()
    settings.wait_for_selector("recipe-editor li")
    assert field(settings, 1, "name").input_value() == "wide"


def test_the_own_recipe_is_in_the_file_and_goes_with_a_reset(settings, tmp_path):
    own_recipe(settings)
    with settings.expect_download() as download:
        settings.locator("#export").click()
    kept = json.loads(download.value.path().read_text())
    assert [one["name"] for one in kept["ownRecipe"]["renditions"]] == ["tile", "wide"]
    settings.locator("[type=reset]").click()
    assert settings.locator("recipe-editor").is_hidden()
    assert settings.input_value("[name=recipe]") == ""
    settings.set_input_files("#import", download.value.path())
    settings.wait_for_selector("recipe-editor li")
    assert field(settings, 0, "format").input_value() == "image/jpeg"
    settings.select_option("[name=language]", "pt-BR")
    settings.locator("recipe-editor legend", has_text="Versão 1").wait_for()
