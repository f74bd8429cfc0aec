"""A browser without JavaScript: a form uploads, and a page that refreshes itself shows the rest."""

import base64
import html
import re

from harness import until

HOSTILE = "<img src=x onerror=alert(1)>\"'&.jpg"


def send_form(server, files, headers=None):
    boundary = "revela-test"
    body = b""
    for name, data in files:
        quoted = name.replace('"', "%22").encode()
        body += (b"--%s\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"%s\"\r\n"
                 b"Content-Type: image/jpeg\r\n\r\n%s\r\n" % (boundary.encode(), quoted, data))
    body += b"--%s--\r\n" % boundary.encode()
    return server.request("POST", "/batches", body, {
        "Content-Type": f"multipart/form-data; boundary={boundary}", "Origin": server.url,
        **(headers or {})})


def test_a_form_leads_to_a_page_that_refreshes_itself_until_all_is_done(server, photos):
    status, headers, _ = send_form(server, [("a.jpg", photos[0].read_bytes()), ("b.jpg", b"no photo")])
    assert status == 303 and "revela_owner=" in headers["Set-Cookie"]
    with until("a settled page") as waiting:
        page = ""
        while waiting() and ("refused" not in page or ": ready" not in page):
            code, page_headers, body = server.request("GET", headers["Location"])
            page = body.decode()
            assert code == 200 and "script-src 'self'" in page_headers["Content-Security-Policy"]
    assert "http-equiv=\"refresh\"" not in page and "1 of 2 ready" in page
    picture = re.search(r'<img src="([^"]+)"', page).group(1)
    assert server.request("GET", picture)[0] == 200


def test_a_hostile_name_is_text_and_nothing_else(server, photos):
    _, headers, _ = send_form(server, [(HOSTILE, photos[0].read_bytes())])
    page = server.request("GET", headers["Location"])[2].decode()
    assert "onerror=alert(1)&gt;&quot;&#39;&amp;.jpg" in page
    assert "<img src=x" not in page


def test_the_page_speaks_portuguese_to_who_prefers_it(server, photos):
    _, headers, _ = send_form(server, [("a.jpg", photos[0].read_bytes())])
    _, _, body = server.request("GET", headers["Location"], headers={"Accept-Language": "fr, pt-BR;q=0.9, en;q=0.5"})
    assert '<html lang="pt-BR">' in body.decode() and "Suas fotos" in body.decode()


def test_a_large_batch_comes_in_pages_that_hold_each_photo_once(server):
    batch = server.new_batch()
    for number in range(230):
        name = base64.b64encode(f"photo-{number}.jpg".encode()).decode()
        status, _, _ = server.request("POST", f"{batch.path}/images", headers={
            **batch.headers, "Tus-Resumable": "1.0.0", "Upload-Length": "9",
            "Upload-Metadata": f"filename {name}"})
        assert status == 201
    seen, lengths, path = [], [], f"/batches/{batch.name}?plain"
    while path:
        status, _, body = server.request("GET", path)
        page = body.decode()
        assert status == 200 and "0 of 230 ready" in page
        found = re.findall(r"<strong>(photo-\d+\.jpg)</strong>", page)
        seen, lengths = seen + found, [*lengths, len(found)]
        link = re.search(r'href="([^"]+)" rel="next"', page)
        path = html.unescape(link.group(1)) if link else None
    assert seen == [f"photo-{number}.jpg" for number in range(230)] and lengths == [100, 100, 30]


def test_another_sites_form_is_refused(server, photos):
    status, _, _ = send_form(server, [("a.jpg", photos[0].read_bytes())], {"Origin": "https://evil.example"})
    assert status == 403
