"""The route report of the comparing page: behind each proxy its verdict is the right one."""

import re

import pytest

import proxies
from darkroom import Darkroom
from slow import SLOW

# Deaf to the server's wish that streams be not held back.
BUFFERING_NGINX = """server { listen 80; client_max_body_size 3m; location / {
  proxy_set_header Host $http_host; proxy_pass http://127.0.0.1:8080;
  proxy_ignore_headers X-Accel-Buffering; proxy_read_timeout 8s; } }"""
# And one that compresses whatever comes, when it has enough of it.
COMPRESSING_NGINX = """server { listen 80; client_max_body_size 3m; location / {
  proxy_set_header Host $http_host; proxy_pass http://127.0.0.1:8080; proxy_http_version 1.1;
  proxy_ignore_headers X-Accel-Buffering; proxy_read_timeout 8s;
  gzip on; gzip_proxied any; gzip_min_length 1; gzip_types text/event-stream application/json; } }"""
# HAProxy as somebody sets it up who has never heard of WebSockets.
REFUSING_HAPROXY = """    http-request deny deny_status 403 if { hdr(upgrade) -i websocket }
"""


def buffering_nginx(folder, port, server_port, timeout):
    return proxies.nginx(folder, port, server_port, timeout, BUFFERING_NGINX)


def compressing_nginx(folder, port, server_port, timeout):
    return proxies.nginx(folder, port, server_port, timeout, COMPRESSING_NGINX)


def host_nginx(folder, port, server_port, timeout):
    """As it comes, but for the one line without which no photo can be sent."""
    bare = proxies.BARE_NGINX.replace("proxy_pass", "proxy_set_header Host $http_host; proxy_pass")
    return proxies.nginx(folder, port, server_port, timeout, bare)


def refusing_haproxy(folder, port, server_port, timeout):
    command = proxies.haproxy(folder, port, server_port, timeout)
    place = folder / "haproxy.cfg"
    lines = place.read_text().splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if re.match(r"\s+bind ", line))
    place.write_text("".join(lines[:at + 1]) + REFUSING_HAPROXY + "".join(lines[at + 1:]))
    return command


# Cut after a minute, as they come: nobody waits for that here.
QUIET = [proxies.bare_nginx, host_nginx]


def report(chromium, server, port, silence=None):
    """What the page says; silence is waited for until it is cut, or for so many seconds."""
    context = chromium.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(120_000)
    darkroom = Darkroom(context, server, f"http://127.0.0.1:{port}")
    page = darkroom.open("/lab.html")
    page.click("#examine")
    if silence:
        page.wait_for_function(
            f"() => /Waiting in silence: {silence}/.test(document.querySelector('#route-state').innerText)")
        page.click("#enough")
    page.wait_for_selector("#route-result:not([hidden])", timeout=180_000)
    lines = page.locator("#route-lines li").all_inner_texts()
    text = page.input_value("#report")
    assert all(f"- {line}" in text for line in lines) and "Mozilla" in text
    told = page.inner_text("#route-verdict"), [line.replace("\xa0", " ") for line in lines]
    page.click("#copy-report")
    page.get_by_role("button", name="Copied").wait_for()
    assert darkroom.get("fetch('/api/batches').then((a) => a.json())")["batches"] == []
    context.close()
    return told


@SLOW
@pytest.mark.parametrize("make, verdict, wanted", [
    # As installed it hands on an address of its own: every change is one from a foreign page then.
    (proxies.bare_nginx, "Photos cannot be sent this way", ["The server takes this page for a foreign one"]),
    (host_nginx, "Take Server-Sent Events here", [
        "Server-Sent Events arrive unbuffered", "A WebSocket is refused", "Bodies of 1 MiB pass; one of 2 MiB did not: 413"]),
    (buffering_nginx, "Take long polling or adaptive polling here", [
        "Server-Sent Events open and stay mute", "A WebSocket is refused",
        r"Bodies of 2 MiB pass; one of 4 MiB did not: 413", r"is cut after [89] s"]),
    (compressing_nginx, "Take long polling or adaptive polling here", [
        "Server-Sent Events open and stay mute", "Something compresses the answers"]),
    (proxies.haproxy, "Everything passes", [
        "Server-Sent Events arrive unbuffered", "A WebSocket opens: updates came", r"Bodies of [\d.]+ MiB pass; larger ones were not tried",
        r"is cut after \d+ s"]),
    (proxies.caddy, "Everything passes", [
        "Server-Sent Events arrive unbuffered", "A WebSocket opens: updates came", r"Bodies of [\d.]+ MiB pass; larger ones were not tried",
        r"is cut after \d+ s"]),
    (refusing_haproxy, "Take Server-Sent Events here", [
        "Server-Sent Events arrive unbuffered", "A WebSocket is refused"])])
def test_each_way_is_judged_rightly(chromium, server, tmp_path, make, verdict, wanted):
    with proxies.running(make, tmp_path / "proxy", server.port, 20) as port:
        told, lines = report(chromium, server, port, silence=2 if make in QUIET else None)
    assert re.match(verdict, told), (told, lines)
    for line in wanted:
        assert any(re.search(line, one) for one in lines), (line, lines)


def test_without_a_proxy_everything_passes_and_one_may_stop_waiting(chromium, server):
    told, lines = report(chromium, server, server.port, silence=2)
    assert told == "Everything passes: any transport works here."
    assert "HTTP/1.1: all tabs together have six connections to this server." in lines
    assert any(re.search(r"lived for \d+ s; then the waiting was stopped", line) for line in lines)
    assert "Nothing compresses the answers." in lines


def test_a_route_that_ends_in_nothing_is_a_sentence(chromium, server):
    context = chromium.new_context(locale="en-GB")
    page = Darkroom(context, server).open("/lab.html")
    server.kill()
    page.click("#examine")
    page.wait_for_selector("#examine:not([hidden])")
    assert "The server cannot be reached" in page.inner_text("#route-state")
    context.close()
