"""What a person stops before the server has answered is stopped there too."""

import pytest


class Creations:
    """Holds the page's requests that create an upload, and then their answers, until it is told."""

    def __init__(self, page):
        self.page = page
        self.routes = []
        page.route("**/images", lambda route: self.routes.append(route))

    def next(self):
        for _ in range(5_000):
            if self.routes:
                return self.routes.pop(0)
            self.page.wait_for_timeout(20)
        raise AssertionError("nothing was created")


@pytest.fixture
def creations(darkroom):
    return Creations(darkroom.page)


def choose(darkroom, act):
    darkroom.page.locator("batch-menu summary").click()
    darkroom.page.locator(f"batch-menu [data-act={act}]").click()


def assert_ends(darkroom, states):
    darkroom.wait_settled(len(states))
    images = darkroom.batch().images().values()
    assert {image["name"]: image["state"] for image in images} == states
    assert darkroom.page.locator("photo-card").count() == len(states)


def test_a_photo_cancelled_while_it_is_created_is_cancelled_at_the_server(
        darkroom, creations, photos):
    darkroom.drop(photos[0])
    creation = creations.next()
    darkroom.card(photos[0].name).locator("[data-action=cancel]").click()
    darkroom.card(photos[0].name).locator(".stage", has_text="Cancelled").wait_for()
    creation.continue_()
    assert_ends(darkroom, {photos[0].name: "cancelled"})


def test_a_photo_cancelled_when_the_answer_to_its_creation_was_lost_is_found_and_cancelled(
        darkroom, creations, photos):
    darkroom.drop(photos[0])
    creation = creations.next()
    assert creation.fetch().status == 201
    darkroom.card(photos[0].name).locator("[data-action=cancel]").click()
    creation.abort("connectionreset")
    assert_ends(darkroom, {photos[0].name: "cancelled"})


def test_all_photos_cancelled_while_they_are_created_are_cancelled_at_the_server(
        darkroom, creations, photos):
    darkroom.drop(photos[:3])
    begun = [creations.next() for _ in range(3)]
    choose(darkroom, "cancel")
    darkroom.page.locator("#confirm [value=yes]").click()
    for creation in begun:
        creation.continue_()
    assert_ends(darkroom, {photo.name: "cancelled" for photo in photos[:3]})


def test_a_photo_paused_and_resumed_while_it_is_created_is_sent_once(darkroom, creations, photos):
    darkroom.drop(photos[0])
    creation = creations.next()
    choose(darkroom, "pause")
    choose(darkroom, "resume")
    creation.continue_()
    assert_ends(darkroom, {photos[0].name: "ready"})
    assert creations.routes == []
