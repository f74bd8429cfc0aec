"""What people give that is not as it should be: it is tried or named, and the rest comes."""

import os

import pytest

from darkroom import seen
from faultproxy import Faults
from shots import take_shots

# The browser cannot read one file and one folder of what is dropped, as where rights are missing.
# Chromium keeps the classes of entries to itself: they are had from the first entry that is seen.
UNREADABLE = """{
    const refused = (entry) => new DOMException(entry.name, "NotReadableError");
    const patched = new Set();
    const patch = (entry, method, replace) => {
        const type = Object.getPrototypeOf(entry);
        if (patched.has(type)) return;
        patched.add(type);
        type[method] = replace(type[method]);
    };
    const file = (original) => function (resolve, reject) {
        if (this.name === "broken.jpg") reject(refused(this));
        else original.call(this, resolve, reject);
    };
    const createReader = (original) => function () {
        const reader = original.call(this);
        const read = reader.readEntries.bind(reader);
        reader.readEntries = (resolve, reject) => {
            if (this.name === "Locked") return reject(refused(this));
            read((entries) => {
                for (const entry of entries) if (entry.isFile) patch(entry, "file", file);
                resolve(entries);
            }, reject);
        };
        return reader;
    };
    const asEntry = DataTransferItem.prototype.webkitGetAsEntry;
    DataTransferItem.prototype.webkitGetAsEntry = function () {
        const entry = asEntry.call(this);
        if (entry?.isDirectory) patch(entry, "createReader", createReader);
        return entry;
    };
}"""


@pytest.fixture
def network():
    return Faults(rate=300_000, crawl=150_000)


@pytest.fixture
def shots(tmp_path):
    folder = tmp_path / "shots"
    folder.mkdir()
    return take_shots(folder, 8)


def folder_of(tmp_path, shots, names):
    folder = tmp_path / "Camera"
    for name, shot in zip(names, shots):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(shot.read_bytes())
    return folder


def states(darkroom):
    return {image["name"]: image["state"] for image in darkroom.batch().images().values()}


def test_files_whose_type_the_browser_does_not_know_are_tried(darkroom, shots, tmp_path):
    names = ["one.hif", "two.mpo", "three", "four.jpg", "five.heic"]
    folder = folder_of(tmp_path, shots, names)
    (folder / "Thumbs.db").write_bytes(b"not a photo")
    (folder / "film.mp4").write_bytes(b"not a photo")
    darkroom.drag(folder)
    darkroom.page.locator("#notice", has_text="2 files in the folder are not photos").wait_for()
    darkroom.wait_settled(5)
    assert set(states(darkroom)) == {f"Camera/{name}" for name in names}
    assert {states(darkroom)[f"Camera/{name}"] for name in ["two.mpo", "three", "four.jpg"]} == {"ready"}


def test_what_cannot_be_read_is_named_and_the_rest_comes(darkroom, shots, tmp_path):
    darkroom.page.add_init_script(UNREADABLE)
    darkroom.page.reload()
    darkroom.page.wait_for_selector("main[data-fill=none]")
    names = ["a.jpg", "broken.jpg", "Locked/b.jpg", "Other/c.jpg", "z.jpg"]
    darkroom.drag(folder_of(tmp_path, shots, names))
    told = darkroom.page.locator("#notice", has_text="2 could not be read and were left out")
    told.wait_for()
    assert "Camera/broken.jpg" in told.inner_text() and "Camera/Locked" in told.inner_text()
    darkroom.wait_settled(3)
    assert states(darkroom) == dict.fromkeys(
        ["Camera/a.jpg", "Camera/Other/c.jpg", "Camera/z.jpg"], "ready")


def test_a_drop_during_a_drop_comes_after_it(darkroom, shots, tmp_path):
    """The first is still being read when the second is there."""
    names = [f"{letter}/{letter}.jpg" for letter in "abcdef"]
    darkroom.drag(folder_of(tmp_path, shots, names))
    darkroom.drag(*shots[6:])
    darkroom.wait_settled(8, timeout=60_000)
    images = sorted(darkroom.batch().images().values(), key=lambda image: image["position"])
    assert {image["name"] for image in images[:6]} == {f"Camera/{name}" for name in names}
    assert [image["name"] for image in images[6:]] == [shot.name for shot in shots[6:]]


def test_a_drop_comes_though_what_lies_under_the_pointer_changed_just_before_it(darkroom, shots):
    """As when the first cards come in: then the last that the browser asked is `dragenter`."""
    darkroom.drag(shots[0], before_drop="""() => {
        const card = document.createElement("div");
        card.style.cssText = "position: fixed; inset: 0";
        document.body.append(card);
    }""")
    darkroom.wait_settled(1)


def test_a_name_of_300_characters_is_only_a_label(darkroom, shots):
    darkroom.page.evaluate("""async (bytes) => {
        const transfer = new DataTransfer();
        const photo = Uint8Array.from(bytes);
        transfer.items.add(new File([photo], `${"ã".repeat(296)}.jpg`, { type: "image/jpeg" }));
        document.body.dispatchEvent(
            new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: transfer }));
    }""", list(shots[0].read_bytes()))
    darkroom.wait_settled(1)
    assert set(states(darkroom).values()) == {"ready"}
    assert darkroom.get("document.documentElement.scrollWidth <= innerWidth")


def test_a_file_that_is_edited_while_it_is_sent_says_so_and_the_same_one_goes_on(
        proxied, proxy, network, photos, tmp_path):
    file = tmp_path / "edited.jpg"
    file.write_bytes(photos[0].read_bytes())
    before = os.stat(file)
    proxied.drag(file)
    seen(proxied.page, lambda: [r for r in proxy.appends() if r.offset > 0 and r.sent > 100_000],
         "an upload in the middle")
    file.write_bytes(photos[1].read_bytes())
    proxy.cut()
    proxied.page.get_by_text("The file on your disk was moved, changed or locked").wait_for()
    held = dict(proxy.acknowledged)
    network.lift()
    # As from a backup: the same bytes, the same time.
    file.write_bytes(photos[0].read_bytes())
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    proxied.drag(file)
    proxied.wait_settled(1)
    assert states(proxied) == {"edited.jpg": "ready"}
    assert len({append.upload for append in proxy.appends()}) == 1
    assert all(append.offset >= held[append.upload] for append in proxy.appends()[-1:])
