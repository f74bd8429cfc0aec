"""The security boundary is the linker boundary: what parses hostile images holds no secrets, and
what holds secrets parses no images."""

import subprocess

import pytest

from harness import PROGRAMS


def libraries(program):
    return subprocess.run(["ldd", PROGRAMS / program], check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("library", ["libvips", "libmagic", "libseccomp", "libwebp", "libheif"])
def test_the_server_links_no_image_decoder_and_no_sandbox(library):
    assert library not in libraries("revela")


def test_the_worker_links_no_database():
    assert "libsqlite" not in libraries("revela-worker")


def test_the_checks_can_see_a_library():
    assert "libsqlite3" in libraries("revela")
    assert "libvips" in libraries("revela-worker")
