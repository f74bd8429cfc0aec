"""Settings over the page, by its own link and in the same tab: what is under way goes on, and the
address is that of the settings."""

import pytest

COUNT = 12


def open_settings(darkroom):
    darkroom.page.locator("nav a", has_text="Settings").click()
    darkroom.page.locator("#settings-over form:not([hidden]) [value=sse]").wait_for()
    assert darkroom.page.url == f"{darkroom.url}/settings.html"


def test_the_transport_is_changed_while_photos_are_sent_and_none_is_lost(darkroom, photos):
    darkroom.throttle(1_500_000)
    darkroom.drop(photos)
    # At once: most of them are still in line.
    open_settings(darkroom)
    for transport in ["sse", "polling", "websocket"]:
        darkroom.page.check(f"#settings [value={transport}]")
        darkroom.wait(f"() => window.revela.transport === '{transport}'")
    darkroom.page.go_back()
    darkroom.page.locator("#settings-over").wait_for(state="hidden")
    assert darkroom.page.url.endswith("/batches/" + darkroom.get("window.revela.batch"))
    darkroom.throttle(None)
    darkroom.wait_settled(COUNT)
    assert darkroom.page.locator("photo-card[data-state=ready]").count() == COUNT
    darkroom.assert_saw_the_whole_log()
    assert darkroom.console == []


@pytest.mark.parametrize("leave", ["Escape", "Close"])
def test_escape_and_close_lead_back_as_the_back_button_does(darkroom, photos, leave):
    darkroom.drop(photos[:1])
    darkroom.wait_settled(1)
    sheet = darkroom.page.url
    # While photos are under way the title tells how far they are.
    darkroom.page.wait_for_function("() => document.title === 'Revela'")
    open_settings(darkroom)
    assert darkroom.page.title() == "Settings · Revela"
    if leave == "Escape":
        darkroom.page.keyboard.press("Escape")
    else:
        darkroom.page.locator("#settings-over").get_by_role("button", name="Close").click()
    darkroom.page.wait_for_url(sheet)
    assert darkroom.page.locator("#settings-over").is_hidden()
    assert darkroom.page.title() == "Revela"
    # Forward they are there again, and so is the sheet under them.
    darkroom.page.go_forward()
    darkroom.page.locator("#settings-over [value=sse]").wait_for()
    darkroom.page.go_back()
    darkroom.page.wait_for_url(sheet)
    assert darkroom.page.locator("photo-card").count() == 1
    assert darkroom.console == []


def test_a_sheet_that_begins_under_the_settings_has_its_address_afterwards(darkroom, photos):
    darkroom.page.wait_for_selector("main[data-fill=none]")
    open_settings(darkroom)
    darkroom.drop(photos[:1])
    darkroom.wait("() => window.revela.batch")
    assert darkroom.page.url == f"{darkroom.url}/settings.html"
    darkroom.page.go_back()
    darkroom.page.wait_for_url("**/batches/" + darkroom.get("window.revela.batch"))
    darkroom.wait_settled(1)


def test_a_reload_shows_the_settings_as_a_page_and_back_leads_to_the_sheet(darkroom, photos):
    darkroom.drop(photos[:1])
    darkroom.wait_settled(1)
    open_settings(darkroom)
    darkroom.page.reload()
    darkroom.page.locator("main #settings [value=sse]").wait_for()
    assert darkroom.page.locator("#settings-over").count() == 0
    darkroom.page.go_back()
    darkroom.page.locator("photo-card[data-state=ready]").wait_for()


def test_the_settings_speak_the_language_that_is_chosen_in_them(darkroom):
    darkroom.page.wait_for_selector("main[data-fill=none]")
    open_settings(darkroom)
    darkroom.page.select_option("#settings [name=language]", "pt-BR")
    darkroom.page.get_by_role("heading", name="Configurações").wait_for()
    assert darkroom.page.title() == "Configurações · Revela"
    darkroom.page.keyboard.press("Escape")
    assert darkroom.page.locator("h1").first.inner_text() == "Solte suas fotos em qualquer lugar"


def test_settings_that_cannot_be_had_are_said_and_had_the_next_time(darkroom):
    darkroom.page.wait_for_selector("main[data-fill=none]")
    darkroom.page.route("**/settings-form.js", lambda route: route.abort())
    darkroom.page.locator("nav a", has_text="Settings").click()
    darkroom.page.get_by_text("The server cannot be reached.").first.wait_for()
    darkroom.page.unroute("**/settings-form.js")
    open_settings(darkroom)
