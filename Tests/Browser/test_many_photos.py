"""A sheet of very many photos, however one scrolls, filters and resizes it while they change: a card
always shows its own photo, in its own place."""

import random
import re

import pytest

COUNT = 240
WINDOWS = [(1280, 900), (640, 450), (390, 844), (1920, 500)]

FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"

# A batch of this browser's own, of photos whose bytes have not yet come.
ANNOUNCE = """async (count) => {
    const { document } = await (await fetch("/api/batches", { method: "POST" })).json();
    const announce = (index) => fetch(`/api/batches/${document.id}/images`, { method: "POST", headers: {
        "Tus-Resumable": "1.0.0", "Upload-Length": "1000",
        "Upload-Metadata": `filename ${btoa(`IMG_${index}.png`)}` } });
    for (let index = 0; index < count; index += 4) {
        await Promise.all([0, 1, 2, 3].map((more) => announce(index + more)));
    }
    return document.id;
}"""

# Events as the feed would hand them on.
TELL = """(patches) => {
    let seq = 1_000;
    for (const [image, patch] of patches) {
        const event = { seq: (seq += 1), type: "image.changed", image, patch: { images: { [image]: patch } } };
        window.revela.feed.options.onMessage({ type: "change", event });
    }
}"""

# What is wrong with what can be seen, if anything.
FAULTS = """() => {
    const { images } = window.revela.document;
    const kinds = { all: () => true, ready: (one) => one === "ready", unfinished: (one) => one === "processing" || one === "uploading",
        failed: (one) => one === "rejected" };
    const { value } = document.querySelector("input[name=filter]:checked");
    const wanted = Object.keys(images).filter((id) => kinds[value](images[id].state))
        .sort((one, other) => images[one].position - images[other].position);
    const faults = [];
    let last = 0;
    const seen = new Set();
    for (const card of document.querySelectorAll("photo-card")) {
        const { image: id, state } = card.dataset;
        const place = Number(card.getAttribute("aria-posinset"));
        const say = (what) => faults.push(`${id} at ${place}: ${what}`);
        if (wanted[place - 1] !== id) say(`is not the ${place}th, ${wanted[place - 1]}`);
        if (place <= last) say(`comes after ${last}`);
        last = place;
        seen.add(place - 1);
        if (Number(card.getAttribute("aria-setsize")) !== wanted.length) say("not of so many");
        if (state !== images[id]?.state) say(`is ${state}, not ${images[id]?.state}`);
        if (card.querySelector(".label").textContent !== images[id]?.name) say("has another's name");
        const { src } = card.querySelector(".result");
        if (src && !src.endsWith(id)) say(`shows ${src}`);
        if (card.querySelector(".look").hidden !== (state !== "ready")) say("opens, or not");
        if (card.querySelectorAll(".renditions li").length !== Object.keys(images[id]?.renditions ?? {}).length)
            say("has another's prints");
    }
    const sheet = document.getElementById("photos");
    const { gridTemplateColumns, rowGap, paddingTop } = getComputedStyle(sheet);
    const columns = gridTemplateColumns.split(" ").length;
    const row = document.querySelector("photo-card")?.offsetHeight;
    const top = sheet.getBoundingClientRect().top + parseFloat(paddingTop);
    wanted.forEach((id, index) => {
        const y = top + Math.floor(index / columns) * (row + parseFloat(rowGap));
        if (y < innerHeight && y + row > 0 && !seen.has(index)) faults.push(`${id} at ${index + 1} is missing`);
    });
    return faults;
}"""


def rendition(image):
    return {"url": f"/icons/192.png?{image}", "width": 192, "height": 192, "bytes": 4_000,
            "mediaType": "image/png"}


def patch_of(image, dice):
    state = dice.choice(["ready", "processing", "uploading", "rejected"])
    renditions = {"thumb": rendition(image)} if state == "ready" else None
    return {"state": state, "renditions": renditions}


@pytest.fixture
def sheet(darkroom):
    batch = darkroom.page.evaluate(ANNOUNCE, COUNT)
    darkroom.page.goto(f"{darkroom.url}/batches/{batch}")
    darkroom.wait("() => window.revela.state === 'live' && document.querySelector('photo-card')")
    return darkroom


def test_each_card_shows_its_own_photo_whatever_is_done_to_the_sheet(sheet):
    seed = random.randrange(10_000)
    print(f"seed {seed}")
    dice = random.Random(seed)
    page = sheet.page
    images = sheet.get("Object.keys(window.revela.document.images)")

    def scroll():
        page.evaluate("(part) => scrollTo(0, part * document.documentElement.scrollHeight)",
                      dice.choice([0, 1, dice.random()]))

    def step():
        page.evaluate("(by) => scrollBy(0, by)", dice.choice([-800, -300, 300, 800]))

    def change():
        page.evaluate(TELL, [[one, patch_of(one, dice)] for one in dice.sample(images, 20)])

    def choose():
        page.locator(f"input[name=filter][value={dice.choice(['all', 'unfinished', 'ready', 'failed'])}]").check(force=True)

    def remove():
        gone = [images.pop(dice.randrange(len(images))) for _ in range(3)]
        page.evaluate(TELL, [[one, None] for one in gone])

    def resize():
        width, height = dice.choice(WINDOWS)
        page.set_viewport_size({"width": width, "height": height})

    for turn in range(60):
        deeds = [dice.choice([scroll, step, step, change, choose, remove, resize])
                 for _ in range(dice.randint(1, 3))]
        for deed in deeds:
            deed()
        sheet.get(FRAMES)
        sheet.get(FRAMES)
        faults = page.evaluate(FAULTS)
        assert faults == [], (seed, turn, [deed.__name__ for deed in deeds])
    assert sheet.console == []


# The first photo whose words can be seen, and the one that has the focus.
TOP = """() => Number([...document.querySelectorAll("photo-card")]
    .find((card) => card.getBoundingClientRect().bottom > 60)?.getAttribute("aria-posinset"))"""
FOCUSED = "document.activeElement.closest('photo-card')?.getAttribute('aria-posinset')"


def go_to(sheet, part):
    sheet.page.evaluate("(part) => scrollTo(0, part * document.documentElement.scrollHeight)", part)
    sheet.get(FRAMES)


def test_a_window_of_another_size_shows_the_same_photo(sheet):
    go_to(sheet, 0.5)
    before = sheet.get(TOP)
    assert before > 100
    for width, height in [(390, 844), (844, 390), (1280, 900)]:
        sheet.page.set_viewport_size({"width": width, "height": height})
        sheet.page.wait_for_function(f"innerWidth === {width}")
        # A row of the widest has four: what was all but out of view may be just in view.
        sheet.wait(f"() => Math.abs(({TOP})() - {before}) <= 4")


def test_a_reload_comes_back_to_the_same_photo(sheet):
    go_to(sheet, 0.6)
    before = sheet.get(TOP)
    sheet.page.reload()
    sheet.wait(f"() => document.querySelector('photo-card') && ({TOP})() === {before}")


def test_what_has_the_focus_keeps_it_when_one_scrolls_away_and_the_photos_change(sheet):
    first = sheet.page.locator("photo-card").nth(5).locator("[data-action=cancel]")
    first.focus()
    assert sheet.get(FOCUSED) == "6"
    for part in [0.5, 1, 0.3]:
        go_to(sheet, part)
        images = sheet.get("Object.keys(window.revela.document.images)")
        sheet.page.evaluate(TELL, [[one, {"name": f"{one}.png"}] for one in images[:40]])
        sheet.get(FRAMES)
        assert sheet.get(FOCUSED) == "6"
        assert sheet.page.evaluate(FAULTS) == []
    sheet.page.keyboard.press("Tab")
    assert sheet.get(FOCUSED) == "6", "the next button of the same photo"


def test_tab_leads_through_the_photos_in_their_order_and_back(sheet):
    keys = sheet.page.keyboard
    sheet.page.locator("photo-card button:visible").first.focus()
    for key, turns in [("Tab", 60), ("Shift+Tab", 40)]:
        places = []
        for _ in range(turns):
            keys.press(key)
            places.append(int(sheet.get(FOCUSED)))
        steps = {abs(other - one) for one, other in zip(places, places[1:])}
        assert steps <= {0, 1}, places
        assert places == sorted(places, reverse=key != "Tab")


# A card is drawn once it has been near the window for a while: that while is over when the test says.
HOLD_REST = """() => {
    const { setTimeout, clearTimeout } = window;
    const held = new Map();
    let last = 1_000_000;
    window.setTimeout = (act, ms, ...given) =>
        ms === 100 ? (held.set((last += 1), act), last) : setTimeout(act, ms, ...given);
    window.clearTimeout = (one) => held.delete(one) || clearTimeout(one);
    window.rest = () => {
        Object.assign(window, { setTimeout, clearTimeout });
        for (const act of held.values()) act();
    };
}"""


def test_what_is_scrolled_past_is_neither_read_nor_loaded(sheet):
    images = sheet.get("Object.keys(window.revela.document.images)")
    sheet.page.evaluate(TELL, [[one, {"state": "ready", "renditions": {"thumb": rendition(one)}}] for one in images])
    loaded = []
    sheet.page.on("request", lambda request: loaded.append(request.url))
    sheet.page.evaluate(HOLD_REST)
    sheet.get("""async () => {
        for (let turn = 0; turn < 40; turn += 1) {
            scrollTo(0, (turn % 8) / 8 * document.documentElement.scrollHeight);
            await new Promise((done) => requestAnimationFrame(done));
        }
        scrollTo(0, document.documentElement.scrollHeight);
    }""")
    sheet.get(FRAMES)
    sheet.get("window.rest()")
    sheet.wait("() => [...document.querySelectorAll('photo-card .result')].at(-1)?.naturalWidth > 0")
    assert len({url for url in loaded if "192.png" in url}) < len(images) / 2
    assert sheet.get("document.querySelectorAll('photo-card').length") <= 48


# Cards whose words take more than the row has for them.
OVERFLOWING = """() => [...document.querySelectorAll("photo-card")]
    .filter((card) => card.lastElementChild.getBoundingClientRect().bottom > card.getBoundingClientRect().bottom + 1)
    .map((card) => `${card.offsetWidth} × ${card.offsetHeight}: ${card.innerText}`)"""

# As the settings of another tab come.
SET = """(choice) => {
    localStorage.setItem("revela.settings", JSON.stringify(choice));
    dispatchEvent(new Event("pageshow"));
}"""


def test_no_row_is_too_low_for_what_its_cards_say(sheet):
    """In each size of cards, on a phone and on a desk, in both languages, with large letters and many versions."""
    page = sheet.page
    # In the order of the page, so that each state is near the window.
    images = sheet.get("Object.entries(window.revela.document.images)"
                       ".sort(([, one], [, other]) => one.position - other.position).map(([id]) => id)")
    sheet.get("window.revela.document.recipe.renditions = Array.from({ length: 7 }, () => ({})), 0")
    renditions = {f"v{at}": {**rendition(f"{at}"), "width": 4032, "bytes": 900_000 + at} for at in range(7)}
    problem = {"code": "timed-out"}
    states = [{"state": "ready", "renditions": renditions, "width": 4032, "height": 3024},
              {"state": "ready", "renditions": renditions, "sameAs": images[3]},
              {"state": "failed", "problem": problem}, {"state": "rejected", "problem": problem},
              {"state": "processing"}, {"state": "uploading"}, {"state": "cancelled"}]
    page.evaluate(TELL, [[one, states[at % len(states)]] for at, one in enumerate(images)])
    for width, letters in [(390, "100%"), (1280, "100%"), (1280, "150%")]:
        page.set_viewport_size({"width": width, "height": 1_500})
        page.evaluate("(letters) => { document.documentElement.style.fontSize = letters; }", letters)
        for density in ["compact", "cosy", "roomy"]:
            for language in ["en", "pt-BR"]:
                page.evaluate(SET, {"density": density, "language": language})
                sheet.wait(f"() => document.documentElement.lang === '{language}'")
                sheet.wait(f"() => ({OVERFLOWING})().length === 0 /* {width} {letters} {density} {language} */", 20_000)


def test_paper_has_all_photos_and_the_screen_has_few_again(sheet):
    page = sheet.page
    images = sheet.get("Object.keys(window.revela.document.images)")
    page.evaluate(TELL, [[one, {"state": "ready", "renditions": {"thumb": rendition(one)}}] for one in images])
    go_to(sheet, 0.5)
    place = sheet.get(TOP)
    printed = page.pdf()
    assert len(re.findall(rb"/Subtype ?/Image", printed)) >= COUNT
    assert len(re.findall(rb"/Type ?/Page\b", printed)) > 5
    sheet.wait("() => document.querySelectorAll('photo-card').length <= 48")
    assert sheet.get(TOP) == place
    assert page.evaluate(FAULTS) == []


def test_under_a_filter_the_viewer_leads_through_what_is_shown(sheet):
    page = sheet.page
    images = sheet.get("Object.entries(window.revela.document.images)"
                       ".sort(([, one], [, other]) => one.position - other.position).map(([id]) => id)")
    ready = [images[at] for at in (3, 90, 200)]
    names = [sheet.get(f"window.revela.document.images['{one}'].name") for one in ready]
    page.evaluate(TELL, [[one, {"state": "ready", "renditions": {"thumb": rendition(one)}}] for one in ready])
    page.locator("input[name=filter][value=ready]").check(force=True)
    page.locator("photo-card .look:visible").first.click()
    place = page.locator("#viewer .place")
    for name in names:
        page.locator("#viewer h2", has_text=name).wait_for()
        page.keyboard.press("ArrowRight")
    assert "3" in place.inner_text() and str(COUNT) not in place.inner_text()
    assert page.locator("#viewer [data-turn='1']").is_disabled()
    # It stops being ready while it is looked at, and the way back is still there.
    page.evaluate(TELL, [[ready[2], {"state": "processing"}]])
    page.keyboard.press("ArrowLeft")
    page.locator("#viewer h2", has_text=names[1]).wait_for()
    page.keyboard.press("Escape")
    sheet.wait(f"() => document.activeElement.closest('photo-card')?.dataset.image === '{ready[1]}'")
