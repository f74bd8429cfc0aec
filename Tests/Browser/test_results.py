"""What one does with photos that are ready: look, compare, copy, download, share, delete."""

import io
import re
import zipfile

import harness
from test_viewer import open_viewer


def test_the_markup_for_ones_own_page_is_copied(darkroom, photos):
    darkroom.context.grant_permissions(["clipboard-read", "clipboard-write"])
    viewer = open_viewer(darkroom, photos, 1)
    viewer.locator(".snippet .copy").click()
    viewer.get_by_role("button", name="Copied").wait_for()
    snippet = darkroom.get("navigator.clipboard.readText()")
    [image] = darkroom.get("window.revela.document.images").values()
    assert snippet.startswith("<picture>") and snippet.count("w,") == 2
    assert f'data-thumbhash="{image["placeholder"]}"' in snippet
    assert re.search(r'width="\d+" height="\d+"', snippet)
    for url in re.findall(r"https?://\S+?(?=[ \"])", snippet):
        status, headers, _ = darkroom.server.request("GET", url.removeprefix(darkroom.server.url))
        assert (status, headers["Content-Type"]) == (200, "image/webp"), url


def test_one_print_and_all_of_them_are_downloaded(darkroom, photos):
    viewer = open_viewer(darkroom, photos, 2)
    with darkroom.page.expect_download() as one:
        viewer.get_by_role("link", name="Download the version “medium”").click()
    images = darkroom.get("window.revela.document.images")
    sizes = {image["renditions"]["medium"]["bytes"] for image in images.values()}
    assert one.value.path().stat().st_size in sizes
    assert one.value.suggested_filename in {f"{photo.stem}-medium.webp" for photo in photos[:2]}
    darkroom.page.keyboard.press("Escape")
    with darkroom.page.expect_download() as all_of_them:
        darkroom.page.get_by_role("link", name="Download all", exact=True).click()
    archive = zipfile.ZipFile(io.BytesIO(all_of_them.value.path().read_bytes()))
    assert archive.testzip() is None
    assert len(archive.namelist()) == 6


def test_a_shared_link_follows_live_elsewhere_and_can_only_be_read(chromium, darkroom, photos):
    darkroom.throttle(1_500_000)
    darkroom.drop(photos[:3])
    darkroom.wait("() => window.revela.batch && Object.keys(window.revela.document.images ?? {}).length > 0")
    darkroom.page.locator("summary").click()
    darkroom.page.get_by_role("button", name="Share link…").click()
    darkroom.page.locator("#share[open]").wait_for()
    link = darkroom.page.get_by_label("Link to this batch").input_value()
    darkroom.page.keyboard.press("Escape")
    context = chromium.new_context(locale="en-GB")
    reader = context.new_page()
    reader.goto(link)
    reader.wait_for_selector("photo-card")
    assert "you can view it, but not change it" in reader.locator("#notice").inner_text()
    darkroom.throttle(None)
    reader.wait_for_function("() => window.revela.document.state === 'settled'", timeout=180_000)
    reader.wait_for_function("() => document.querySelectorAll('photo-card[data-state=ready]').length === 3")
    for forbidden in ["cancel", "remove", "retry", "pause"]:
        assert not reader.locator(f"button[data-action={forbidden}]:visible").count()
    assert not reader.get_by_text("Add photos").is_visible()
    reader.locator("summary").click()
    assert not reader.get_by_text("Delete batch…").is_visible()
    assert reader.evaluate("window.revela.document") == darkroom.batch().document()
    context.close()


def test_deleting_a_sheet_asks_first_and_ends_it_for_everyone(chromium, darkroom, photos):
    darkroom.drop(photos[:1])
    darkroom.wait_settled(1)
    batch = darkroom.get("window.revela.batch")
    reader = chromium.new_context(locale="en-GB").new_page()
    reader.goto(f"{darkroom.server.url}/batches/{batch}")
    reader.wait_for_function("() => window.revela.state === 'live'")

    def delete(answer):
        darkroom.page.locator("summary").click()
        darkroom.page.get_by_role("button", name="Delete batch…").click()
        darkroom.page.get_by_role("button", name=answer, exact=True).click()

    delete("Keep the batch")
    assert darkroom.server.request("GET", f"/api/batches/{batch}")[0] == 200
    delete("Delete batch")
    darkroom.page.wait_for_url("**/?new")
    assert darkroom.server.request("GET", f"/api/batches/{batch}")[0] == 410
    reader.wait_for_selector("#notice:has-text('no longer exists')")
    reader.context.close()


def test_earlier_sheets_are_listed_and_open_again(darkroom, photos):
    darkroom.drop(photos[:1])
    darkroom.wait_settled(1)
    batch = darkroom.get("window.revela.batch")
    darkroom.page.locator("summary").click()
    darkroom.page.get_by_role("link", name="New batch").click()
    darkroom.page.wait_for_selector("#earlier a")
    darkroom.wait("() => document.querySelector('#earlier img')?.naturalWidth > 0")
    darkroom.page.locator("#earlier li a").click()
    darkroom.page.wait_for_selector("photo-card[data-state=ready]")
    assert darkroom.page.url.endswith(batch)
    harness.assert_whole(darkroom.batch())


def test_earlier_sheets_are_all_within_reach_however_many_there_are(darkroom):
    """More than one answer of the server lists, and some of them empty."""
    made = darkroom.get("""(async () => {
        const made = [];
        for (let number = 0; number < 110; number++) {
            const answer = await fetch("/api/batches", { method: "POST" });
            const { id } = (await answer.json()).document;
            if (number % 10 === 0) continue;
            const headers = { "Tus-Resumable": "1.0.0", "Upload-Length": "9" };
            await fetch(`/api/batches/${id}/images`, { method: "POST", headers });
            made.push(`/batches/${id}`);
        }
        return made.reverse();
    })()""")
    lists = []
    darkroom.context.on("request", lambda request: lists.append(request.url)
                        if "/api/batches?" in request.url else None)
    darkroom.page.goto(darkroom.url + "/?new")
    links = darkroom.page.locator("#earlier li a")
    links.nth(5).wait_for()
    assert links.count() == 6 and len(lists) == 1, "what is not looked at is not asked for"
    darkroom.page.get_by_role("link", name="All your batches").click()
    titles = darkroom.page.locator("#batches .title")
    titles.nth(40).wait_for()
    more = darkroom.page.get_by_role("button", name="Show more")
    while more.is_visible():
        count = titles.count()
        more.click()
        titles.nth(count).wait_for()
        assert titles.nth(count).evaluate("(title) => title === document.activeElement")
    assert titles.evaluate_all("(links) => links.map((link) => link.getAttribute('href'))") == made
    assert len(lists) == 4
