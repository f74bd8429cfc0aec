"""A manage link, as people use it: made on one device, scanned by another, and ended."""

import pytest

from test_drop_links import PHONE, fits
from test_everyone import violations


@pytest.fixture
def phone(chromium):
    context = chromium.new_context(locale="pt-BR", viewport=PHONE, has_touch=True)
    yield context.new_page()
    context.close()


def test_a_phone_manages_the_batches_of_another_browser_until_the_link_is_ended(darkroom, phone, server, photos):
    darkroom.drag(photos[0])
    darkroom.wait_settled(1)
    page = darkroom.page
    page.get_by_role("link", name="Your batches", exact=True).click()
    page.locator("#manage").click()
    dialog = page.locator("dialog.drops")
    dialog.get_by_text("You have no such link.").wait_for()
    dialog.get_by_role("button", name="Make a link").click()
    link = dialog.locator(".link-row input").input_value()
    assert link.startswith(server.url + "/batches.html#m_")
    dialog.locator("svg.qr").wait_for()
    dialog.get_by_text("No other browser has taken it.").wait_for()
    assert violations(page) == []

    # Who says no has taken nothing.
    phone.goto(link)
    question = phone.locator("#confirm")
    question.get_by_role("button", name="Não").click()
    phone.wait_for_url(server.url + "/batches.html")
    assert phone.locator(".batch").count() == 0
    assert phone.locator("#manage").is_hidden()

    # By the link in the same tab, as the camera opens it.
    phone.goto(link)
    question.get_by_role("button", name="Gerenciar aqui").wait_for()
    assert violations(phone) == [] and fits(phone)
    question.get_by_role("button", name="Gerenciar aqui").click()
    phone.locator("#notice", has_text="também gerencia").wait_for()
    assert "#m_" not in phone.url and violations(phone) == [] and fits(phone)
    # Whatever the owner may, this browser may.
    phone.locator(".batch .title").click()
    phone.locator("photo-card[data-state=ready]").wait_for()
    phone.locator("batch-menu summary").click()
    phone.locator("batch-menu [data-act=delete]").wait_for()

    # Ended on the first device: the second one reads, as anybody with the batch's link, and has no list.
    dialog.locator("form[method=dialog] button").click()
    page.locator("#manage").click()
    dialog.get_by_text("One other browser has taken it.").wait_for()
    dialog.get_by_role("button", name="End it").click()
    dialog.get_by_text("You have no such link.").wait_for()
    phone.reload()
    phone.locator("photo-card[data-state=ready]").wait_for()
    phone.locator("batch-menu summary").click()
    assert phone.locator("batch-menu [data-act=delete]").is_hidden()
    phone.goto(server.url + "/batches.html")
    phone.locator("#none").wait_for()

    # The link opens nothing any more, and says so.
    phone.goto(link)
    question.get_by_role("button", name="Gerenciar aqui").click()
    phone.locator("#notice", has_text="não abre mais nada").wait_for()
