"""A drop link, as people use it: who asks makes it, a guest opens it on a phone, and it is ended."""

import pytest

from darkroom import Darkroom
from test_everyone import violations

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def phone(chromium):
    context = chromium.new_context(locale="pt-BR", viewport=PHONE, has_touch=True)
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def fits(page):
    return page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_a_guest_sends_photos_by_a_link_from_a_phone_until_it_is_ended(chromium, darkroom, phone, server, photos):
    darkroom.drag(photos[0])
    darkroom.wait_settled(1)
    page = darkroom.page
    page.locator("batch-menu summary").click()
    page.locator("[data-act=drop]").click()
    dialog = page.locator("dialog.drops")
    dialog.get_by_label("What is it for?").fill("Wedding of Ana and Rui")
    dialog.get_by_label("Password").fill("girassol")
    dialog.locator("form.make input[type=number]").first.fill("3")
    dialog.locator("form.make button").click()
    link = dialog.locator(".link-row input").input_value()
    assert link.startswith(server.url + "/drop.html#d_")
    dialog.locator("svg.qr").wait_for()
    assert violations(page) == []

    # What is asked for, and then a batch of one's own, in one's own language.
    phone.goto(link)
    phone.locator("h1", has_text="Wedding").wait_for()
    assert "No máximo 3 fotos" in phone.locator("#terms").inner_text()
    assert violations(phone) == [] and fits(phone)
    phone.locator("#name input").fill("Ana")
    phone.locator("#password input").fill("rosa")
    phone.locator("#enter button").click()
    phone.locator("#answer", has_text="A senha não é esta").wait_for()
    assert violations(phone) == [] and fits(phone)
    phone.keyboard.type("girassol")  # over the wrong one, which is selected
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/batches/b_*")
    phone.locator("#guest", has_text="Wedding").wait_for()
    phone.set_input_files(".invitation input.picker >> nth=0", [photos[1], photos[2]])
    phone.locator("photo-card[data-state=ready] >> nth=1").wait_for()
    assert violations(phone) == [] and fits(phone)
    # One under the other, in the guest's language, however long the title is.
    total, counts = (phone.locator(f"batch-bar .{part}").bounding_box() for part in ["total", "counts"])
    assert total["y"] + total["height"] <= counts["y"] + 1
    assert phone.locator("batch-bar .choices .primary").inner_text() == "Adicionar fotos"
    phone.locator("batch-menu summary").click()
    shown = phone.locator("batch-menu li:not([hidden])")
    assert not {"rename", "delete", "drop"} & set(shown.locator("[data-act]").evaluate_all(
        "buttons => buttons.map((button) => button.dataset.act)"))
    phone.keyboard.press("Escape")

    # Who asked sees whose they are, and ends it.
    dialog.locator("form[method=dialog] button").click()
    page.locator("batch-menu summary").click()
    page.locator("[data-act=drop]").click()
    dialog.locator(".given li a", has_text="Rui: Ana").wait_for()
    assert "2 photos" in dialog.locator(".given").inner_text()
    dialog.locator(".given button").click()
    dialog.locator(".given", has_text="Ended").wait_for()

    phone.set_input_files("batch-bar input.picker", [photos[3]])
    phone.locator("photo-card .problem", has_text="foi encerrado").wait_for()
    # What was sent is still there, and a stranger is told what became of the link.
    assert phone.locator("photo-card[data-state=ready]").count() == 2
    phone.goto("about:blank")
    phone.goto(link)
    phone.locator("#answer", has_text="Este link não funciona").wait_for()
    assert phone.locator("#enter").is_hidden() and violations(phone) == []
    dialog.locator(".given li a").click()
    page.wait_for_url("**/batches/b_*")
    page.locator("photo-card[data-state=ready] >> nth=1").wait_for()
