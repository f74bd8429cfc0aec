"""The comparing page with a run of 2,000 events over six ways, loaded from a file: how long it takes to draw
everything, and how smoothly one scrolls through it."""

import json
import random
import tempfile

from measure import median, percentile

EVENTS = 2_000
SECONDS = 120
# Milliseconds that each way takes in the median.
WAYS = {"polling5": 2_500, "sse": 6, "websocket": 5, "polling1": 500, "adaptive": 130, "long": 6}
DRAWINGS = 20

# What is drawn anew when the window changes its size is everything.
DRAW = """(count) => Array.from({ length: count }, () => {
    const start = performance.now();
    dispatchEvent(new Event("resize"));
    return performance.now() - start;
})"""

SCROLL = """async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const frames = [];
    const most = document.documentElement.scrollHeight - innerHeight;
    let before = await frame();
    for (let top = 0; top < 2 * most; top += 40) {
        scrollTo(0, top < most ? top : 2 * most - top);
        const now = await frame();
        frames.push(now - before);
        before = now;
    }
    return frames;
}"""


def record(dice):
    """A run as the page saves it."""
    times = sorted(dice.uniform(0, 1_000 * SECONDS) for _ in range(EVENTS))
    lanes = []
    for name, delay in WAYS.items():
        arrivals = sorted(at + dice.uniform(0, 2 * delay) for at in times)
        lanes.append({
            "id": name, "arrivals": [[seq, at] for seq, at in enumerate(arrivals, 2)], "repeated": 0, "reconnects": 0,
            "compressed": False, "requests": [{"at": at, "endedAt": at + 1, "status": 200, "turnMs": 0, "waitedMs": 1}
                                              for at in arrivals[::4]],
            "bytes": [[at, 0, 0, 0, 300] for at in arrivals]})
    return {
        "format": "revela-lab-run", "version": 1, "at": "2026-11-30T10:00:00.000Z", "browser": "a browser",
        "protocol": "http/1.1", "set": "own", "photos": 300, "endedAt": 1_000 * SECONDS, "end": "settled",
        "isChecked": True, "clock": {"offsetMs": 0, "uncertaintyMs": 1, "samples": 8, "moved": False},
        "events": [[seq, at, "image.processing"] for seq, at in enumerate(times, 2)], "lanes": lanes, "marks": [],
        "faults": []}


def comparing(report, chromium, server):
    """Everything drawn anew, and frames while scrolling, with a run of 2,000 events."""
    with chromium.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        page.goto(server.url + "/lab.html")
        page.wait_for_selector("#choose:not([hidden])")
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(json.dumps(record(random.Random(17))))
            file.flush()
            page.set_input_files("#import", file.name)
            page.wait_for_selector("#figures tbody tr")
        drawings, frames = page.evaluate(DRAW, DRAWINGS), page.evaluate(SCROLL)
    report.row(f"a run of {EVENTS} events over six ways, drawn: median, longest",
               f"{median(drawings):.0f}, {max(drawings):.0f} ms", detail=drawings)
    report.row("a frame while scrolling through it: median, p95, longest",
               f"{median(frames):.1f}, {percentile(frames, 0.95):.1f}, {max(frames):.1f} ms", goal="16.7 ms",
               detail=frames)
