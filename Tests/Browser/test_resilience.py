"""Whatever breaks in the middle, the same files end ready, each once."""

import pytest

from harness import FINAL, until
from held import Held


def names_and_states(darkroom):
    return sorted((image["name"], image["state"]) for image in darkroom.batch().images().values())


def all_ready(photos):
    return sorted((photo.name, "ready") for photo in photos)


def drop_slowly(darkroom, photos):
    darkroom.throttle(500_000)
    darkroom.drop(photos)
    darkroom.wait("() => Object.values(window.revela.live).some((one) => one.received > 200_000)")


def test_the_network_is_cut_in_the_middle_says_so_and_goes_on(darkroom, photos):
    chosen = photos[:3]
    drop_slowly(darkroom, chosen)
    darkroom.context.set_offline(True)
    darkroom.page.get_by_text("You are offline.").wait_for()
    darkroom.page.wait_for_timeout(1_500)
    darkroom.throttle(None)
    darkroom.context.set_offline(False)
    darkroom.page.get_by_text("You are offline.").wait_for(state="hidden")
    darkroom.wait_settled(3)
    assert names_and_states(darkroom) == all_ready(chosen)
    darkroom.assert_saw_the_whole_log()


def test_on_a_slow_network_the_invitation_stands_at_once_and_what_is_given_early_is_kept(
        darkroom, photos):
    held = Held(darkroom.page, "**/js/pages/upload.js")
    darkroom.page.goto(f"{darkroom.url}/?new", wait_until="commit")
    darkroom.page.get_by_role("heading", name="Drop your photos anywhere").wait_for()
    darkroom.page.set_input_files(".invitation input.picker >> nth=0", photos[0])
    darkroom.drop(photos[1:3])
    assert darkroom.page.url.endswith("/?new"), "the browser opened the dropped photo instead"
    held.let_go()
    darkroom.wait("() => window.revela")
    darkroom.wait_settled(3)
    assert names_and_states(darkroom) == all_ready(photos[:3])


def test_a_creation_whose_answer_is_lost_makes_no_second_image(darkroom, photos):
    lost = []

    def lose(route):
        if route.request.method == "POST" and len(lost) < 2:
            lost.append(route.fetch().status)
            return route.abort("connectionreset")
        return route.continue_()

    darkroom.page.route("**/images", lose)
    darkroom.drop(photos[:2])
    darkroom.wait_settled(2)
    assert lost == [201, 201]
    assert names_and_states(darkroom) == all_ready(photos[:2])


def test_all_are_paused_resumed_and_cancelled_at_once(darkroom, photos):
    darkroom.throttle(400_000)
    darkroom.drop(photos[:5])
    darkroom.wait("() => Object.values(window.revela.live).some((one) => one.received > 100_000)")
    darkroom.throttle(20_000)  # so that none is done before it is paused

    def choose(act):
        darkroom.page.locator("summary").click()
        darkroom.page.locator(f"[data-act={act}]").click()

    choose("pause")
    darkroom.wait("() => [...document.querySelectorAll('photo-card .stage')]"
                  ".every((one) => one.textContent === 'Paused')")
    choose("resume")
    darkroom.wait("() => document.querySelector('photo-card .stage').textContent === 'Uploading'")
    choose("cancel")
    darkroom.page.get_by_role("button", name="Cancel photos").click()
    darkroom.throttle(None)
    darkroom.wait("() => document.querySelector('.counts').textContent.includes('at work') === false")
    # The page says so at once, and then tells the server.
    with until("the end of all at the server") as waiting:
        while not (states := {state for _, state in names_and_states(darkroom)}) <= FINAL:
            waiting()
    assert states <= {"cancelled", "ready"} and "cancelled" in states, states


@pytest.mark.parametrize("count", [2_000])
def test_thousands_of_photos_keep_the_page_small(darkroom, count):
    """Bounds, not times: how many cards there are, and how much one change touches."""
    page = darkroom.page
    page.route("**/api/batches/*/images", lambda route: None)  # they stay on their way
    page.evaluate("""() => {
        window.urls = 0;
        const make = URL.createObjectURL, revoke = URL.revokeObjectURL;
        URL.createObjectURL = (...all) => (window.urls += 1, make.apply(URL, all));
        URL.revokeObjectURL = (...all) => (window.urls -= 1, revoke.apply(URL, all));
    }""")
    page.evaluate("""(count) => {
        const transfer = new DataTransfer();
        for (let index = 0; index < count; index += 1) {
            transfer.items.add(new File([`photo ${index}`], `IMG_${index}.jpg`, { type: "image/jpeg" }));
        }
        for (const type of ["dragenter", "dragover", "drop"]) {
            document.body.dispatchEvent(
                new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer }));
        }
    }""", count)
    darkroom.wait(f"() => window.revela.photos === {count} && document.querySelector('photo-card')")
    cards = "document.querySelectorAll('photo-card').length"
    last = f".name[title='IMG_{count - 1}.jpg']"
    assert 0 < darkroom.get(cards) <= 48
    # The sheet's own: the words above it may take another line.
    sheet_height = "document.getElementById('photos').offsetHeight"
    height = darkroom.get(sheet_height)
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.wait_for_selector(last)
    assert 0 < darkroom.get(cards) <= 48
    assert darkroom.get(sheet_height) == height, "the page jumped"
    assert darkroom.get("document.querySelectorAll('*').length") < 3_000
    assert page.locator(last).locator("xpath=..").get_attribute("aria-posinset") == str(count)
    assert darkroom.get("window.urls") == 0
    # One photo is taken away: only its neighbours near the window move, and only one entry goes.
    page.locator("photo-card", has=page.locator(last)).locator("[data-action=cancel]").click()
    darkroom.wait(f"() => window.revela.photos === {count - 1}")
    page.wait_for_selector(f"photo-card .name[title='IMG_{count - 2}.jpg']")
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_selector("photo-card .name[title='IMG_0.jpg']")
    assert 0 < darkroom.get(cards) <= 48
