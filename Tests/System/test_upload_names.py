"""A photo's name keeps the folders it lay in, by whichever way it came, and leads nowhere else."""

import base64
import io
import pathlib
import urllib.parse
import zipfile

import pytest


def by_form(batch, data, name):
    boundary = "f0lder"
    quoted = name.replace('"', "%22").replace("\\", "\\\\")
    body = (f'--{boundary}\r\nContent-Disposition: form-data; name="p"; filename="{quoted}"\r\n\r\n'
            .encode() + data + f"\r\n--{boundary}--\r\n".encode())
    return batch.server.request("POST", f"{batch.path}/images", body, {
        **batch.headers, "Content-Type": f"multipart/form-data; boundary={boundary}"})


def by_raw_body(batch, data, name):
    return batch.send(data, name)


def by_tus(batch, data, name):
    return batch.server.request("POST", f"{batch.path}/images", data, {
        **batch.headers, "Tus-Resumable": "1.0.0", "Upload-Length": str(len(data)),
        "Content-Type": "application/offset+octet-stream",
        "Upload-Metadata": "filename " + base64.b64encode(name.encode()).decode()})


def by_draft(batch, data, name):
    return batch.server.request("POST", f"{batch.path}/images", data, {
        **batch.headers, "Upload-Complete": "?1", "Content-Type": "image/jpeg",
        "Content-Disposition": f"inline; filename*=UTF-8''{urllib.parse.quote(name, safe='')}"})


NAMES = {
    "Holiday/Beach/IMG_1.jpg": "Holiday/Beach/IMG_1.jpg",
    "Férias\\Praia/☀.jpg": "Férias/Praia/☀.jpg",
    "../../etc/passwd.jpg": "passwd.jpg",
    "/etc/cron.d/a.jpg": "a.jpg",
    "C:\\Windows\\a.jpg": "a.jpg",
    "a/./.ssh//b\x07.jpg": "a/ssh/b.jpg",
}


@pytest.mark.parametrize("send", [by_form, by_raw_body, by_tus, by_draft])
def test_names_keep_their_folders_and_the_zip_unpacks_below_its_own(
        batch, photos, tmp_path, send):
    small = min(photos, key=lambda photo: photo.stat().st_size).read_bytes()
    for name in NAMES:
        assert send(batch, small, name)[0] in (200, 201)
    images = batch.settle()
    assert sorted(image["name"] for image in images.values()) == sorted(NAMES.values())
    assert {image["state"] for image in images.values()} == {"ready"}

    beach = next(id for id, image in images.items() if image["name"].startswith("Holiday/"))
    _, headers, _ = batch.server.request(
        "GET", f"{batch.path}/images/{beach}/original", headers=batch.headers)
    assert 'filename="IMG_1.jpg"' in headers["Content-Disposition"]

    _, _, body = batch.server.request("GET", f"{batch.path}/archive.zip")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        names = archive.namelist()
    folders = {str(pathlib.PurePosixPath(name).parent) for name in names}
    assert folders == {"Holiday/Beach/IMG_1", "Férias/Praia/☀", "passwd", "a", "a (2)", "a/ssh/b"}
    for name in names:
        path = pathlib.PureWindowsPath(name)
        assert not path.is_absolute() and not path.drive and ".." not in path.parts, name
