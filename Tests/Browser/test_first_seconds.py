"""Before the modules are there, which on a slow network takes seconds: the page says the right words
in the right language, loses nothing that is given to it, and is never left dead."""

import shutil

import pytest

from darkroom import Darkroom, seen
from harness import ROOT, Server, until
from held import Held

# What stands in the heading whenever a frame is drawn.
HEADINGS = """
window.headings = new Set();
const look = () => {
  const heading = document.querySelector("h1");
  if (heading?.checkVisibility()) window.headings.add(heading.textContent);
  requestAnimationFrame(look);
};
look();
"""

WORDS = {
    "en-GB": ("Drop your photos anywhere", "Settings"),
    "pt-BR": ("Solte suas fotos em qualquer lugar", "Configurações"),
}


@pytest.fixture
def speaking(chromium, server):
    """Opens a page of a new visitor who reads this language."""
    contexts = []

    def open_(locale):
        context = chromium.new_context(locale=locale)
        context.set_default_timeout(60_000)
        context.add_init_script(HEADINGS)
        contexts.append(context)
        return Darkroom(context, server)

    yield open_
    for context in contexts:
        context.close()


@pytest.mark.parametrize("locale", WORDS)
@pytest.mark.parametrize("path, which", [("/?new", 0), ("/settings.html", 1)])
def test_the_first_words_are_the_reader_s_own_and_stay(speaking, locale, path, which):
    darkroom = speaking(locale)
    page = darkroom.page
    held = Held(page, "**/i18n/*.js")
    page.goto(darkroom.url + path, wait_until="commit")
    page.get_by_role("heading", name=WORDS[locale][which]).wait_for()
    assert page.locator("html").get_attribute("lang") == locale.replace("en-GB", "en")
    held.let_go()
    page.wait_for_selector("main[data-fill=none], form:not([hidden])")
    assert page.evaluate("[...window.headings]") == [WORDS[locale][which]]
    assert darkroom.console == []


def test_a_choice_of_language_is_followed_before_the_modules_are_there(darkroom):
    settings = darkroom.open("/settings.html")
    settings.select_option("[name=language]", "pt-BR")
    held = Held(settings, "**/js/pages/settings.js")
    settings.reload(wait_until="commit")
    settings.get_by_role("heading", name="Configurações").wait_for()
    # Half a form would be dead, and grow under the reader's hand.
    assert settings.locator("form").is_hidden()
    held.let_go()
    settings.locator("[value=websocket]").wait_for()


def test_what_is_given_early_is_confirmed_and_goes_on(darkroom, photos):
    page = darkroom.page
    held = Held(page, "**/js/pages/upload.js")
    page.goto(f"{darkroom.url}/?new", wait_until="commit")
    page.get_by_role("heading", name="Drop your photos anywhere").wait_for()
    page.set_input_files(".invitation input.picker >> nth=0", photos[0])
    page.get_by_text("Got it. Uploading starts as soon as this page has loaded.").wait_for()
    darkroom.drop(photos[1:3])
    # Nothing remembers them yet: who leaves is asked, and stays.
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.mouse.click(5, 5)  # a page that nobody has touched may not ask
    page.evaluate("setTimeout(() => location.reload())")
    seen(page, lambda: asked == ["beforeunload"], "the question")
    held.let_go()
    darkroom.wait("() => window.revela")
    page.wait_for_selector("#given", state="hidden")
    darkroom.wait_settled(3)


def test_a_module_that_is_lost_on_the_way_is_asked_for_again(darkroom, photos):
    page = darkroom.page
    page.route("**/js/model/session.js", lambda route: route.abort())
    page.goto(f"{darkroom.url}/?new", wait_until="commit")
    page.get_by_text("Part of this page did not load").wait_for()
    darkroom.drop(photos[:1])
    page.unroute("**/js/model/session.js")
    darkroom.wait("() => window.revela")
    page.wait_for_selector("#stuck", state="hidden")
    darkroom.wait_settled(1)


def test_a_button_whose_module_is_lost_says_so_and_works_the_next_time(darkroom, photos):
    page = darkroom.page
    page.route("**/photo-viewer.js", lambda route: route.abort())
    page.goto(f"{darkroom.url}/?new")
    darkroom.drop(photos[:1])
    darkroom.wait_settled(1)
    look = page.locator("photo-card .look")
    look.click()
    page.get_by_text("The server cannot be reached.").first.wait_for()
    page.unroute("**/photo-viewer.js")
    look.click()
    page.locator("#viewer .renditions tr").first.wait_for()


def test_a_loaded_page_has_all_it_may_ask_for_later(proxied, proxy, photos):
    page = proxied.page
    proxied.drop(photos[:1])
    proxied.wait_settled(1)
    already = len(proxy.requests)
    page.locator("photo-card .look").click()
    page.locator("#viewer .renditions tr").first.wait_for()
    page.keyboard.press("Escape")
    page.locator("summary").click()
    page.locator("[data-act=delete]").click()
    page.locator("#confirm").wait_for()
    assert [one.path for one in proxy.requests[already:] if one.path.endswith(".js")] == []


# When each script was asked for on a connection, by the browser's own log.
LOG = """() => {
    const files = performance.getEntriesByType("resource").filter(({ name }) => name.endsWith(".js"));
    const asked = (one) => [new URL(one.name).pathname.replace(/^.assets.[^/]+/, ""), one.requestStart];
    return Object.fromEntries(files.map(asked));
}"""
STYLES = """() => performance.getEntriesByType("resource").filter(({ name }) => name.endsWith(".css"))
    .map(({ name, renderBlockingStatus }) => [name.split("/").at(-1), renderBlockingStatus])"""
ALL_CAME = """(names) => {
    const came = performance.getEntriesByType("resource").map(({ name }) => name);
    return names.every((one) => came.some((name) => name.endsWith(one)));
}"""
STAGES = {
    "batch": ["/js/pages/opening.js", "/js/model/session.js", "/js/uploads/kept-files.js"],
    "uploads": ["/js/pages/uploading.js", "/js/uploads/uploader.js", "/js/uploads/tus.js"],
    "cards": ["/js/pages/showing.js", "/js/ui/photo-card.js", "/js/ui/batch-bar.js"],
    "feed": ["/js/feed/feed.js", "/js/transports/websocket.js"],
    "viewer": ["/js/viewer/photo-viewer.js", "/js/viewer/zoom.js", "/js/ui/dialogs.js"],
}


@pytest.mark.parametrize("path, order", [
    ("/?new", ["batch", "uploads", "cards", "feed", "viewer"]),
    ("/batches/{}", ["batch", "cards", "feed", "uploads", "viewer"]),
])
def test_the_page_comes_in_stages(chromium, server, path, order):
    """Few scripts until its controls react, then what is needed first, and nothing twice."""
    context = chromium.new_context(locale="pt-BR")
    try:
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", {
            "offline": False, "latency": 60, "downloadThroughput": -1, "uploadThroughput": -1})
        page.goto(server.url + path.format(server.new_batch().name))
        page.wait_for_function(ALL_CAME, arg=sum(STAGES.values(), []), timeout=60_000)
        asked = page.evaluate(LOG)
        # Until the controls react: five rounds of six connections, of which one takes the styles.
        first = min(asked[name] for name in STAGES["batch"])
        assert len([name for name, at in asked.items() if at < first]) <= 26
        # The first paint waits for what one round of them brings, beside a script.
        styles = page.evaluate(STYLES)
        assert len([name for name, status in styles if status == "blocking"]) <= 5, styles
        assert len(dict(styles)) == len(styles), "a style came twice"
        spans = [[asked[name] for name in STAGES[stage]] for stage in order]
        for earlier, later in zip(spans, spans[1:]):
            assert max(earlier) <= min(later), (order, asked)
        assert [name for name in asked if name.startswith("/i18n/")] == ["/i18n/pt-BR.js"]
    finally:
        context.close()


def test_the_controls_of_the_empty_page_react_while_the_rest_is_on_its_way(darkroom, photos):
    page = darkroom.page
    held = [Held(page, f"**/js/{module}.js") for module in
            ["model/session", "pages/uploading", "pages/showing"]]
    page.goto(f"{darkroom.url}/?new", wait_until="commit")
    darkroom.wait("() => performance.getEntriesByName('controls').length > 0")
    darkroom.pick("sse")
    page.locator("transport-bar[data-choice=sse]").wait_for()
    page.get_by_role("button", name="Show traffic").click()
    page.locator("#traffic dl").wait_for()
    page.locator("#sending [value=review]").check()
    page.get_by_role("link", name="Settings").click()
    settings = page.locator("#settings-over")
    settings.locator("[name=language]").select_option("pt-BR")
    page.get_by_role("heading", name="Configurações").wait_for()
    settings.get_by_role("button", name="Fechar").click()
    page.locator("#sending").get_by_text("Quando eu clicar em Enviar").wait_for()
    page.keyboard.press("?")
    page.locator("#keys[open]").wait_for()
    page.keyboard.press("Escape")
    darkroom.drop(photos[:1])
    page.get_by_text("O envio começa").wait_for()
    for one in held:
        one.let_go()
    page.get_by_role("button", name="Enviar 1 foto").click()
    darkroom.wait_settled(1)
    page.locator("#given").wait_for(state="hidden")


def test_what_is_clicked_before_its_code_is_there_is_done_when_it_is(darkroom, photos):
    page = darkroom.page
    darkroom.drop(photos[:1])
    darkroom.wait_settled(1)
    held = [Held(page, "**/js/pages/uploading.js"), Held(page, "**/js/feed/feed.js")]
    page.reload(wait_until="commit")
    page.locator("photo-card[data-state=ready] .look").click()
    for one in held:
        one.let_go()
    page.locator("#viewer[open] .renditions tr").first.wait_for()
    darkroom.wait("() => window.revela.state === 'live'")


def test_a_reload_asks_for_the_page_and_not_for_its_modules(proxied, proxy):
    page = proxied.page
    page.wait_for_selector("main[data-fill=none]")
    page.reload()
    page.wait_for_selector("main[data-fill=none]")
    with until("the last answer") as waiting:
        while any(one.status is None for one in proxy.requests):
            waiting()
    already = len(proxy.requests)
    page.reload()
    page.wait_for_selector("main[data-fill=none]")
    asked = [one.path for one in proxy.requests[already:]]
    assert "/" in asked
    assert [path for path in asked if path.endswith((".js", ".css"))] == []


def test_what_is_given_before_the_sheet_is_there_goes_to_that_sheet(darkroom, photos):
    page = darkroom.page
    darkroom.drop(photos[:1])
    darkroom.wait_settled(1)
    sheet = darkroom.get("window.revela.batch")
    held = Held(page, f"**/api/batches/{sheet}")
    page.reload(wait_until="commit")
    darkroom.wait("() => window.revela")
    darkroom.drop(photos[1:2])
    page.locator("#given").wait_for()
    held.let_go()
    darkroom.wait_settled(2)
    assert darkroom.get("window.revela.batch") == sheet
    page.locator("#given").wait_for(state="hidden")


def test_a_sheet_that_cannot_be_read_is_asked_for_again(darkroom, photos):
    page = darkroom.page
    darkroom.drop(photos[:1])
    darkroom.wait_settled(1)
    sheet = darkroom.get("window.revela.batch")
    page.route(f"**/api/batches/{sheet}", lambda route: route.abort())
    page.reload()
    page.get_by_text("The server cannot be reached.").first.wait_for()
    page.unroute(f"**/api/batches/{sheet}")
    page.wait_for_selector("photo-card[data-state=ready]")
    page.locator("#notice").wait_for(state="hidden")


def test_a_page_that_is_open_over_an_upgrade_goes_on_with_its_own_modules(chromium, tmp_path, photos):
    pages = tmp_path / "pages"
    shutil.copytree(ROOT / "Public", pages)
    server = Server(tmp_path / "data", "--pages", pages).start()
    context = chromium.new_context(locale="en-GB")
    try:
        darkroom = Darkroom(context, server)
        darkroom.drop(photos[:1])
        darkroom.wait_settled(1)
        server.stop()
        for module in ["pages/upload.js", "viewer/photo-viewer.js", "uploads/tus.js"]:
            with open(pages / "js" / module, "a") as file:
                file.write("window.isNew = true;\n")
        server.start()
        darkroom.drop(photos[1:2])
        darkroom.wait_settled(2)
        darkroom.page.locator("photo-card .look").first.click()
        darkroom.page.locator("#viewer .renditions tr").first.wait_for()
        assert darkroom.get("window.isNew") is None
        darkroom.page.reload()
        darkroom.wait("() => window.isNew && document.querySelectorAll('photo-card').length === 2")
    finally:
        context.close()
        server.stop()
