"""What a person stops before the server has answered is stopped there too."""

import pytest

from harness import until
from held import Held, lose, refuse


@pytest.fixture
def creations(darkroom):
    """The page's requests that create an upload."""
    return Held(darkroom.page, "**/images")


def hold_bytes(darkroom):
    """The page's requests that bring bytes: as long as one is held, its photo is under way."""
    return Held(darkroom.page, "**/api/uploads/*", "PATCH")


@pytest.fixture
def sending(darkroom):
    return hold_bytes(darkroom)


def choose(darkroom, act):
    darkroom.page.locator("batch-menu summary").click()
    darkroom.page.locator(f"batch-menu [data-act={act}]").click()


def choose_and_confirm(darkroom, act):
    choose(darkroom, act)
    darkroom.page.locator("#confirm [value=yes]").click()


def cancel(darkroom, photo):
    darkroom.card(photo.name).locator("[data-action=cancel]").click()


def cancel_in_the_middle(darkroom, sending, photo):
    darkroom.drop(photo)
    sending.next()
    cancel(darkroom, photo)


def wait_for_stage(darkroom, photo, words):
    darkroom.card(photo.name).locator(".stage", has_text=words).wait_for()


def wait_for_notice(darkroom, words):
    darkroom.page.locator("#notice", has_text=words).wait_for()


def assert_ends(darkroom, states):
    darkroom.wait_settled(len(states))
    images = darkroom.batch().images().values()
    assert {image["name"]: image["state"] for image in images} == states
    assert darkroom.page.locator("photo-card").count() == len(states)


def test_a_photo_cancelled_while_it_is_created_is_cancelled_at_the_server(
        darkroom, creations, photos):
    darkroom.drop(photos[0])
    creation = creations.next()
    cancel(darkroom, photos[0])
    wait_for_stage(darkroom, photos[0], "Cancelling")
    creation.continue_()
    assert_ends(darkroom, {photos[0].name: "cancelled"})


def test_a_photo_cancelled_when_the_answer_to_its_creation_was_lost_is_found_and_cancelled(
        darkroom, creations, photos):
    darkroom.drop(photos[0])
    creation = creations.next()
    assert creation.fetch().status == 201
    cancel(darkroom, photos[0])
    creation.abort("connectionreset")
    # Asked again under its key, the server tells which image it was.
    creations.next().continue_()
    assert_ends(darkroom, {photos[0].name: "cancelled"})


def test_all_photos_cancelled_while_the_first_is_created_come_to_one_that_is_cancelled(
        darkroom, creations, photos):
    darkroom.drop(photos[:3])
    creation = creations.next()
    choose_and_confirm(darkroom, "cancel")
    creation.continue_()
    assert_ends(darkroom, {photos[0].name: "cancelled"})
    # Photos are created in their order: the others had not begun.
    assert creations.routes == []


def test_a_photo_paused_and_resumed_while_it_is_created_is_sent_once(darkroom, creations, photos):
    darkroom.drop(photos[0])
    creation = creations.next()
    choose(darkroom, "pause")
    choose(darkroom, "resume")
    creation.continue_()
    assert_ends(darkroom, {photos[0].name: "ready"})
    assert creations.routes == []


def cancels(darkroom):
    return Held(darkroom.page, "**/images/i_*/cancel", "POST")


def deletions(darkroom):
    return Held(darkroom.page, "**/api/batches/b_*", "DELETE")


def test_a_cancel_whose_answer_was_lost_may_be_told_again_and_removes_nothing(
        darkroom, sending, photos):
    darkroom.choose("polling", 60)
    told = cancels(darkroom)
    cancel_in_the_middle(darkroom, sending, photos[0])
    assert lose(told.next()).status == 200
    wait_for_notice(darkroom, "cannot be reached")
    wait_for_stage(darkroom, photos[0], "Paused")
    cancel(darkroom, photos[0])
    told.next().continue_()
    darkroom.choose("sse")
    assert_ends(darkroom, {photos[0].name: "cancelled"})


def test_a_cancel_is_told_once_however_often_it_is_pressed(darkroom, sending, photos):
    darkroom.choose("polling", 60)
    # The feed cannot say yet that it came about.
    told, news = cancels(darkroom), Held(darkroom.page, "**/events*")
    darkroom.drop(photos[0])
    sending.next()
    darkroom.card(photos[0].name).locator("[data-action=cancel]").evaluate(
        "(button) => { button.click(); button.click(); button.click(); }")
    with darkroom.page.expect_response("**/cancel"):
        told.next().continue_()
    wait_for_stage(darkroom, photos[0], "Cancelling")
    assert not darkroom.card(photos[0].name).locator("[data-action=cancel]").is_visible()
    news.let_go()
    darkroom.choose("sse")
    assert_ends(darkroom, {photos[0].name: "cancelled"})
    assert told.routes == []


def test_a_cancel_over_a_socket_that_closes_before_the_reply_removes_nothing(darkroom, photos):
    def until_the_reply(socket):
        server = socket.connect_to_server()
        asked = []

        def to_server(message):
            if '"cancel"' in message:
                asked.append(message)
            server.send(message)

        def to_page(message):
            if asked and '"reply"' in message:
                server.close()
                socket.close(code=1011)
            else:
                socket.send(message)

        socket.on_message(to_server)
        server.on_message(to_page)

    darkroom.page.route_web_socket("**/events*", until_the_reply)
    darkroom.choose("websocket")
    sending = hold_bytes(darkroom)
    darkroom.drop(photos[0])
    sending.next()
    darkroom.wait("() => window.revela.transport === 'websocket'")
    cancel(darkroom, photos[0])
    assert_ends(darkroom, {photos[0].name: "cancelled"})


def test_a_photo_that_could_not_be_cancelled_says_so_and_may_go_on(darkroom, sending, photos):
    darkroom.choose("polling", 1)
    told = cancels(darkroom)
    cancel_in_the_middle(darkroom, sending, photos[0])
    refuse(told.next())
    wait_for_notice(darkroom, "cannot answer now")
    wait_for_stage(darkroom, photos[0], "Paused")
    darkroom.card(photos[0].name).locator("[data-action=resume]").click()
    sending.next().continue_()
    sending.let_go()
    assert_ends(darkroom, {photos[0].name: "ready"})


def test_more_photos_than_a_socket_takes_commands_are_all_cancelled(darkroom, photos):
    darkroom.choose("websocket")
    darkroom.drop(photos[0])
    darkroom.wait_settled(1)
    batch = darkroom.get("window.revela.batch")
    for number in range(40):
        answer = darkroom.context.request.post(
            f"{darkroom.url}/api/batches/{batch}/images",
            headers={"Tus-Resumable": "1.0.0", "Upload-Length": str(1_000 + number),
                     "Origin": darkroom.url})
        assert answer.status == 201, answer.text()
    darkroom.wait("() => window.revela.photos === 41")
    darkroom.wait("() => window.revela.transport === 'websocket'")
    choose_and_confirm(darkroom, "cancel")
    darkroom.wait_settled(41)
    states = [image["state"] for image in darkroom.batch().images().values()]
    assert (states.count("ready"), states.count("cancelled")) == (1, 40)
    assert darkroom.page.locator("#notice").is_hidden()


def test_a_sheet_that_could_not_be_deleted_says_so_and_goes_on(darkroom, sending, photos):
    told = deletions(darkroom)
    darkroom.drop(photos[:2])
    sending.next()
    choose_and_confirm(darkroom, "delete")
    refuse(told.next())
    wait_for_notice(darkroom, "cannot answer now")
    sending.let_go()
    assert_ends(darkroom, {photo.name: "ready" for photo in photos[:2]})


def test_a_deletion_whose_answer_was_lost_may_be_told_again(darkroom, photos):
    darkroom.choose("polling", 60)
    told = deletions(darkroom)
    darkroom.drop(photos[0])
    darkroom.wait("() => window.revela.photos === 1 && window.revela.batch")
    for answered in [lose, lambda route: route.continue_()]:
        choose_and_confirm(darkroom, "delete")
        answered(told.next())
    darkroom.page.wait_for_url("**/?new")


def test_what_is_in_line_for_a_sheet_that_is_deleted_elsewhere_goes_to_no_other(
        darkroom, creations, photos):
    made = Held(darkroom.page, "**/api/batches", "POST")
    darkroom.drop(photos[:5])
    made.next().continue_()
    begun = creations.next()
    answer = darkroom.context.request.delete(
        f"{darkroom.url}/api/batches/{darkroom.get('window.revela.batch')}",
        headers={"Origin": darkroom.url})
    assert answer.status == 204
    wait_for_notice(darkroom, "no longer exists")
    assert darkroom.get("window.revela.photos") == 0
    with darkroom.page.expect_response("**/images"):
        begun.continue_()
    assert darkroom.page.locator("photo-card").count() == 0
    assert made.routes == [] and creations.routes == []
    darkroom.drop(photos[5])
    made.next().continue_()
    creations.next().continue_()
    assert_ends(darkroom, {photos[5].name: "ready"})


@pytest.mark.parametrize("status, code, words", [
    (410, "upload-gone", "This upload has ended"),
    (413, "length-exceeded", "More bytes arrived than were announced"),
])
def test_an_upload_that_is_refused_without_an_event_says_so_and_can_be_removed(
        darkroom, sending, photos, status, code, words):
    darkroom.drop(photos[0])
    refuse(sending.next(), status, code)
    card = darkroom.card(photos[0].name)
    card.locator(".problem", has_text=words).wait_for()
    assert card.get_attribute("data-state") == "failed"
    card.locator("[data-action=remove]").click()
    darkroom.wait("() => window.revela.photos === 0")
    with until("its end at the server") as waiting:
        while darkroom.batch().images():
            waiting()


def test_the_same_file_dropped_on_two_pages_is_two_uploads(darkroom, sending, photos):
    darkroom.drop(photos[0])
    sending.next()
    first, darkroom.page = darkroom.page, darkroom.open(
        f"/batches/{darkroom.get('window.revela.batch')}")
    darkroom.wait("() => window.revela.photos === 1")
    darkroom.drop(photos[0])
    darkroom.wait("() => Object.values(window.revela.document.images)"
                  ".some(({ state }) => state === 'ready')")
    images = list(darkroom.batch().images().values())
    assert sorted(image["state"] for image in images) == ["ready", "uploading"]
    sending.let_go()
    darkroom.page = first
    darkroom.wait_settled(2)
    assert [image["state"] for image in darkroom.batch().images().values()] == ["ready", "ready"]
