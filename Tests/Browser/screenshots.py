"""Takes the pictures that `scripts/screenshots` promises."""

import contextlib
import itertools
import pathlib
import signal
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parents[1])]

from playwright.sync_api import sync_playwright

import harness
from darkroom import Darkroom

OUT = harness.ROOT / ".build-screenshots"
VARIANTS = [("dark", "light", "forced"), ("en-GB", "pt-BR"), ("wide", "phone")]
SIZES = {"wide": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 844}}


def states(darkroom, folder, stranger):
    """Each state, by its name, with the page that shows it. `stranger` is a tab of somebody else."""
    page = darkroom.page
    page.wait_for_selector("main[data-fill=none]")
    page.wait_for_timeout(9_000)  # the invitation's own print develops
    yield "empty", page
    darkroom.throttle(700_000)
    darkroom.drop(harness.PHOTOS)
    darkroom.wait("() => document.querySelectorAll('photo-card[data-state=ready]').length >= 3")
    page.wait_for_timeout(900)
    yield "working", page
    darkroom.pick("polling")
    page.locator(".opener").click()
    page.wait_for_timeout(10_500)
    darkroom.pick("websocket")
    page.wait_for_timeout(3_500)
    yield "strip", page
    page.locator("nav a[href='/settings.html']").click()
    page.locator("#settings-over option[value=web]").wait_for(state="attached")
    yield "settings-over", page
    page.keyboard.press("Escape")
    page.locator(".opener").click()
    with cut_off(darkroom):
        yield "offline", page
    darkroom.throttle(None)
    darkroom.wait_settled(12)
    page.wait_for_timeout(1_600)
    yield "ready", page
    page.locator("photo-card .look").nth(2).click()
    page.wait_for_selector("#viewer .large[data-there]")
    page.wait_for_timeout(600)
    yield "viewer", page
    page.locator("#viewer [data-tool=details]").click()
    page.locator("#viewer [data-tool=compare]").click()
    page.locator("#viewer [role=slider]").wait_for()
    yield "viewer-compare", page
    page.keyboard.press("Escape")
    page.locator("photo-card .pick").nth(1).click()
    page.locator("photo-card .pick").nth(4).click(modifiers=["Shift"])
    page.locator("selection-bar .count").wait_for()
    page.wait_for_timeout(400)
    yield "selected", page
    to_the_end(page)
    yield "selected-end", page
    page.keyboard.press("Escape")
    page.locator("[name=search]").fill("no such photo")
    page.locator(".no-match").wait_for()
    yield "no-match", page
    page.locator("[name=search]").fill("")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    page.locator("#keys[open]").wait_for()
    yield "keys", page
    page.keyboard.press("Escape")
    page.locator("summary").click()
    yield "menu", page
    page.locator("[data-act=share]").click()
    yield "share", page
    shared = page.locator("#share input").input_value()
    page.keyboard.press("Escape")
    for act in ["rename", "keep", "delete"]:
        page.locator("summary").click()
        page.locator(f"batch-menu [data-act={act}]").click()
        page.locator("dialog[open]").wait_for()
        yield act, page
        page.keyboard.press("Escape")
    yield from of_drop_links(page, stranger)
    stranger.goto(shared)
    stranger.locator("photo-card[data-state=ready]").first.wait_for()
    stranger.wait_for_timeout(1_600)
    yield "reader", stranger
    stranger.goto(f"{darkroom.url}/nowhere")
    yield "not-found", stranger
    stranger.goto(f"{darkroom.url}/invitation.html")
    stranger.wait_for_timeout(600)
    yield "invitation", stranger
    page.goto(f"{darkroom.url}/?new")
    page.wait_for_selector("#earlier a")
    yield "earlier", page
    fake, half = folder / "holiday.jpg", folder / "half.jpg"
    fake.write_bytes(b"not a photo, whatever it is called\n" * 100)
    half.write_bytes(harness.PHOTOS[1].read_bytes()[:700_000])
    (folder / "empty.jpg").touch()
    darkroom.drop([harness.PHOTOS[6], fake, half, folder / "empty.jpg", harness.PHOTOS[3]])
    darkroom.wait_settled(4)
    page.wait_for_timeout(1_600)
    yield "refused", page
    page.locator("photo-card[data-state=rejected] [data-action=info]").first.click()
    page.locator("#viewer .blank").wait_for()
    page.wait_for_timeout(600)
    yield "viewer-refused", page
    page.keyboard.press("Escape")
    for density in ["compact", "roomy"]:
        page.evaluate("(density) => { document.documentElement.dataset.density = density; }", density)
        page.set_viewport_size({**page.viewport_size, "width": page.viewport_size["width"] + 1})
        page.wait_for_timeout(600)
        yield f"refused-{density}", page
    page.goto(f"{darkroom.url}/?new")
    page.wait_for_selector("main[data-fill=none]")
    page.locator("#sending label").nth(1).click()
    darkroom.drop(harness.PHOTOS[4:10])
    page.locator("review-bar .count").wait_for()
    page.wait_for_timeout(1_600)
    yield "review", page
    to_the_end(page)
    yield "review-end", page
    page.locator("[data-act=send]").click()
    darkroom.wait_settled(6)
    batches = darkroom.open("/batches.html")
    batches.locator(".batch").first.wait_for()
    batches.wait_for_timeout(600)
    yield "batches", batches
    batches.locator("[data-act=rename]").first.click()
    yield "batches-rename", batches
    settings = darkroom.open("/settings.html")
    settings.wait_for_selector("select[name=recipe] option[value=web]", state="attached")
    yield "settings", settings
    for card in ("sse", "polling"):
        settings.locator(f".transport:has([value={card}]) .try button").click()
        settings.wait_for_selector(f".transport:has([value={card}]) .tried[data-works=true]")
    yield "tried", settings
    settings.select_option("[name=recipe]", "*")
    settings.locator("recipe-editor [data-field=width]").nth(1).fill("0")
    yield "recipe", settings
    lab = darkroom.open("/lab.html")
    for way in ["polling1", "adaptive", "long"]:
        lab.check(f"[name=way][value={way}]")
    yield "compare-before", lab
    lab.click("#start")
    lab.wait_for_selector("#stop:not([hidden])")
    lab.wait_for_selector("#start:not([hidden])", timeout=90_000)
    yield "compare", lab


def of_drop_links(page, guest):
    """Who asks makes one; a guest opens it and sends."""
    page.locator("summary").click()
    page.locator("batch-menu [data-act=drop]").click()
    page.locator("dialog.drops[open]").wait_for()
    yield "drop-links", page
    page.locator("form.make input[type=text]").fill("Wedding of Ana and Rui")
    page.locator("form.make button").click()
    page.locator("svg.qr").wait_for()
    yield "drop-link", page
    guest.goto(page.locator("dialog.drops .link-row input").input_value())
    guest.locator("#enter").wait_for()
    yield "guest", guest
    if guest.locator("#name input").is_visible():
        guest.locator("#name input").fill("Ana")
    guest.locator("#enter button").click()
    guest.wait_for_url("**/batches/b_*")
    guest.locator("#guest").wait_for()
    guest.wait_for_timeout(600)
    yield "guest-empty", guest
    guest.set_input_files(".invitation input.picker >> nth=0", harness.PHOTOS[:2])
    guest.locator("photo-card[data-state=ready] >> nth=1").wait_for()
    guest.wait_for_timeout(1_600)
    yield "guest-batch", guest
    page.keyboard.press("Escape")


def to_the_end(page):
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.wait_for_timeout(300)


@contextlib.contextmanager
def cut_off(darkroom):
    """Nothing gets through, what is open already included."""
    darkroom.server.process.send_signal(signal.SIGSTOP)
    darkroom.context.set_offline(True)
    darkroom.page.wait_for_selector("transport-bar[data-state=offline]")
    darkroom.page.wait_for_timeout(400)
    yield
    darkroom.server.process.send_signal(signal.SIGCONT)
    darkroom.context.set_offline(False)


def main(wanted):
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        folder = pathlib.Path(folder)
        server = harness.Server(folder / "data").start()
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--force-color-profile=srgb"])
        for theme, locale, size in itertools.product(*VARIANTS):
            if not wanted <= {theme, locale, size}:
                continue
            looks = {"color_scheme": "dark", "forced_colors": "active"} if theme == "forced" else {"color_scheme": theme}
            context, other = (browser.new_context(locale=locale, viewport=SIZES[size], **looks) for _ in range(2))
            for name, page in states(Darkroom(context, server), folder, other.new_page()):
                page.screenshot(path=OUT / f"{name}-{theme}-{locale[:2]}-{size}.png",
                                full_page=name in {"settings", "tried", "recipe", "compare"})
            context.close()
            other.close()
        server.stop()
    print(f"{len(list(OUT.glob('*.png')))} pictures in {OUT}")


main(set(sys.argv[1:]))
