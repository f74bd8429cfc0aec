import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import harness  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "alone(reason): holds the page to times that others beside it would spoil")


@pytest.fixture
def server(tmp_path):
    """A fresh server, stopped politely afterwards."""
    server = harness.Server(tmp_path / "data").start()
    yield server
    if server.process.poll() is None:
        server.stop()


@pytest.fixture
def batch(server):
    return server.new_batch()


@pytest.fixture(scope="session")
def photos():
    """Twelve photographs of 12 megapixels."""
    assert len(harness.PHOTOS) == 12, "run scripts/photos first"
    return harness.PHOTOS
