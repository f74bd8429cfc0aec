"""The pages for everyone: nothing for axe to find, in both themes and languages; nothing on the
console; and everything but installing on plain http from another host name."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from darkroom import Darkroom

AXE = Axe()
# WCAG 2.2 AA, and what axe knows beyond it. What is as it should be is told in brief: it is most of the page.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
         "resultTypes": ["violations"]}


def violations(page):
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.axe_script)
    # What lies half under an open menu is no target as long as that is open.
    found = page.evaluate("""(rules) => {
        const menu = document.querySelector(".menu[open]");
        return axe.run(menu ? { exclude: ["photo-grid"] } : document, rules);
    }""", RULES)["violations"]
    return [(one["id"], [node["html"][:150] for node in one["nodes"]]) for one in found]


def to_the_end(page):
    """Where the bar at the foot lies on nothing: half of a button under it is too small a target."""
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")


def states_of(darkroom, photos, tmp_path):
    """Each state of each page, under its name, one after the other."""
    page = darkroom.page
    page.wait_for_selector("main[data-fill=none]")
    yield "empty", page
    page.locator(".opener").click()
    page.locator("transport-bar canvas").wait_for()
    page.locator(".more").click()
    yield "strip", page
    fake = tmp_path / "holiday.jpg"
    fake.write_bytes(b"not a photo, whatever it is called\n" * 100)
    darkroom.throttle(300_000)
    darkroom.drop([fake, *photos[:4]])
    darkroom.wait("() => document.querySelector('photo-card[data-state=rejected]')"
                  " && document.querySelector('photo-card[data-state=uploading]')", 40_000)
    yield "working", page
    page.locator("nav a[href='/settings.html']").click()
    page.locator("#settings-over option[value=web]").wait_for(state="attached")
    yield "settings over the page", page
    page.keyboard.press("Escape")
    page.locator("#settings-over").wait_for(state="hidden")
    page.locator("summary").click()
    yield "menu", page
    page.locator("[data-act=share]").click()
    yield "share", page
    page.keyboard.press("Escape")
    darkroom.throttle(None)
    darkroom.wait_settled(5)
    page.wait_for_timeout(1_600)  # the last prints sharpen
    yield "settled", page
    page.locator("photo-card .pick").first.check()
    page.locator("selection-bar .count").wait_for()
    to_the_end(page)
    yield "selected", page
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.locator("#keys[open]").wait_for()
    yield "keys", page
    page.keyboard.press("Escape")
    page.locator("photo-card .look:visible").first.click()
    if not page.locator("#viewer .panel").is_visible():
        page.locator("#viewer [data-tool=details]").click()
    page.locator("#viewer [data-tool=compare]").click()
    page.locator("#viewer [role=slider]").wait_for()
    yield "viewer", page
    page.keyboard.press("Escape")
    page.locator("summary").click()
    page.locator("[data-act=delete]").click()
    yield "question", page
    page.keyboard.press("Escape")
    darkroom.context.set_offline(True)
    page.wait_for_selector("#offline:not([hidden])")
    yield "offline", page
    darkroom.context.set_offline(False)
    shared = darkroom.get("location.href")
    page.goto(f"{darkroom.url}/?new")
    page.wait_for_selector("#earlier a")
    yield "earlier", page
    page.locator("#sending label").nth(1).click()
    darkroom.drop(photos[:2])
    page.locator("review-bar .count").wait_for()
    to_the_end(page)
    yield "reviewed", page
    batches = darkroom.open("/batches.html")
    batches.locator(".batch").wait_for()
    yield "batches", batches
    batches.locator("[data-act=rename]").click()
    yield "naming a batch", batches
    batches.close()
    darkroom.context.clear_cookies()
    page.goto(shared)
    page.wait_for_selector("[data-reading] photo-card")
    yield "shared with a reader", page
    settings = darkroom.open("/settings.html")
    settings.wait_for_selector("select[name=recipe] option[value=web]", state="attached")
    yield "settings", settings
    settings.select_option("[name=recipe]", "*")
    settings.locator("recipe-editor [data-field=width]").first.fill("0")
    yield "recipe", settings
    lab = darkroom.open("/lab.html")
    lab.wait_for_selector("#choose:not([hidden])")
    yield "comparing", lab
    lab.click("#start")
    lab.wait_for_selector("#lanes .lane")
    yield "comparing, under way", lab
    lab.wait_for_selector("#start:not([hidden])", timeout=90_000)
    lab.locator("#details summary").click()
    yield "compared", lab


WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.mark.parametrize("theme, locale, size", [
    ("dark", "en-GB", WIDE), ("dark", "pt-BR", PHONE), ("light", "en-GB", PHONE), ("light", "pt-BR", WIDE)])
def test_axe_finds_nothing(chromium, server, photos, tmp_path, theme, locale, size):
    context = chromium.new_context(
        locale=locale, color_scheme=theme, reduced_motion="reduce", viewport=size)
    darkroom = Darkroom(context, server)
    found = {name: violations(page) for name, page in states_of(darkroom, photos, tmp_path)}
    assert {name: what for name, what in found.items() if what} == {}
    assert darkroom.console == []
    context.close()


def test_plain_http_from_another_host_name_has_everything_but_installing(playwright, server, photos):
    browser = playwright.chromium.launch(
        executable_path="/usr/bin/chromium",
        args=["--no-sandbox", "--host-resolver-rules=MAP revela.test 127.0.0.1"])
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    darkroom = Darkroom(context, server, url=f"http://revela.test:{server.port}")
    assert darkroom.get("window.isSecureContext") is False
    for transport in ["websocket", "sse", "polling"]:
        darkroom.choose(transport, interval=1 if transport == "polling" else None)
        darkroom.page.goto(f"{darkroom.url}/?new")
        darkroom.drop(photos[:2])
        darkroom.wait_settled(2)
        darkroom.assert_saw_the_whole_log()
        assert darkroom.get("window.revela.transport") == transport
    darkroom.card(photos[0].name).locator(".look").click()
    darkroom.page.locator(".snippet .copy").click()
    darkroom.page.get_by_role("button", name="Copied").wait_for()
    darkroom.page.keyboard.press("Escape")
    darkroom.page.locator("summary").click()
    darkroom.page.locator("[data-act=delete]").click()
    darkroom.page.get_by_role("button", name="Delete batch", exact=True).click()
    darkroom.page.wait_for_url("**/?new")
    assert darkroom.console == []
    browser.close()


def test_the_whole_job_is_done_by_keyboard_alone(darkroom, photos):
    page, keys = darkroom.page, darkroom.page.keyboard

    def tab_to(selector, limit=40):
        for _ in range(limit):
            keys.press("Tab")
            if darkroom.get(f"document.activeElement.matches({selector!r})"):
                return
        raise AssertionError(f"{selector} is not reached in {limit} tabs")

    # The driver takes the dialog from the first listener on, and that takes it a moment.
    page.on("filechooser", lambda _: None)
    page.wait_for_selector("main[data-fill=none]")
    # The driver can choose files in the old dialog alone.
    page.evaluate("delete window.showOpenFilePicker")
    tab_to("input.picker")
    with page.expect_file_chooser() as chooser:
        keys.press("Space")
    chooser.value.set_files(photos[:2])
    darkroom.wait_settled(2)
    tab_to(".look")
    keys.press("Enter")
    page.locator("#viewer .renditions tr").first.wait_for()
    keys.press("ArrowRight")
    darkroom.wait(f"() => document.querySelector('#viewer h2').textContent === {photos[1].name!r}")
    keys.press("Escape")
    tab_to("[data-action=remove]")
    keys.press("Enter")
    page.locator("#confirm[open]").wait_for()
    assert darkroom.get("document.activeElement.value") == "no", "Enter alone loses nothing"
    keys.press("Shift+Tab")
    keys.press("Enter")
    darkroom.wait("() => document.querySelectorAll('photo-card').length === 1")
    assert darkroom.get("document.activeElement.closest('photo-card') !== null"), "the focus was lost"


@pytest.mark.parametrize("width", [1_280, 360])
def test_without_javascript_each_page_says_what_can_be_done(chromium, server, photos, width):
    context = chromium.new_context(
        java_script_enabled=False, locale="en-GB", viewport={"width": width, "height": 800})
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(server.url + "/settings.html")
    for language, words in [("en", "Settings need JavaScript"),
                            ("pt-BR", "As configurações precisam de JavaScript")]:
        notice = page.locator(f"noscript [lang={language}]")
        assert words in notice.inner_text() and notice.is_visible()
    page.goto(server.url)
    for language, words in [("en", "Send your photos"), ("pt-BR", "Envie suas fotos")]:
        assert page.locator(f"noscript h1 [lang={language}]").inner_text() == words
    for selector in ["[type=file]", "button", "a[href*=settings]"]:
        works = page.locator(f"noscript {selector}").count()
        assert page.locator(selector).locator("visible=true").count() == works, selector
    assert not page.get_by_text("Drop your photos anywhere").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_input_files("noscript [type=file]", photos[:2])
    page.locator("noscript button").click()
    page.get_by_text("2 of 2 ready").wait_for()
    assert page.locator("li img").count() == 2
    context.close()


def test_forced_colours_keep_the_progress_and_paper_has_the_photos_on_white(darkroom, photos):
    darkroom.drop(photos[:1])
    darkroom.wait_settled(1)
    page = darkroom.page

    def colour(selector):
        return page.evaluate(
            "(selector) => getComputedStyle(document.querySelector(selector)).backgroundColor", selector)

    page.emulate_media(forced_colors="active")
    highlight = page.evaluate("""() => {
        const sample = document.createElement("p");
        sample.style.cssText = "forced-color-adjust: none; background: Highlight";
        document.body.append(sample);
        const { backgroundColor } = getComputedStyle(sample);
        sample.remove();
        return backgroundColor;
    }""")
    for groove, filled in [(".whole", ".done"), (".upload .track", ".received"), (".processing .track", ".done")]:
        assert colour(f"{groove} > {filled}") != colour(groove)
        assert colour(f"{groove} > {filled}") == highlight, "it is not the reader's colour"
    page.emulate_media(forced_colors="none", media="print", color_scheme="dark")
    assert colour("body") == colour("batch-bar") == "rgb(255, 255, 255)"
    assert page.locator("photo-card .result").is_visible()
    assert page.get_by_role("heading", name="1 photo").is_visible()
    for needless in ["transport-bar", "photo-card .actions", ".masthead nav", ".filters"]:
        assert not page.locator(needless).is_visible(), needless
