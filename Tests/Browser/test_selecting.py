"""Selecting many photos, reviewing them before they are sent, the batch's name and its end: as a person does it,
by the pointer, a finger and the keys."""

import io
import zipfile

import pytest

import harness
from darkroom import Darkroom
from shots import take_shots
from test_everyone import violations

NAMES = """() => [...document.querySelectorAll("photo-card")]
    .sort((one, other) => one.ariaPosInSet - other.ariaPosInSet)
    .map((card) => card.querySelector(".label").textContent)"""


@pytest.fixture(scope="module")
def shots(tmp_path_factory):
    return take_shots(tmp_path_factory.mktemp("shots"), 8)


def marks(darkroom):
    return darkroom.page.locator("photo-card .pick")


def see_selected(darkroom, names):
    """The cards that are marked, and the number that the bar says."""
    darkroom.page.locator("selection-bar .count", has_text=f"{len(names)} selected").wait_for()
    # Cards are drawn with the next frame.
    for mark in ("photo-card[data-selected]", "photo-card:has(.pick:checked)"):
        darkroom.wait(f"""() => [...document.querySelectorAll("{mark} .label")]
            .map((label) => label.textContent).join() === "{','.join(names)}" """)


def test_photos_are_selected_by_clicks_keys_and_all_and_removed_after_one_question(
        darkroom, shots, tmp_path):
    fake = tmp_path / "zebra.jpg"
    fake.write_bytes(b"not a photo, whatever it is called\n" * 100)
    names = [shot.name for shot in shots[:6]]
    darkroom.drop([*shots[:6], fake])
    darkroom.wait_settled(7)
    page, keys = darkroom.page, darkroom.page.keyboard
    marks(darkroom).nth(1).click()
    see_selected(darkroom, names[1:2])
    marks(darkroom).nth(4).click(modifiers=["Shift"])
    see_selected(darkroom, names[1:5])
    # Once one is selected, a click on a picture selects, and opens nothing.
    page.locator("photo-card .look").nth(2).click()
    see_selected(darkroom, [names[1], names[3], names[4]])
    assert not page.locator("#viewer").is_visible()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download 3").click()
    archive = zipfile.ZipFile(io.BytesIO(saved.value.path().read_bytes()))
    assert {entry.split("/")[0] for entry in archive.namelist()} == {
        name.removesuffix(".jpg") for name in (names[1], names[3], names[4])}
    keys.press("Escape")
    page.locator("selection-bar").wait_for(state="hidden")
    # By keys alone: the arrows lead, Space selects, Shift and an arrow select on.
    marks(darkroom).nth(0).focus()
    keys.press("ArrowRight")
    keys.press("Space")
    see_selected(darkroom, names[1:2])
    keys.press("Shift+ArrowRight")
    keys.press("Shift+ArrowRight")
    see_selected(darkroom, names[1:4])
    keys.press("Shift+ArrowLeft")
    see_selected(darkroom, names[1:3])
    # A filter leaves nothing selected that cannot be seen.
    page.locator(".filters label", has_text="Failed").click()
    page.locator("selection-bar").wait_for(state="hidden")
    page.locator(".filters label", has_text="All").click()
    marks(darkroom).nth(0).focus()
    keys.press("Control+a")
    see_selected(darkroom, [*names, fake.name])
    marks(darkroom).nth(0).click()
    keys.press("Delete")
    page.get_by_role("heading", name="Remove 6 photos?").wait_for()
    page.get_by_role("button", name="Keep them").click()
    see_selected(darkroom, [*names[1:], fake.name])
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_role("button", name="Remove 6 photos").click()
    darkroom.wait("() => document.querySelectorAll('photo-card').length === 1")
    assert page.locator("photo-card .label").all_inner_texts() == names[:1]
    page.locator("selection-bar").wait_for(state="hidden")
    darkroom.wait("() => document.activeElement.id === 'photos'")
    assert darkroom.console == []
    harness.assert_whole(darkroom.batch())


def test_a_guest_selects_to_download_by_touch_and_is_told_that_nothing_can_be_added(
        chromium, darkroom, shots):
    darkroom.drop(shots[:3])
    darkroom.wait_settled(3)
    address = darkroom.get("location.pathname")
    context = chromium.new_context(
        locale="en-GB", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    context.set_default_timeout(60_000)
    guest = Darkroom(context, darkroom.server)
    guest.page.goto(guest.url + address)
    guest.page.locator("photo-card[data-state=ready]").nth(2).wait_for()
    # The first mark lies where the bar comes to lie: both are seen whole.
    guest.page.evaluate("document.querySelector('photo-card .pick').scrollIntoView({ block: 'end' })")
    marks(guest).nth(0).tap()
    guest.page.locator("selection-bar .count").wait_for()
    guest.wait("""() => {
        const mark = document.querySelector("photo-card .pick").getBoundingClientRect();
        const bar = document.querySelector("selection-bar").getBoundingClientRect();
        return bar.bottom === innerHeight && bar.left === 0 && bar.right === innerWidth && mark.bottom <= bar.top;
    }""")
    # At the end of the page nothing lies under it, either.
    guest.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    guest.wait("() => document.querySelector('selection-bar').getBoundingClientRect().bottom === innerHeight")
    guest.page.locator("photo-card .look").nth(1).tap()
    see_selected(guest, [shot.name for shot in shots[:2]])
    bar = guest.page.locator("selection-bar")
    assert bar.get_by_role("link", name="Download 2").is_visible()
    assert not bar.get_by_role("button", name="Remove").is_visible()
    assert guest.get("document.documentElement.scrollWidth <= innerWidth")
    guest.get("""() => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(["a"], "a.jpg", { type: "image/jpeg" }));
        document.body.dispatchEvent(new DragEvent("dragenter", { bubbles: true, dataTransfer }));
    }""")
    overlay = guest.page.locator("#overlay")
    assert overlay.inner_text() == (
        "This is someone else’s batch: nothing can be added to it. “New batch” starts your own.")
    context.close()


def test_reviewed_photos_stay_here_until_send_through_a_reload_and_go_in_their_order(
        darkroom, shots):
    page = darkroom.page
    page.wait_for_selector("main[data-fill=none]")
    page.locator("#sending label", has_text="When I press Send").click()
    darkroom.drag(*shots[:5])
    page.get_by_text("5 photos not sent yet").wait_for()
    darkroom.wait("() => [...document.querySelectorAll('photo-card .preview')]"
                  ".every((one) => one.naturalWidth > 0)")
    a, b, c, d, e = names = [shot.name for shot in shots[:5]]

    def see(wanted):
        page.wait_for_function(f"() => ({NAMES})().join() === '{','.join(wanted)}'")

    see(names)
    cards = page.locator("photo-card .picture")
    cards.nth(3).drag_to(cards.nth(0), target_position={"x": 20, "y": 60})
    see([d, a, b, c, e])
    page.get_by_role("button", name=f"Later: {a}").focus()
    page.keyboard.press("Control+Shift+ArrowRight")
    see([d, b, a, c, e])
    assert darkroom.get("document.activeElement.getAttribute('aria-label')") == f"Later: {a}"
    page.keyboard.press("Enter")
    see([d, b, c, a, e])
    page.get_by_role("button", name=f"Remove: {e}").click()
    see([d, b, c, a])
    assert darkroom.get("window.revela.batch") is None
    assert darkroom.events_requests == []
    page.reload()
    page.get_by_text("4 photos not sent yet").wait_for()
    see([d, b, c, a])
    page.get_by_role("button", name="Send 4 photos").click()
    darkroom.wait_settled(4)
    images = sorted(darkroom.batch().images().values(), key=lambda image: image["position"])
    assert [image["name"] for image in images] == [d, b, c, a]
    page.locator("review-bar").wait_for(state="hidden")
    assert darkroom.console == []


def test_a_batch_has_a_name_here_in_the_list_and_for_who_looks_on(darkroom, shots):
    page = darkroom.page
    darkroom.drop(shots[:1])
    darkroom.wait_settled(1)
    other = darkroom.open(darkroom.get("location.pathname"))
    page.locator("summary").click()
    page.get_by_role("button", name="Name…").click()
    page.get_by_role("textbox", name="Name this batch").fill("  Férias  ")
    page.keyboard.press("Enter")
    for one in (page, other):
        one.get_by_role("heading", name="Férias", exact=True).wait_for()
    page.get_by_role("link", name="Your batches").click()
    page.get_by_role("button", name="Rename: Férias").click()
    page.get_by_role("textbox", name="Name this batch").fill("")
    page.keyboard.press("Enter")
    other.get_by_role("heading", name="1 photo").wait_for()
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("button", name="Delete batch", exact=True).click()
    page.get_by_text("There are none yet.").wait_for()
    other.get_by_text("This batch no longer exists.").first.wait_for()
    assert darkroom.get("localStorage['revela.batch'] ?? null") is None


def test_a_batch_is_kept_until_the_day_that_its_owner_says_and_says_so_again_on_the_last_one(darkroom, shots):
    page = darkroom.page
    darkroom.drop(shots[:1])
    darkroom.wait_settled(1)
    page.locator("batch-menu summary").click()
    page.locator("[data-act=keep]").click()
    dialog, notice = page.locator("#keep"), page.locator("#ending")
    assert "for good" in dialog.locator("p").inner_text() and notice.is_hidden()
    today = darkroom.get("new Date().toLocaleDateString('sv')")
    dialog.locator("input").fill(today)
    assert violations(page) == []
    dialog.get_by_role("button", name="Save").click()
    notice.get_by_text("This batch is deleted on").wait_for()
    page.locator("batch-bar .counts", has_text="kept until").wait_for()
    assert violations(page) == []
    # Others are told when, and not what to do.
    other = darkroom.context.browser.new_page()
    other.goto(darkroom.get("location.href"))
    other.locator("batch-bar .counts", has_text="kept until").wait_for()
    assert other.locator("#ending").is_hidden()
    other.close()
    notice.get_by_role("button").click()
    assert dialog.locator("input").input_value() == today
    dialog.locator("input").fill("")
    dialog.get_by_role("button", name="Save").click()
    notice.wait_for(state="hidden")
    page.wait_for_function("() => !document.querySelector('batch-bar .counts').textContent.includes('kept until')")
