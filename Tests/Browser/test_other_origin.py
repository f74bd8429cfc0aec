"""An app's page on an origin of its own, with a back end in two languages (examples/app)."""

import os
import pathlib
import socket
import subprocess
import sys

import pytest

import harness
from grants import Key

APP = pathlib.Path(harness.ROOT) / "examples" / "app"
BACK_ENDS = {"Python": [sys.executable, APP / "backend.py"], "Node": ["node", APP / "backend.mjs"]}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("language", BACK_ENDS)
def test_an_apps_page_follows_photos_to_ready_with_a_grant_of_its_back_end(chromium, server, photos, language):
    port = free_port()
    origin = f"http://localhost:{port}"
    key = Key(server, "--origin", origin)
    environment = {**os.environ, "REVELA_URL": server.url, "REVELA_KEY": key.id, "REVELA_SECRET": key.secret,
                   "PORT": str(port)}
    app = subprocess.Popen(BACK_ENDS[language], env=environment)
    try:
        with harness.until("the app's answer") as waiting:
            with socket.socket() as probe:
                while probe.connect_ex(("127.0.0.1", port)):
                    waiting()
        context = chromium.new_context()
        context.set_default_timeout(60_000)
        errors = []
        context.on("weberror", lambda error: errors.append(str(error.error)))
        page = context.new_page()
        page.goto(origin)
        page.set_input_files("input", [photos[0], photos[1]])
        page.locator("li", has_text=": ready").nth(1).wait_for()
        page.wait_for_function("() => [...document.images].every((image) => image.naturalWidth > 0)")
        # Another visit finds the same photos.
        page.reload()
        page.locator("li", has_text=": ready").nth(1).wait_for()
        assert errors == []
        context.close()
    finally:
        app.kill()
        app.wait()
