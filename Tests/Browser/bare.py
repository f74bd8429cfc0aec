"""A Chromium that is driven by its own protocol alone. Playwright pretends that each of its pages
is looked at, and such a page cannot be frozen."""

import contextlib
import itertools
import json
import subprocess
import time
import urllib.request

from websockets.sync.client import connect

FLAGS = ["--headless=new", "--no-sandbox", "--no-first-run", "--remote-debugging-port=0"]


class Tab:
    def __init__(self, browser, url):
        request = urllib.request.Request(f"{browser.url}/json/new?about:blank", method="PUT")
        described = json.load(urllib.request.urlopen(request))
        self.socket = connect(
            described["webSocketDebuggerUrl"], proxy=None, max_size=None, legacy=True)
        self.numbers = itertools.count(1)
        self.browser = browser
        self.call("Network.enable")
        self.call("Page.enable")
        self.call("Page.addScriptToEvaluateOnNewDocument", source=(
            "window.lifecycle = []; for (const type of ['freeze', 'resume'])"
            " document.addEventListener(type, () => window.lifecycle.push(type));"
            + ";".join(browser.scripts)))
        self.call("Page.navigate", url=url)

    def call(self, method, **parameters):
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.socket.recv(timeout=30))
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]

    def be_offline(self, offline):
        self.call("Network.emulateNetworkConditions", latency=0, downloadThroughput=-1,
                  uploadThroughput=-1, offline=offline)


    def get(self, expression):
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait(self, condition, timeout=60):
        """Waits for a condition that may not even make sense yet."""
        deadline = time.monotonic() + timeout
        safely = f"(() => {{ try {{ return !!({condition}); }} catch {{ return false; }} }})()"
        while not self.get(safely):
            assert time.monotonic() < deadline, f"{condition} did not come: {self.describe()}"
            time.sleep(0.05)

    def describe(self):
        return self.get("JSON.stringify({ text: document.body.innerText.slice(0, 300),"
                        " events: window.revela?.events.length, lifecycle: window.lifecycle })")

    @contextlib.contextmanager
    def frozen(self):
        """As a browser does to a tab that nobody looks at: no timer runs, no message arrives."""
        self.call("Page.setWebLifecycleState", state="frozen")
        self.wait("window.lifecycle.at(-1) === 'freeze'")
        yield
        self.call("Page.setWebLifecycleState", state="active")
        self.wait("window.lifecycle.at(-1) === 'resume'")

    @contextlib.contextmanager
    def offline(self):
        self.be_offline(True)
        self.wait("!navigator.onLine")
        yield
        self.be_offline(False)

    def look(self):
        """The others of the window are hidden then."""
        self.call("Page.bringToFront")
        self.wait("!document.hidden")

    def close(self):
        self.call("Page.close")
        self.socket.close()


class Browser:
    def __init__(self, folder):
        folder.mkdir()
        self.process = subprocess.Popen(
            ["/usr/bin/chromium", *FLAGS, f"--user-data-dir={folder}", "about:blank"],
            stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        port = folder / "DevToolsActivePort"
        deadline = time.monotonic() + 60
        while not (port.exists() and port.read_text().count("\n")):
            assert self.process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        self.url = f"http://127.0.0.1:{port.read_text().splitlines()[0]}"
        self.scripts = []  # run in each page before its own

    def open(self, url):
        return Tab(self, url)

    def close(self):
        self.process.terminate()
        self.process.wait(20)
