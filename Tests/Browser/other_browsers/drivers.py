"""Firefox and WebKitGTK, each by its own remote control, spoken here in a few lines: Firefox's
Marionette over a socket, WebKit's WebDriver over HTTP. Both can go to a page and run a script."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request

MINIBROWSER = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def patiently(attempt, seconds=40):
    """Tries again while it is refused: a browser takes its time to start."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return attempt()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


class Firefox:
    """`[0, id, command, parameters]` out, `[1, id, error, result]` back, each after its length."""

    def __init__(self, folder):
        port = free_port()
        folder.mkdir()
        (folder / "user.js").write_text(
            f'user_pref("marionette.port", {port});\n'
            'user_pref("intl.locale.requested", "en-US");\n'
            'user_pref("intl.accept_languages", "en-GB, en");\n'
            'user_pref("datareporting.policy.dataSubmissionEnabled", false);\n')
        self.process = subprocess.Popen(
            ["firefox-esr", "--headless", "--no-remote", "--marionette", "--profile", folder],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.socket = patiently(lambda: socket.create_connection(("127.0.0.1", port), timeout=60))
        self.stream = self.socket.makefile("rb")
        self._message()  # it introduces itself
        self.last = 0
        self._command("WebDriver:NewSession", {})
        self._command("WebDriver:SetTimeouts", {"script": 90_000})

    def _message(self):
        length = b""
        while (digit := self.stream.read(1)) != b":":
            length += digit
        return json.loads(self.stream.read(int(length)))

    def _command(self, name, parameters):
        self.last += 1
        text = json.dumps([0, self.last, name, parameters]).encode()
        self.socket.sendall(b"%d:%s" % (len(text), text))
        _, _, error, result = self._message()
        assert error is None, error
        return result

    def go(self, url):
        self._command("WebDriver:Navigate", {"url": url})

    def run(self, script, *arguments):
        """The body of an async function, and what it returns."""
        return self._command("WebDriver:ExecuteAsyncScript", asynchronous(script, arguments))["value"]

    def renew(self):
        """Closes the tab and opens another."""
        tab = self._command("WebDriver:NewWindow", {"type": "tab"})["handle"]
        self._command("WebDriver:CloseWindow", {})
        self._command("WebDriver:SwitchToWindow", {"handle": tab})

    def close(self):
        with contextlib.suppress(AssertionError, OSError, ValueError):
            self._command("Marionette:Quit", {"flags": ["eForceQuit"]})
        self.socket.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self.process.kill()
        self.process.wait()


class WebKit:
    """The WebDriver of WebKitGTK, with its MiniBrowser on a screen that nobody sees."""

    def __init__(self, folder):
        folder.mkdir()
        display = f":{free_port() % 20_000 + 200}"
        self.screen = subprocess.Popen(
            ["Xvfb", display, "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            ["WebKitWebDriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "DISPLAY": display, "HOME": str(folder), "LANG": "C.UTF-8",
                 "XDG_RUNTIME_DIR": str(folder), "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
                 "WEBKIT_DISABLE_DMABUF_RENDERER": "1", "LIBGL_ALWAYS_SOFTWARE": "1"})
        options = {"binary": MINIBROWSER, "args": ["--automation"]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        session = patiently(lambda: self._post("/session", {"capabilities": wanted}))
        self.path = f"/session/{session['sessionId']}"
        self._post(f"{self.path}/timeouts", {"script": 90_000})

    def _post(self, path, body, method="POST"):
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=100) as answer:
                return json.loads(answer.read())["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode(errors="replace")) from error

    def go(self, url):
        self._post(f"{self.path}/url", {"url": url})

    def run(self, script, *arguments):
        return self._post(f"{self.path}/execute/async", asynchronous(script, arguments))

    def renew(self):
        """Closes the tab and opens another."""
        tab = self._post(f"{self.path}/window/new", {"type": "tab"})["handle"]
        self._post(f"{self.path}/window", {}, "DELETE")
        self._post(f"{self.path}/window", {"handle": tab})

    def close(self):
        with contextlib.suppress(AssertionError, OSError):
            self._post(self.path, {}, "DELETE")
        for process in [self.process, self.screen]:
            process.terminate()
            process.wait(10)


def asynchronous(script, arguments):
    body = ("const done = arguments[arguments.length - 1];"
            f"(async (...given) => {{ {script} }})(...arguments).then((value) => done({{ value }}),"
            " (error) => done({ error: String(error) }));")
    return {"script": body, "args": list(arguments)}


def missing(name):
    programs = {"Firefox": ["firefox-esr"], "WebKit": ["WebKitWebDriver", "Xvfb", MINIBROWSER]}[name]
    return [program for program in programs if not shutil.which(program)]
