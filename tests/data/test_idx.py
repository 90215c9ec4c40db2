"""Reading IDX files."""

import gzip
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from chipsim.data import read_idx
from chipsim.data.idx import parse_idx
from chipsim.errors import DataError
from tests.data.idx_made import idx_bytes

LABELS = idx_bytes(np.array([3, 1, 2], dtype=np.uint8))


def refusal(path, *, dimensions=1, remedy="fetch it again"):
    with pytest.raises(DataError) as caught:
        read_idx(path, dimensions=dimensions, remedy=remedy)
    return str(caught.value)


def written(tmp_path, content):
    path = tmp_path / "labels"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("content", [LABELS, gzip.compress(LABELS)], ids=["plain", "gzip"])
def test_plain_and_gzip_read_alike(tmp_path, content):
    """Whether a file is compressed is seen from its content, not from its name."""
    assert read_idx(written(tmp_path, content), dimensions=1).tolist() == [3, 1, 2]


@given(st_numpy.arrays(np.uint8, st_numpy.array_shapes(max_dims=3)), st.data())
def test_any_array_survives_and_no_part_of_its_file_passes(tmp_path_factory, array, data):
    """Every array reads back equal, and every file cut short is refused."""
    content = idx_bytes(array)
    path = tmp_path_factory.getbasetemp() / "any"
    np.testing.assert_array_equal(parse_idx(content, path=path, dimensions=array.ndim), array)
    length = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(DataError, match=re.escape(f"{path}: ")):
        parse_idx(content[:length], path=path, dimensions=array.ndim)


def test_missing_file(tmp_path):
    """A file that is not there is named, with what to do."""
    path = tmp_path / "labels"
    assert refusal(path) == f"{path}: cannot be read: No such file or directory; fetch it again"


def test_message_without_remedy(tmp_path):
    """Without a remedy the message ends with what was found."""
    path = tmp_path / "labels"
    assert refusal(path, remedy="") == f"{path}: cannot be read: No such file or directory"


def test_folder_instead_of_file(tmp_path):
    """A folder is no file."""
    assert refusal(tmp_path) == f"{tmp_path}: cannot be read: Is a directory; fetch it again"


def test_empty_file(tmp_path):
    """An empty file has no magic number."""
    path = written(tmp_path, b"")
    expected = "starts with nothing, expected 0x00000801 (IDX, unsigned bytes, 1-dimensional)"
    assert refusal(path) == f"{path}: {expected}; fetch it again"


def test_images_instead_of_labels(tmp_path):
    """A file of another number of dimensions is told from its magic number."""
    path = written(tmp_path, idx_bytes(np.zeros((2, 2, 2), dtype=np.uint8)))
    expected = "starts with 0x00000803, expected 0x00000801 (IDX, unsigned bytes, 1-dimensional)"
    assert refusal(path) == f"{path}: {expected}; fetch it again"


def test_web_page_instead_of_data(tmp_path):
    """What a server sends in place of a file is told from its first bytes."""
    path = written(tmp_path, b"<html>404</html>")
    expected = "starts with 0x3c68746d, expected 0x00000803 (IDX, unsigned bytes, 3-dimensional)"
    assert refusal(path, dimensions=3) == f"{path}: {expected}; fetch it again"


def test_cut_inside_header(tmp_path):
    """A file that ends before its sizes do is truncated."""
    path = written(tmp_path, LABELS[:6])
    assert refusal(path) == f"{path}: truncated: 6 bytes, expected 8 of header alone; fetch it again"


def test_cut_inside_values(tmp_path):
    """A file with fewer values than its header says is truncated."""
    path = written(tmp_path, LABELS[:-1])
    assert (
        refusal(path)
        == f"{path}: truncated: 2 bytes of values, expected 3 from its header (3); fetch it again"
    )


def test_more_than_header_says(tmp_path):
    """A file with more values than its header says is refused too."""
    path = written(tmp_path, idx_bytes(np.zeros((1, 2, 2), dtype=np.uint8)) + b"\0")
    expected = "too long: 5 bytes of values, expected 4 from its header (1 x 2 x 2)"
    assert refusal(path, dimensions=3) == f"{path}: {expected}; fetch it again"


def test_gzip_cut_short(tmp_path):
    """A gzip file that ends early is damaged."""
    content = gzip.compress(LABELS)[:-9]
    path = written(tmp_path, content)
    reason = "Compressed file ended before the end-of-stream marker was reached"
    assert refusal(path) == f"{path}: damaged gzip file of {len(content)} bytes ({reason}); fetch it again"


def test_gzip_with_a_flipped_bit(tmp_path):
    """A gzip file whose own check fails is damaged."""
    content = bytearray(gzip.compress(LABELS))
    content[-8] ^= 1
    path = written(tmp_path, bytes(content))
    # Newer Pythons name both checksums behind this.
    assert refusal(path).startswith(f"{path}: damaged gzip file of {len(content)} bytes (CRC check failed")
