"""After a reload uploads go on without the files being dropped again, where the browser lets a page
keep handles of them.

The drag is real, and so are the handles, their keeping and reading them again. Chromium under a
driver shows no question about permission and no dialog of its own: its answer and the picked files
are put in its place where a test says so.
"""

import base64

import pytest

from darkroom import seen
from faultproxy import Faults

KEPT = """new Promise((resolve, reject) => {
    const opening = indexedDB.open("revela", 2);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
        const all = opening.result.transaction("files").objectStore("files").getAll();
        all.onsuccess = () => { opening.result.close(); resolve(all.result.map((one) => one.name)); };
    };
})"""

ASKS_FIRST = """
    window.asked = 0;
    FileSystemHandle.prototype.queryPermission = async () => window.asked > 0 ? "granted" : "prompt";
    FileSystemHandle.prototype.requestPermission = async () => {
        if (!navigator.userActivation.isActive) throw new DOMException("no gesture", "SecurityError");
        window.asked += 1;
        return "granted";
    };
"""


@pytest.fixture
def network():
    return Faults(rate=300_000, crawl=150_000)


def wait_for_the_middle(darkroom, proxy, count=3):
    def are_there():
        return len([r for r in proxy.appends() if r.offset > 0 and r.sent > 100_000]) == count

    seen(darkroom.page, are_there, f"{count} uploads in the middle")
    return dict(proxy.acknowledged)


def assert_went_on(darkroom, proxy, photos, middle):
    darkroom.wait_settled(len(photos))
    images = darkroom.batch().images().values()
    assert sorted((image["name"], image["state"]) for image in images) == sorted(
        (photo.name, "ready") for photo in photos)
    proxy.assert_nothing_acknowledged_was_sent_again()
    assert {append.upload for append in proxy.appends()} >= set(middle)
    assert len({append.upload for append in proxy.appends()}) == len(photos)
    darkroom.wait("() => window.revela.document.state === 'settled'")
    assert darkroom.get(KEPT) == []


def test_after_a_reload_dropped_files_go_on_by_themselves(proxied, proxy, network, photos):
    proxied.drag(*photos[:3])
    middle = wait_for_the_middle(proxied, proxy)
    assert sorted(proxied.get(KEPT)) == sorted(photo.name for photo in photos[:3])
    network.rate = 50_000
    proxied.reload_in_the_middle(proxy)
    network.lift()
    assert_went_on(proxied, proxy, photos[:3], middle)


def test_files_of_a_dropped_folder_go_on_too(proxied, proxy, network, photos, tmp_path):
    deep = tmp_path / "Holiday" / "Beach"
    deep.mkdir(parents=True)
    for photo in photos[:2]:
        (deep / photo.name).write_bytes(photo.read_bytes())
    proxied.drag(tmp_path / "Holiday")
    wait_for_the_middle(proxied, proxy, count=2)
    network.rate = 50_000
    proxied.reload_in_the_middle(proxy)
    network.lift()
    proxied.wait_settled(2)
    images = proxied.batch().images().values()
    assert sorted((image["name"], image["state"]) for image in images) == sorted(
        (f"Holiday/Beach/{photo.name}", "ready") for photo in photos[:2])
    proxy.assert_nothing_acknowledged_was_sent_again()
    assert len({append.upload for append in proxy.appends()}) == 2


def test_where_the_browser_wants_to_ask_one_button_lets_all_go_on(
        proxied, proxy, network, photos):
    proxied.drag(*photos[:3])
    middle = wait_for_the_middle(proxied, proxy)
    proxied.page.add_init_script(ASKS_FIRST)
    network.rate = 50_000
    proxied.reload_in_the_middle(proxy)
    proxied.page.get_by_text("3 uploads were interrupted").wait_for()
    network.lift()
    proxied.page.get_by_role("button", name="Resume", exact=True).dblclick()
    assert_went_on(proxied, proxy, photos[:3], middle)
    proxied.page.locator("#unfinished").wait_for(state="hidden")


def test_picked_files_go_on_as_dropped_ones(proxied, proxy, network, photos):
    """The dialog is not real: it answers with files of the page's own file system."""
    proxied.page.evaluate("""async (names) => {
        const folder = await navigator.storage.getDirectory();
        window.showOpenFilePicker = async () => {
            const handles = [];
            for (const name of names) handles.push(await folder.getFileHandle(name));
            return handles;
        };
        window.put = async (name, base64) => {
            const handle = await folder.getFileHandle(name, { create: true });
            const file = await handle.createWritable();
            await file.write(Uint8Array.from(atob(base64), (one) => one.charCodeAt(0)));
            await file.close();
        };
    }""", [photo.name for photo in photos[:3]])
    for photo in photos[:3]:
        data = base64.b64encode(photo.read_bytes()).decode()
        proxied.page.evaluate("([name, data]) => window.put(name, data)", [photo.name, data])
    proxied.page.locator("input.picker").first.click()
    middle = wait_for_the_middle(proxied, proxy)
    network.rate = 50_000
    proxied.reload_in_the_middle(proxy)
    network.lift()
    assert_went_on(proxied, proxy, photos[:3], middle)


def test_handles_are_forgotten_when_an_upload_is_cancelled(proxied, proxy, photos):
    proxied.drag(*photos[:2])
    wait_for_the_middle(proxied, proxy, count=2)
    proxied.card(photos[0].name).locator("[data-action=cancel]").click()
    proxied.wait("() => document.querySelector('photo-card[data-state=cancelled]')")
    seen(proxied.page, lambda: proxied.get(KEPT) == [photos[1].name], "that one is forgotten")
    assert proxied.get(KEPT) == [photos[1].name]


def test_a_second_page_does_not_send_what_the_first_one_sends(proxied, proxy, network, photos):
    proxied.drag(*photos[:2])
    wait_for_the_middle(proxied, proxy, count=2)
    second = proxied.open("/batches/" + proxied.get("window.revela.batch"))
    second.wait_for_function("() => document.querySelectorAll('photo-card').length === 2")
    second.get_by_text("Uploading elsewhere").first.wait_for()
    network.lift()
    proxied.wait_settled(2)
    offsets = [append.offset for append in proxy.appends()]
    assert len(offsets) == 4 and not [r for r in proxy.requests if r.method == "HEAD"]


def test_a_file_that_has_changed_is_not_taken_for_the_same(
        proxied, proxy, network, photos, tmp_path):
    file = tmp_path / "changing.jpg"
    file.write_bytes(photos[0].read_bytes())
    proxied.drag(file)
    wait_for_the_middle(proxied, proxy, count=1)
    file.write_bytes(photos[1].read_bytes())
    network.rate = 50_000
    proxied.reload_in_the_middle(proxy)
    proxied.page.get_by_text("Interrupted: drop this file again to resume").wait_for()
    assert len(proxy.appends()) == 2
