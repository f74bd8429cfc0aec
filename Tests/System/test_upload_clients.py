"""Uploads by a client we did not write, which is given one URL."""

import harness
from evidence import assert_all_developed
from tusclient.client import TusClient
from tusclient.fingerprint.fingerprint import Fingerprint
from tusclient.storage.filestorage import FileStorage

from tus import VERSION, image_of, ask


def of_upload(server, url):
    """The batch that /files made for whoever came, and the image, from the links of the upload."""
    answer = ask(server.port, "HEAD", url.removeprefix(server.url), VERSION)
    name = answer.headers["Link"].split("/api/batches/")[1].split("/")[0]
    return harness.Batch(server, name, None), image_of(answer)


def test_tuspy_uploads_through_files(server, photos):
    uploader = TusClient(f"{server.url}/files").uploader(
        str(photos[0]), chunk_size=300_000, metadata={"filename": "tus.jpg"})
    uploader.upload()
    batch, image = of_upload(server, uploader.url)
    images = assert_all_developed(batch, {image: photos[0].read_bytes()})
    assert images[image]["name"] == "tus.jpg"


def test_tuspy_resumes_by_its_own_memory_after_a_restart(server, photos, tmp_path):
    size = photos[1].stat().st_size

    def uploader():
        return TusClient(f"{server.url}/files").uploader(
            str(photos[1]), chunk_size=100_000, upload_checksum=True, store_url=True,
            url_storage=FileStorage(str(tmp_path / "urls.json")), fingerprinter=Fingerprint())

    first = uploader()
    first.upload(stop_at=size // 2)
    assert size // 2 <= first.offset < size
    server.kill()
    server.start()

    # Another process would know no more than this: the file, and the memory in a file.
    second = uploader()
    assert second.url == first.url and second.offset == first.offset
    second.upload()
    batch, image = of_upload(server, second.url)
    assert_all_developed(batch, {image: photos[1].read_bytes()})
