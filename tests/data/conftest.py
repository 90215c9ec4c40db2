"""Fixtures of the dataset tests."""

import pytest

from chipsim.data.published import PUBLISHED
from tests.data.idx_made import tiny_published, write_files


@pytest.fixture
def tiny(monkeypatch):
    """The tiny stand-in, known as ``mnist`` for the length of a test."""
    published = tiny_published()
    monkeypatch.setitem(PUBLISHED, "mnist", published)
    return published


@pytest.fixture
def tiny_files(tiny, tmp_path):
    """The four files of the stand-in in ``tmp_path/mnist``."""
    return write_files(tmp_path / "mnist", tiny)
