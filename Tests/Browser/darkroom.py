"""The upload page as a person uses it, and what can be seen of it from outside."""

import json

import harness

DROP = """(target, id) => {
  const files = document.getElementById(id).files;
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  for (const type of ["dragenter", "dragover", "drop"]) {
    target.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer }));
  }
  document.getElementById(id).remove();
}"""

# Notes every value that a card shows before it is ready, as a person could have seen it.
WATCH = """
window.seen = {};
new MutationObserver(() => {
  for (const card of document.querySelectorAll("photo-card[data-image^='i_']")) {
    const seen = (window.seen[card.dataset.image] ??= { received: [], processing: [], states: [] });
    const note = (list, value) => { if (list.at(-1) !== value) list.push(value); };
    note(seen.states, card.dataset.state);
    if (card.dataset.state === "ready") continue;
    note(seen.received, Number(card.dataset.received));
    note(seen.processing, Number(card.dataset.processing));
  }
}).observe(document, { subtree: true, childList: true, attributes: true,
  attributeFilter: ["data-state", "data-received", "data-processing", "data-image"] });
"""

# A browser that keeps names and no copies of files, as one without room does.
NO_ROOM = """
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (value, ...rest) {
        if (value.file) throw new DOMException("full", "QuotaExceededError");
        return put.call(this, value, ...rest);
    };
"""


def seen(page, look, what):
    """What `look` finds outside the page, which goes on meanwhile, once it finds anything."""
    with harness.until(what, timeout=100, pause=0) as waiting:
        while not (found := look()) and waiting():
            page.wait_for_timeout(20)
    return found


class Darkroom:
    def __init__(self, context, server, url=None):
        self.context = context
        self.server = server
        self.url = url or server.url
        self.console = []
        self.events_requests = []  # (transport) of every request that asked for events
        self.frames_sent = []
        context.on("console", lambda message: self.console.append(f"{message.type}: {message.text}"))
        context.on("weberror", lambda error: self.console.append(f"error: {error.error}"))
        context.on("request", self._note)
        self.page = self.open("/")

    def open(self, path):
        page = self.context.new_page()
        page.add_init_script(WATCH)
        page.on("websocket", self._note_socket)
        page.goto(self.url + path)
        return page

    def _note(self, request):
        if not request.url.split("?")[0].endswith("/events"):
            return
        accept = request.headers.get("accept", "")
        self.events_requests.append("sse" if "event-stream" in accept else "polling")

    def _note_socket(self, socket):
        self.events_requests.append("websocket")
        socket.on("framesent", lambda payload: self.frames_sent.append(payload))

    def keep_no_copies(self):
        self.context.add_init_script(NO_ROOM)
        self.page.reload()
        self.page.wait_for_selector("main[data-fill=none]")

    # What a person does

    def reload_in_the_middle(self, proxy):
        """What the system has taken of the page's requests would still arrive, without the page."""
        self.page.reload()
        proxy.cut()

    def drop(self, files, target="body"):
        """Drops files anywhere in the window."""
        self.page.evaluate(
            "() => { const i = document.createElement('input'); i.type = 'file'; i.multiple = true;"
            " i.id = 'dropped'; document.body.append(i); }")
        self.page.set_input_files("#dropped", files)
        self.page.eval_on_selector(target, DROP, "dropped")

    def drag(self, *paths, before_drop=None):
        """Files and folders from the desktop: unlike a scripted drop, these have entries and
        handles, as a person's do. `before_drop` is run in the page just before they are let go."""
        session = self.context.new_cdp_session(self.page)
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        for kind in ["dragEnter", "dragOver", "drop"]:
            if kind == "drop" and before_drop:
                self.page.evaluate(before_drop)
            session.send(
                "Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 300, "data": data})

    def choose(self, transport, interval=None):
        """On the settings page, in a tab of its own."""
        settings = self.open("/settings.html")
        settings.check(f"input[name=transport][value={transport}]")
        if interval:
            settings.fill("input[name=intervalSeconds]", str(interval))
            settings.keyboard.press("Tab")
        self.until_followed(settings)
        settings.close()

    def pick(self, transport):
        """In place, on the page itself."""
        if transport in ("adaptive", "long") and not self.page.locator(".rare").first.is_visible():
            self.page.get_by_role("button", name="more").click()
        self.page.locator(f".ways label:has([value={transport}])").click()

    def until_followed(self, settings):
        """Until the upload page has heard of what was chosen on the settings page."""
        chosen = settings.evaluate("localStorage['revela.settings']")
        self.wait(f"() => JSON.stringify(window.revela?.settings) === {json.dumps(chosen)}")

    def choose_recipe(self, name):
        """On the settings page, too."""
        settings = self.open("/settings.html")
        settings.wait_for_selector(f"select[name=recipe] option[value={name}]", state="attached")
        settings.select_option("[name=recipe]", name)
        self.until_followed(settings)
        settings.close()

    def throttle(self, bytes_per_second):
        """Slows the network of the upload page; None lifts it."""
        rate = bytes_per_second or -1
        session = self.context.new_cdp_session(self.page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", {
            "offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": rate})
        return session

    # What can be seen

    def get(self, expression):
        return self.page.evaluate(expression)

    def wait(self, condition, timeout=120_000):
        self.page.wait_for_function(condition, timeout=timeout)

    def wait_settled(self, count, timeout=180_000):
        self.wait(
            f"() => window.revela.document?.state === 'settled'"
            f" && Object.keys(window.revela.document.images).length === {count}", timeout)
        # What is near the window has been drawn two frames later.
        self.get("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))")

    def batch(self):
        return harness.Batch(self.server, self.get("window.revela.batch"), token=None)

    def card(self, name):
        """By its own name: it may mention another photo's."""
        return self.page.locator("photo-card", has=self.page.locator(".name", has_text=name))

    def assert_saw_the_whole_log(self, from_start=True):
        """The page applied each event once, in order. The first, which made the batch, it has from
        the answer that created it; where not even that came through, it began with a later document."""
        log = [(e["seq"], e["type"], e.get("image")) for e in self.batch().events()]
        seen = [(e["seq"], e["type"], e.get("image")) for e in self.get("window.revela.events")]
        assert seen == (log[1:] if from_start else log[len(log) - len(seen):])
        self.wait("() => document.querySelector('proof-line').dataset.lost !== undefined")
        proof = self.page.locator("proof-line")
        assert proof.get_attribute("data-lost") == "0"
        assert proof.get_attribute("data-repeated") == "0"
        assert self.get("window.revela.document") == self.batch().document()
