"""The main job without a browser: send by curl, follow by curl."""

import io
import json
import subprocess
import zipfile

from harness import assert_whole, folded

RENDITIONS = {"thumb": 320, "medium": 1280, "large": 2048}


def parse_stream(text):
    """Server-Sent Events as (event, id, data)."""
    messages = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "event" in fields:
            messages.append((fields["event"], fields.get("id"), json.loads(fields["data"])))
    return messages


def test_twelve_photos_by_curl_followed_by_curl_on_sse_and_by_polling(server, batch, photos):
    cursor = batch.server.json("GET", batch.path)[1]["cursor"]
    stream = subprocess.Popen(
        ["curl", "-sSN", "--max-time", "300", "-H", "Accept: text/event-stream",
         f"{server.url}{batch.path}/events?after={cursor}&until=settled"],
        stdout=subprocess.PIPE, text=True)
    answer = batch.curl(*photos)
    assert [image["name"] for image in answer["images"]] == [photo.name for photo in photos]

    images = batch.settle()
    assert {image["state"] for image in images.values()} == {"ready"}
    events = assert_whole(batch)

    # What curl saw on SSE is the log after the cursor, event by event.
    text, _ = stream.communicate(timeout=30)
    messages = parse_stream(text)
    assert messages[0][0] == "hello" and messages[-1] [0] == "end"
    changes = [data for kind, _, data in messages if kind == "change"]
    assert changes == [event for event in events if event["seq"] > int(cursor.split(".")[1])]

    assert sum(len(image["renditions"]) for image in images.values()) == 36
    for image in images.values():
        assert (image["width"], image["height"]) == (4032, 3024)
        for name, longer_side in RENDITIONS.items():
            rendition = image["renditions"][name]
            assert abs(rendition["width"] - longer_side) <= 0.06 * longer_side
            status, headers, body = server.request("GET", rendition["url"])
            assert status == 200 and headers["Content-Type"] == "image/webp"
            assert len(body) == rendition["bytes"] and body[8:12] == b"WEBP"
    assert server.staged_files() == []


def test_the_first_event_makes_the_document(batch):
    events = batch.events()
    assert [event["type"] for event in events] == ["batch.created"]
    assert folded(events) == batch.document()
    assert batch.document()["state"] == "open"


def test_the_original_is_for_its_owner_only_and_never_inline(server, batch, photos):
    status, image = batch.send(photos[0].read_bytes(), "Férias na praia.jpg")
    assert status == 201
    path = f"{batch.path}/images/{image['id']}/original"
    assert server.json("GET", path)[0] == 403
    status, headers, body = server.request("GET", path, headers=batch.headers)
    assert status == 200 and body == photos[0].read_bytes()
    assert headers["Content-Disposition"].startswith("attachment")
    assert "F%c3%a9rias%20na%20praia.jpg" in headers["Content-Disposition"].replace("%C3%A9", "%c3%a9")


def test_fifty_photos_at_once_end_once_each_in_bounded_memory(server, batch, photos):
    fifty = [photos[i % len(photos)] for i in range(50)]
    uploads = [
        subprocess.Popen(
            ["curl", "-sS", "--fail", "-o", "/dev/null", "-H", f"Authorization: Bearer {batch.token}",
             "-F", f"photo=@{photo}", f"{server.url}{batch.path}/images"])
        for photo in fifty
    ]
    peak = 0
    while any(upload.poll() is None for upload in uploads):
        peak = max(peak, server.resident_bytes())
    assert [upload.returncode for upload in uploads] == [0] * 50
    images = batch.settle(timeout=300)
    peak = max(peak, server.resident_bytes())
    assert len(images) == 50 and {image["state"] for image in images.values()} == {"ready"}
    assert_whole(batch)
    assert peak < 150 << 20, f"{peak >> 20} MiB"


def test_all_renditions_come_in_one_zip(server, batch, photos):
    batch.send(photos[0].read_bytes(), "same.jpg")
    batch.send(photos[1].read_bytes(), "same.jpg")
    images = sorted(batch.settle().values(), key=lambda image: image["position"])
    status, headers, body = server.request("GET", f"{batch.path}/archive.zip")
    assert status == 200 and headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    assert sizes == {
        f"{folder}/{name}.webp": rendition["bytes"]
        for folder, image in zip(["same", "same (2)"], images)
        for name, rendition in image["renditions"].items()
    }
    chosen = images[1]["renditions"]["thumb"]["url"].split("/")[5]
    _, _, body = server.request("GET", f"{batch.path}/archive.zip?images={chosen}")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == {"same"}
        assert archive.getinfo("same/thumb.webp").file_size == images[1]["renditions"]["thumb"]["bytes"]


def test_the_owner_gets_all_originals_in_one_zip_and_nobody_else_does(server, batch, photos):
    for photo in photos[:2]:
        batch.send(photo.read_bytes(), "Beach/same.jpg")
    batch.settle()
    path = f"{batch.path}/archive.zip?of=originals"
    status, problem = server.json("GET", path)
    assert (status, problem["code"]) == (403, "not-owner")
    _, _, body = server.request("GET", path, headers=batch.headers)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.namelist() == ["Beach/same.jpg", "Beach/same (2).jpg"]
        assert [archive.read(name) for name in archive.namelist()] == [
            photo.read_bytes() for photo in photos[:2]]


def test_what_is_saved_has_the_photo_s_own_name(server, batch, photos):
    batch.send(photos[0].read_bytes(), "Férias/praia 1.jpg")
    [image] = batch.settle().values()
    url = image["renditions"]["thumb"]["url"]
    assert server.request("GET", url)[1]["Content-Disposition"] == (
        "inline; filename=\"praia 1-thumb.webp\"; filename*=UTF-8''praia%201-thumb.webp")
    original = url.split("/renditions/")[0] + "/original"
    assert server.request("GET", original, headers=batch.headers)[1]["Content-Disposition"] == (
        "attachment; filename=\"praia 1.jpg\"; filename*=UTF-8''praia%201.jpg")


def test_a_batch_has_the_name_that_its_owner_gives_it(server, batch):
    def rename(value, headers=batch.headers):
        return server.json("PATCH", batch.path, json.dumps(value), headers)

    assert rename({"name": "x"}, {})[1]["code"] == "not-owner"
    status, answer = rename({"name": "  Praia \u202e\u0000do Forte "})
    assert status == 200 and answer["document"]["name"] == "Praia do Forte" and answer["owner"]
    assert "filename=\"Praia do Forte.zip\"" in server.request(
        "GET", f"{batch.path}/archive.zip")[1]["Content-Disposition"]
    [listed] = [one for one in server.json("GET", "/api/batches", headers=batch.headers)[1]["batches"]
                if one["id"] == batch.name]
    assert listed["name"] == "Praia do Forte"
    status, problem = rename({"name": "x" * 201})
    assert (status, problem["code"], problem["limit"], problem["actual"]) == (400, "bad-request", 200, 201)
    for wrong in [{}, {"name": 1}, {"name": "a", "recipe": "web"}, [], "x", None]:
        status, problem = rename(wrong)
        assert (status, problem["code"]) == (400, "bad-request"), wrong
    assert "name" not in rename({"name": None})[1]["document"]
    assert rename({"name": "   "})[0] == 200
    assert_whole(batch)
    assert [event["type"] for event in batch.events()] == ["batch.created", "batch.renamed", "batch.renamed"]
