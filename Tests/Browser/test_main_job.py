"""Drop photos, watch them develop, over the transport you chose."""

import pytest

TRANSPORTS = ["polling", "sse", "websocket"]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_twelve_photos_develop_over_the_chosen_transport_alone(darkroom, photos, transport):
    darkroom.choose(transport, interval=1 if transport == "polling" else None)
    darkroom.throttle(1_200_000)
    darkroom.drop(photos)
    darkroom.wait("() => document.querySelectorAll('photo-card').length === 12")
    darkroom.wait_settled(12)

    assert set(darkroom.events_requests) == {transport}
    darkroom.assert_saw_the_whole_log()
    images = darkroom.get("window.revela.document.images")
    assert {image["state"] for image in images.values()} == {"ready"}
    assert darkroom.page.locator("photo-card .renditions a").count() == 36
    for image, seen in darkroom.get("window.seen").items():
        assert seen["received"] == sorted(seen["received"]), (image, seen)
        assert seen["processing"] == sorted(seen["processing"]), (image, seen)
        assert max(seen["processing"]) < 1, (image, seen)
    assert darkroom.console == []


def test_the_transport_is_switched_on_the_settings_page_in_the_middle_of_a_batch(darkroom, photos):
    darkroom.choose("polling", interval=1)
    darkroom.throttle(1_200_000)
    darkroom.drop(photos)
    for transport in ["sse", "websocket", "polling", "websocket", "sse"]:
        darkroom.page.wait_for_timeout(700)
        darkroom.choose(transport)
        darkroom.wait(f"() => window.revela.transport === '{transport}'")
        already = len(darkroom.events_requests)
        darkroom.page.wait_for_timeout(1_100)
        assert set(darkroom.events_requests[already:]) <= {transport}
    darkroom.throttle(None)
    darkroom.wait_settled(12)
    darkroom.assert_saw_the_whole_log()
    assert set(darkroom.events_requests) == set(TRANSPORTS)


def test_cancel_and_info_travel_over_the_websocket_when_it_is_the_transport(darkroom, photos):
    darkroom.choose("websocket")
    darkroom.throttle(100_000)
    darkroom.drop(photos[:3])
    name = photos[2].name
    darkroom.wait("() => window.revela.transport === 'websocket'")
    card = darkroom.card(name)
    darkroom.page.wait_for_selector(f"photo-card[data-image^=i_] .name[title='{name}']")
    card.locator("button[data-action=info]").click()
    details = darkroom.page.locator("#viewer")
    details.get_by_text(name).first.wait_for()
    # The viewer opens with what the page has, and asks for the rest.
    details.get_by_text("Details read over the WebSocket").wait_for()
    darkroom.page.keyboard.press("Escape")
    card.locator("button[data-action=cancel]").click()
    darkroom.throttle(None)
    darkroom.wait_settled(3)
    assert card.get_attribute("data-state") == "cancelled"
    assert any('"info"' in frame for frame in darkroom.frames_sent)
    assert any('"cancel"' in frame for frame in darkroom.frames_sent)
    darkroom.assert_saw_the_whole_log()


def test_a_wrong_file_says_why_on_its_card_and_disturbs_no_other(darkroom, photos, tmp_path):
    fake = tmp_path / "holiday.jpg"
    fake.write_bytes(b"not a photo, whatever it is called\n" * 100)
    half = tmp_path / "half.jpg"
    half.write_bytes(photos[0].read_bytes()[:300_000])
    darkroom.drop([photos[0], fake, half])
    darkroom.wait_settled(3)
    assert darkroom.card("holiday.jpg").get_attribute("data-state") == "rejected"
    assert darkroom.card("holiday.jpg").locator(".problem").inner_text().strip() != ""
    assert darkroom.card("half.jpg").get_attribute("data-state") == "rejected"
    assert darkroom.card(photos[0].name).get_attribute("data-state") == "ready"


def test_the_server_is_killed_in_the_middle_and_the_page_goes_on_by_itself(darkroom, photos):
    darkroom.throttle(2_000_000)
    darkroom.drop(photos[:6])
    darkroom.wait("() => Object.values(window.revela.document?.images ?? {}).some(i => i.renditions)")
    darkroom.server.kill()
    darkroom.page.wait_for_timeout(500)
    darkroom.server.start()
    darkroom.throttle(None)
    darkroom.wait_settled(6)
    images = darkroom.get("window.revela.document.images")
    assert {image["state"] for image in images.values()} == {"ready"}
    darkroom.assert_saw_the_whole_log()


def test_a_reload_keeps_the_batch_and_its_photos(darkroom, photos):
    darkroom.drop(photos[:2])
    darkroom.wait_settled(2)
    darkroom.page.reload()
    darkroom.wait("() => document.querySelectorAll('photo-card[data-state=ready]').length === 2")
    assert darkroom.page.url.endswith("/batches/" + darkroom.get("window.revela.batch"))


def test_the_pages_speak_brazilian_portuguese(darkroom):
    settings = darkroom.open("/settings.html")
    settings.select_option("select[name=language]", "pt-BR")
    settings.get_by_role("heading", name="Configurações").wait_for()
    darkroom.page.wait_for_selector("html[lang=pt-BR]")
    assert "fotos" in darkroom.page.locator("h1").first.inner_text()
