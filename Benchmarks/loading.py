"""The first seconds of the page on a slow network, in Chromium: when its words are seen, when its
modules run, and what a reload costs. The round trip is the browser's own doing, added to each request;
the connections themselves cost none."""

import os

from measure import median

ROUNDS = int(os.environ.get("REVELA_BENCH_PAGE_ROUNDS", "3"))
ROUND_TRIP_MS = 300
SLOW = 50 << 10  # bytes a second

NOTE_PAINT = """
new PerformanceObserver((list) => {
    for (const { name, startTime } of list.getEntries()) {
        if (name === "first-contentful-paint") window.painted = startTime;
    }
}).observe({ type: "paint", buffered: true });
"""

# The moment the page's controls react, however busy the browser's driver is.
NOTE_READY = """
const look = () => {
    if (performance.getEntriesByName("controls").length > 0 || document.querySelector(".transport")) window.ready = performance.now();
    else setTimeout(look, 5);
};
look();
"""

FIGURES = """() => {
    const files = performance.getEntriesByType("resource");
    const [page] = performance.getEntriesByType("navigation");
    return {
        painted: window.painted,
        ready: window.ready,
        requests: [page, ...files].filter(({ transferSize }) => transferSize > 0).length,
        bytes: [page, ...files].reduce((sum, { transferSize }) => sum + transferSize, 0),
    };
}"""


class Visit:
    """A new visitor's page over a slow network."""

    def __init__(self, chromium, rate):
        self.context = chromium.new_context(viewport={"width": 1280, "height": 900})
        self.context.add_init_script(NOTE_PAINT + NOTE_READY)
        self.page = self.context.new_page()
        self.page.set_default_timeout(120_000)
        protocol = self.context.new_cdp_session(self.page)
        protocol.send("Network.enable")
        protocol.send("Network.emulateNetworkConditions", {
            "offline": False, "latency": ROUND_TRIP_MS,
            "downloadThroughput": rate or -1, "uploadThroughput": rate or -1})

    def figures(self, go):
        go()
        self.page.wait_for_function("() => window.ready && window.painted")
        # What is fetched ahead comes after that.
        self.page.wait_for_function(
            "() => { const n = performance.getEntriesByType('resource').length;"
            " const same = window.before === n; window.before = n; return same; }", polling=2_000)
        return self.page.evaluate(FIGURES)

    def close(self):
        self.context.close()


def row(report, what, rounds):
    painted, ready, requests, size = (
        median([one[name] for one in rounds]) for name in ["painted", "ready", "requests", "bytes"])
    report.row(what, f"{painted:.0f} ms, {ready:.0f} ms; {requests:.0f} requests, {size / 1024:.0f} KiB",
               detail=rounds)


def loading(report, chromium, server):
    """A first visit and a reload: first words, modules running; requests and bytes in all."""
    for path, page in [("/?new", "upload page"), ("/settings.html", "settings")]:
        for rate, network in [(None, "300 ms"), (SLOW, "300 ms and 50 KiB/s")]:
            first, again = [], []
            for _ in range(ROUNDS):
                visit = Visit(chromium, rate)
                first.append(visit.figures(
                    lambda: visit.page.goto(server.url + path, wait_until="commit")))
                again.append(visit.figures(lambda: visit.page.reload(wait_until="commit")))
                visit.close()
            row(report, f"{page}, {network}, first visit: words, modules", first)
            row(report, f"{page}, {network}, reload: words, modules", again)
