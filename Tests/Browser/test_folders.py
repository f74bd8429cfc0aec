"""Whole folders come in with their structure as names, dropped by a real drag or picked."""

import pytest

from held import Held

COUNT = 130  # readEntries gives at most a hundred at once


@pytest.fixture
def folder(tmp_path, photos):
    """A small photo in folders within folders, and what lies about in such places."""
    small = min(photos, key=lambda photo: photo.stat().st_size).read_bytes()
    holiday = tmp_path / "Holiday"
    for index, name in enumerate(["one.jpg", "Beach/two.jpg", "Beach/São João/three.jpg"]):
        (holiday / name).parent.mkdir(parents=True, exist_ok=True)
        (holiday / name).write_bytes(small + bytes(index))
    (holiday / ".hidden.jpg").write_bytes(small)
    (holiday / "notes.txt").write_text("not a photo")
    return holiday


def assert_structure_is_kept(darkroom):
    darkroom.wait_settled(3)
    images = darkroom.batch().images().values()
    assert sorted((image["name"], image["state"]) for image in images) == [
        ("Holiday/Beach/São João/three.jpg", "ready"), ("Holiday/Beach/two.jpg", "ready"),
        ("Holiday/one.jpg", "ready")]
    card = darkroom.card("three.jpg")
    assert card.locator(".name .label").inner_text() == "three.jpg"
    assert card.locator(".name .folder").inner_text() == "Holiday/Beach/São João"


def test_a_dropped_folder_keeps_its_structure(darkroom, folder):
    darkroom.drag(folder)
    darkroom.page.locator("#notice", has_text="One file in the folder is not a photo").wait_for()
    assert_structure_is_kept(darkroom)


def test_a_picked_folder_keeps_its_structure(darkroom, folder):
    (folder / ".hidden.jpg").unlink()
    darkroom.page.set_input_files("input[webkitdirectory]", folder)
    assert_structure_is_kept(darkroom)


def test_a_folder_of_more_files_than_the_browser_lists_at_once_comes_whole(darkroom, tmp_path):
    large = tmp_path / "Large"
    large.mkdir()
    for index in range(COUNT):
        (large / f"{index}.jpg").write_bytes(b"photo %d" % index)
    darkroom.page.route("**/api/batches/*/images", lambda route: None)  # they stay on their way
    darkroom.drag(large)
    darkroom.wait(f"() => window.revela.photos === {COUNT}")


def test_a_folder_that_is_dropped_before_the_page_is_ready_keeps_its_structure(darkroom, folder):
    (folder / "notes.txt").unlink()
    held = Held(darkroom.page, "**/js/pages/upload.js")
    darkroom.page.goto(f"{darkroom.url}/?new", wait_until="commit")
    darkroom.page.get_by_role("heading", name="Drop your photos anywhere").wait_for()
    darkroom.drag(folder)
    darkroom.page.locator("#given").wait_for()
    held.let_go()
    darkroom.wait("() => window.revela")
    assert_structure_is_kept(darkroom)
