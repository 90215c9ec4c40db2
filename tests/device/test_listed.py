"""Only arrays that kernels may take for what they are told get into a table."""

from __future__ import annotations

import re

import numpy as np
import pytest

from chipsim.device.listed import UnlistedError, as_counts, as_floats, as_tally, as_words
from chipsim.device.table import Table, floats_at


def test_a_table_says_where_arrays_lie():
    """A row is an array of two dimensions as well."""
    table, numbers = Table(), np.arange(3, dtype=np.float32)
    assert table.add(as_counts(np.zeros((2, 3), np.int32), 2, 3), as_floats(numbers, 3)) == 0
    floats_at(table.places, 1)[0, 2] = 7
    assert table.places[:, 1:].tolist() == [[2, 3], [1, 3]]
    assert numbers.tolist() == [0, 1, 7]


def locked():
    """Numbers that nobody may write."""
    found = np.zeros(3, np.float32)
    found.flags.writeable = False
    return found


@pytest.mark.parametrize(
    ("read_as", "array", "shape", "why"),
    [
        (as_counts, np.zeros(3, np.int64), (), "an array of int64 is no array of int32"),
        (as_floats, np.zeros(3, ">f4"), (), "an array of >f4 is no array of float32"),
        (as_words, np.zeros(4, np.int64), (), "an array of int64 is no array of uint64"),
        (as_tally, [1, 2, 3], (), "an array of list is no array of int64"),
        (as_floats, np.zeros((3, 2), np.float32, order="F"), (), "kernels read row after row"),
        (as_floats, np.zeros(6, np.float32)[::2], (), "kernels read row after row"),
        (as_floats, np.frombuffer(bytearray(13), np.float32, offset=1), (), "kernels read row after row"),
        (as_floats, locked(), (), "kernels write what may not be written"),
        (as_tally, np.zeros(4, np.int64), (3,), "an array of the shape (4,) is none of the shape (3,)"),
        (as_tally, np.zeros((1, 3), np.int64), (3,), "an array of the shape (1, 3) is none of the shape (3,)"),
        (as_tally, np.zeros((1, 3, 1), np.int64), (), "an array of the shape (1, 3, 1) is none of the shape (rows, columns)"),
    ],
)  # fmt: skip
def test_others_are_refused(read_as, array, shape, why):
    """A kernel would read or write whatever lies elsewhere; also where Python is told to leave out asserts."""
    with pytest.raises(UnlistedError, match=f"^{re.escape(why)}$"):
        read_as(array, *shape)


def test_what_is_kept_may_be_locked():
    """Nothing is written there."""
    assert as_floats(locked(), 3, kept=True).columns == 3
