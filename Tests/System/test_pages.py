"""The pages' own files: kept by browsers for good under the version's name, never mixed with
those of another version, and sent compressed to who takes it."""

import gzip
import re
import shutil

import pytest

from harness import ROOT, Server

FILE = re.compile(r'"(/assets/[0-9a-f]{24}/[^"]+\.(?:js|css))"')


def files_of(server, page="/"):
    return FILE.findall(server.request("GET", page)[2].decode())


@pytest.mark.parametrize("page", ["/", "/?new", "/settings.html", "/batches/b_whatever"])
def test_a_page_is_asked_for_again_and_all_it_names_is_not(server, page):
    status, headers, body = server.request("GET", page)
    assert (status, headers["Cache-Control"]) == (200, "no-cache")
    assert not re.search(rb'"/(js|css|i18n)/', body)
    assert server.request("GET", page, headers={"If-None-Match": headers["ETag"]})[0] == 304
    files = files_of(server, page)
    assert len(files) > 30 and len({path.split("/")[2] for path in files}) == 1
    for path in files:
        status, headers, _ = server.request("GET", path)
        assert (status, headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable"), path


def test_what_is_kept_says_its_length_before_how_long_it_is_kept(server, batch, photos):
    """Some browsers take what came of a head that was cut for all of it: without its length an empty
    file would be kept for good."""
    batch.send(photos[0].read_bytes())
    batch.settle()
    [image] = batch.images().values()
    for path in [*files_of(server)[:3], "/", image["renditions"]["thumb"]["url"]]:
        for said in [{}, {"Accept-Encoding": "gzip"}, {"Range": "bytes=0-9"}]:
            names = [name.lower() for name in server.request("GET", path, headers=said)[1].keys()]
            assert names.index("content-length") < names.index("cache-control"), (path, said, names)


def test_files_are_what_lies_in_the_folder_with_gzip_and_without(server):
    for path in files_of(server):
        wanted = (ROOT / "Public" / path.split("/", 3)[3]).read_bytes()
        _, plain, body = server.request("GET", path)
        assert body == wanted and plain["Content-Encoding"] is None
        _, packed, body = server.request("GET", path, headers={"Accept-Encoding": "br, gzip"})
        if packed["Content-Encoding"] == "gzip":
            assert gzip.decompress(body) == wanted and packed["ETag"] != plain["ETag"]
            assert packed["Vary"] == plain["Vary"] == "Accept-Encoding"
            assert int(packed["Content-Length"]) == len(body) < len(wanted)


def test_a_part_is_one_of_the_plain_file(server):
    path = files_of(server)[0]
    whole = server.request("GET", path)[2]
    status, headers, body = server.request(
        "GET", path, headers={"Accept-Encoding": "gzip", "Range": "bytes=5-9"})
    assert (status, body, headers["Content-Encoding"]) == (206, whole[5:10], None)


def test_after_an_upgrade_the_old_names_lead_nowhere_rather_than_to_new_files(tmp_path):
    pages = tmp_path / "pages"
    shutil.copytree(ROOT / "Public", pages)
    server = Server(tmp_path / "data", "--pages", pages).start()
    try:
        old = files_of(server)
        server.stop()
        server.start()
        assert files_of(server) == old, "a restart is no upgrade"
        assert server.request("GET", old[0])[0] == 200
        server.stop()
        with open(pages / "js" / "tus.js", "a") as module:
            module.write("// A newer version.\n")
        server.start()
        for path in old:
            status, headers, _ = server.request("GET", path)
            assert (status, headers["Cache-Control"]) == (404, "no-store"), path
        new = files_of(server)
        assert not set(new) & set(old)
        assert all(server.request("GET", path)[0] == 200 for path in new)
    finally:
        server.stop()


@pytest.mark.parametrize("path", ["", "/", "/js/pages/upload.js", "/../js/pages/upload.js", "/index.html", "/.git"])
def test_a_version_holds_scripts_and_styles_and_nothing_else(server, path):
    version = files_of(server)[0].split("/")[2]
    status = server.request("GET", f"/assets/{version}{path}")[0]
    assert status == (200 if path == "/js/pages/upload.js" else 404)


def test_an_address_that_does_not_exist_is_a_page_for_people_and_a_problem_for_programs(server):
    for path in ["/nothing", "/nothing.html", "/js/none.js", "/../x"]:
        status, headers, body = server.request("GET", path, headers={"Accept": "text/html,*/*;q=0.8"})
        assert (status, headers["Content-Type"]) == (404, "text/html; charset=utf-8"), path
        assert b"Go to the photos" in body and headers["Cache-Control"] == "no-store"
        status, problem = server.json("GET", path)
        assert (status, problem["code"]) == (404, "not-found"), path
    status, problem = server.json("GET", "/api/nothing", headers={"Accept": "text/html"})
    assert (status, problem["code"]) == (404, "not-found")
