"""Measures the sheet with 2,000 photos, for the page's part of docs/benchmarks.md:
scripts/python Tests/Browser/trace_sheet.py [how many]"""

import json
import pathlib
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parents[1])]

from playwright.sync_api import sync_playwright

import harness
from darkroom import Darkroom

TRACE = """async (count) => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const seconds = (ms) => new Promise((done) => setTimeout(done, ms));
    const heap = () => Math.round(performance.memory.usedJSHeapSize / 1e5) / 10;
    const cards = () => document.querySelectorAll("photo-card").length;
    const blob = await (await fetch("/icons/192.png")).blob();
    const transfer = new DataTransfer();
    for (let index = 0; index < count; index += 1) {
        transfer.items.add(new File([blob, String(index)], `IMG_${index}.png`, { type: "image/png" }));
    }
    const told = { photos: count, heapBeforeMB: heap() };
    const start = performance.now();
    for (const type of ["dragenter", "dragover", "drop"]) {
        document.body.dispatchEvent(
            new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer }));
    }
    while (cards() === 0) await frame();
    told.firstCardMs = Math.round(performance.now() - start);
    while (window.revela.photos < count) await frame();
    told.allTakenInMs = Math.round(performance.now() - start);
    await seconds(3000);
    told.heapWithAllMB = heap();
    return told;
}"""

SCROLL = """async (steps) => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const told = {};
    const long = [];
    new PerformanceObserver((list) => long.push(...list.getEntries().map((one) => one.duration)))
        .observe({ entryTypes: ["longtask"] });
    const frames = [];
    let before = await frame();
    for (let step = 0; step < steps; step += 1) {
        scrollBy(0, 400);
        const now = await frame();
        frames.push(now - before);
        before = now;
    }
    frames.sort((a, b) => a - b);
    told.scrollFrameMs = { median: +frames[steps >> 1].toFixed(1), p95: +frames[Math.floor(steps * 0.95)].toFixed(1) };
    told.longTasksWhileScrolling = long.length;
    told.cards = document.querySelectorAll("photo-card").length;
    told.elements = document.querySelectorAll("*").length;
    told.heapAfterMB = Math.round(performance.memory.usedJSHeapSize / 1e5) / 10;
    return told;
}"""


STEPS = 180


def seconds_of(protocol):
    metrics = {one["name"]: one["value"] for one in protocol.send("Performance.getMetrics")["metrics"]}
    return {name: metrics[name] for name in ["TaskDuration", "ScriptDuration", "LayoutDuration",
                                             "RecalcStyleDuration"]}


def main(count):
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = harness.Server(pathlib.Path(folder) / "data").start()
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--enable-precise-memory-info"])
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        darkroom = Darkroom(context, server)
        darkroom.page.wait_for_selector("main[data-fill=none]")
        told = darkroom.page.evaluate(TRACE, count)
        protocol = context.new_cdp_session(darkroom.page)
        protocol.send("Performance.enable", {"timeDomain": "threadTicks"})
        before = seconds_of(protocol)
        told |= darkroom.page.evaluate(SCROLL, STEPS)
        # The page's own thread, in processor time: other work on the machine does not count.
        told["processorMsAFrame"] = {
            name: round(1_000 * (now - before[name]) / STEPS, 2)
            for name, now in seconds_of(protocol).items()}
        print(json.dumps(told, indent=2))
        browser.close()
        server.stop()


main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
