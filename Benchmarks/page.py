"""The page with 2,000 photos, in Chromium: how soon the first card is there, how smoothly the sheet
scrolls, how much memory it takes, and what one event costs with few photos and with many.

Frame times depend on everything the machine does; processor times count the page's own thread."""

import base64
import http.client
import os
import time

from playwright.sync_api import sync_playwright

import measure
from comparing import comparing
from loading import loading
from measure import Report, median, mib, percentile
from servers import PORT, ROOT, Revela, running

COUNT = int(os.environ.get("REVELA_BENCH_SHEET", "2000"))
FEW = 20
ROUNDS = int(os.environ.get("REVELA_BENCH_PAGE_ROUNDS", "3"))
STEPS = 240
FRAMES = 150
BURST = 20
FRAME_MS = 1_000 / 60

FRAME = "const frame = () => new Promise((done) => requestAnimationFrame(done));"

DROP = "async (count) => {" + FRAME + """
    const blob = await (await fetch("/icons/192.png")).blob();
    const transfer = new DataTransfer();
    for (let index = 0; index < count; index += 1) {
        transfer.items.add(new File([blob, String(index)], `IMG_${index}.png`, { type: "image/png" }));
    }
    const start = performance.now();
    for (const type of ["dragenter", "dragover", "drop"]) {
        document.body.dispatchEvent(
            new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer }));
    }
    while (!document.querySelector("photo-card")) await frame();
    const firstCard = performance.now() - start;
    while (window.revela.photos < count) await frame();
    return { firstCard, allTaken: performance.now() - start };
}"""

SCROLL = "async (steps) => {" + FRAME + """
    const frames = [];
    let before = await frame();
    for (let step = 0; step < steps; step += 1) {
        scrollBy(0, step < steps / 2 ? 400 : -400);
        const now = await frame();
        frames.push(now - before);
        before = now;
    }
    return frames;
}"""

# So many events a frame, each to another photo, as the feed would hand them on. The browser's clock
# is too coarse for one.
TELL = "async ([frames, burst]) => {" + FRAME + """
    const ids = Object.keys(window.revela.document.images);
    const { onMessage } = window.revela.feed.options;
    const times = [];
    for (let seq = 0; seq < frames * burst; ) {
        const start = performance.now();
        for (const end = seq + burst; seq < end; seq += 1) {
            const image = ids[(seq * 7) % ids.length];
            const patch = { images: { [image]: { name: `renamed-${seq}.png` } } };
            onMessage({ type: "change", event: { seq, type: "image.renamed", image, patch } });
        }
        times.push((performance.now() - start) / burst);
        await frame();
    }
    return times;
}"""

ALL_READY = """(count) => {
    const images = Object.values(window.revela.document.images);
    return images.length === count && images.every((image) => image.state === "ready");
}"""

IDLE = "async (count) => {" + FRAME + " for (let index = 0; index < count; index += 1) await frame(); }"


class Page:
    """An upload page of its own profile, and the processor time of its thread."""

    def __init__(self, chromium, url):
        self.context = chromium.new_context(viewport={"width": 1280, "height": 900})
        self.page = self.context.new_page()
        self.page.set_default_timeout(300_000)
        self.protocol = self.context.new_cdp_session(self.page)
        self.page.goto(url)
        self.page.wait_for_function("() => document.querySelector('main').dataset.fill !== 'unknown'")
        self.protocol.send("Performance.enable", {"timeDomain": "threadTicks"})

    def run(self, script, argument):
        return self.page.evaluate(script, argument)

    def metrics(self):
        told = self.protocol.send("Performance.getMetrics")["metrics"]
        return {one["name"]: one["value"] for one in told}

    def processor_ms(self, script, argument):
        """The script's result, and the thread's milliseconds while it ran."""
        before = self.metrics()["TaskDuration"]
        result = self.run(script, argument)
        return result, (self.metrics()["TaskDuration"] - before) * 1_000

    def heap(self):
        self.protocol.send("HeapProfiler.collectGarbage")
        return self.metrics()["JSHeapUsedSize"]

    def elements(self):
        return self.page.evaluate("document.querySelectorAll('*').length")

    def close(self):
        self.context.close()


def dropped(frames):
    """The share of frames that had no time to be drawn."""
    missed = sum(max(0, round(one / FRAME_MS) - 1) for one in frames)
    return missed / (missed + len(frames))


def sheet(report, chromium, server):
    """Drops all at once, and scrolls while they upload and develop; once more when all are ready."""
    first, taken, heaps, frames, busy, elements = [], [], [], [], [], []
    for round_ in range(ROUNDS):
        page = Page(chromium, server.url + "/?new")
        empty = page.heap()
        told = page.run(DROP, COUNT)
        first.append(told["firstCard"])
        taken.append(told["allTaken"])
        full = page.heap()
        seen, spent = page.processor_ms(SCROLL, STEPS)
        frames += seen
        busy.append(spent / STEPS)
        heaps.append((empty, full, page.heap()))
        elements.append(page.elements())
        if round_ == ROUNDS - 1:
            page.page.wait_for_function(ALL_READY, arg=COUNT)
            still = page.run(SCROLL, STEPS)
        page.close()
    empty, full, after = (median(one) for one in zip(*heaps))
    report.row("drop to the first card", f"{median(first):.0f} ms", goal="200 ms", detail=first)
    report.row("drop to all of them taken", f"{median(taken):.0f} ms", detail=taken)
    report.row("heap empty, with all, after scrolling",
               f"{mib(empty)}, {mib(full)}, {mib(after)}", goal="bounded", detail=heaps)
    report.row("elements in the document", f"{max(elements)}", goal="bounded")
    report.row("frame while scrolling: median, p95, longest",
               f"{median(frames):.1f}, {percentile(frames, 0.95):.1f}, {max(frames):.1f} ms",
               goal=f"{FRAME_MS:.1f} ms")
    report.row("frames dropped while scrolling", f"{100 * dropped(frames):.1f} %", goal="few")
    report.row("the same with all photos ready: median, p95, longest; dropped",
               f"{median(still):.1f}, {percentile(still, 0.95):.1f}, {max(still):.1f} ms; "
               f"{100 * dropped(still):.1f} %", goal="few")
    report.row("processor time of a frame while scrolling", f"{median(busy):.1f} ms",
               goal=f"well under {FRAME_MS:.1f} ms", detail=busy)


def drop(report, chromium, server):
    """What the server does from the drop of all to the first byte of a photo, and how soon it answers
    others meanwhile."""
    spent, waited, answers = [], [], {"before": [], "meanwhile": []}
    for _ in range(ROUNDS):
        page = Page(chromium, server.url + "/?new")
        first = []
        page.page.on("request", lambda request: first.append(
            (time.perf_counter(), measure.run_milliseconds(server.process.pid)))
            if request.method == "PATCH" else None)
        asker = asking(server)
        page.page.wait_for_timeout(2_000)
        answers["before"] += asker.finish()
        asker = asking(server)
        at, used = time.perf_counter(), measure.run_milliseconds(server.process.pid)
        page.run(DROP, COUNT)
        while not first:
            page.page.wait_for_timeout(1)
        answers["meanwhile"] += asker.finish()
        waited.append((first[0][0] - at) * 1_000)
        spent.append(first[0][1] - used)
        page.close()
    report.row("drop to the first byte", f"{median(waited):.0f} ms", detail=waited)
    report.row("the server's CPU till then, with what is asked beside it",
               f"{median(spent):.0f} ms", goal="200 ms", detail=spent)
    for when, times in answers.items():
        report.row(f"/healthz {when}: median, p99, longest",
                   f"{median(times):.1f}, {percentile(times, 0.99):.1f}, {max(times):.1f} ms",
                   goal="50 ms")


def asking(server):
    """Somebody who asks /healthz a hundred times a second."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)

    def ask():
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        answer.read()
        return answer.status

    asker = measure.Asker(ask, 0.01)
    asker.start()
    return asker


def batch_of(server, count):
    """Photos that were announced and have not yet come."""
    batch = server.new_batch()
    for index in range(count):
        name = base64.b64encode(f"IMG_{index}.png".encode()).decode()
        status, _, answer = server.request("POST", f"{batch.path}/images", headers={
            **batch.headers, "Tus-Resumable": "1.0.0", "Upload-Length": "1000",
            "Upload-Metadata": f"filename {name}"})
        assert status == 201, answer
    return batch


def event(report, chromium, server):
    """The same events to a sheet of few and of many photos."""
    script, drawing = {}, {}
    for count in [FEW, COUNT]:
        batch = batch_of(server, count)
        page = Page(chromium, f"{server.url}/batches/{batch.name}")
        page.page.wait_for_function("() => window.revela.state === 'live'")
        page.run(TELL, [FRAMES, BURST])  # compiled by now
        _, idle = page.processor_ms(IDLE, FRAMES)
        times, spent = page.processor_ms(TELL, [FRAMES, BURST])
        script[count] = median(times) * 1_000
        drawing[count] = max(0, spent - idle) / (FRAMES * BURST)
        page.close()
    report.row(f"one event, applied: with {FEW} photos, with {COUNT}",
               f"{script[FEW]:.0f}, {script[COUNT]:.0f} µs", goal="the same")
    report.row(f"one event of {BURST} a frame, drawn too: with {FEW} photos, with {COUNT}",
               f"{drawing[FEW]:.2f}, {drawing[COUNT]:.2f} ms", goal="no more with many")


def run(only=None):
    report = Report("page")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for part in [loading, drop, sheet, event, comparing]:
            if only in (None, part.__name__):
                with running(Revela(PORT)) as revela:
                    part(report, chromium, revela.server)
        chromium.close()
