"""Tests that take minutes, most of it waiting for a deadline of the product."""

import os

import pytest

SLOW = pytest.mark.skipif(
    "REVELA_TEST_SLOW" not in os.environ, reason="takes minutes: REVELA_TEST_SLOW=1 runs it")
