"""Arrays that a table lists are the same for Python and for kernels."""

from __future__ import annotations

import numpy as np
import pytest
from numba.core.caching import NullCache

from chipsim.device import table, types
from chipsim.device.listed import as_counts, as_flags, as_floats, as_sums, as_tally, as_words
from chipsim.device.types import kernel

KINDS = {
    table.floats_at: (as_floats, np.float32),
    table.sums_at: (as_sums, np.float64),
    table.counts_at: (as_counts, np.int32),
    table.tally_at: (as_tally, np.int64),
    table.words_at: (as_words, np.uint64),
    table.flags_at: (as_flags, np.bool_),
}


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch):
    """Kernels of the functions below are compiled anew each time."""
    monkeypatch.setattr(types, "KernelCache", lambda function: NullCache())


@pytest.mark.parametrize(("at", "kind"), KINDS.items(), ids=[at.__name__ for at in KINDS])
def test_kernels_see_what_python_sees(at, kind):
    """Of every kind, at a place that is computed, written out, or of few bits; and write where it lies."""
    listed_as, of = kind
    numbers = np.arange(6).reshape(2, 3).astype(of)
    listed = table.Table()
    place = listed.add(as_sums(np.zeros(2)), listed_as(numbers)) + 1

    @kernel
    def seen(places, place):
        found = at(places, place)
        first = at(places, 1)[0, 2]
        found[1, 2] = 0
        return found.copy(), first, found.shape

    expected = numbers.copy()
    expected[1, 2] = 0
    for one in (place, np.int32(place)):
        found, first, shape = seen(listed.places, one)
        assert (found.dtype, first, shape) == (np.dtype(of), numbers[0, 2], (2, 3))
        assert np.array_equal(found, expected)
    assert np.array_equal(at(listed.places, place), expected)
    assert np.shares_memory(at(listed.places, place), numbers)


def test_a_row_of_places():
    """The first row, which is all of an array of one dimension."""
    listed = table.Table()
    place = listed.add(as_tally(np.array([3, 1, 2])))

    @kernel
    def last(places, place):
        row = table.places_at(places, place)
        return row[row.size - 1]

    assert last(listed.places, place) == 2
    assert table.places_at(listed.places, place).tolist() == [3, 1, 2]


def test_an_array_of_nothing():
    """It has a shape, and nothing to read."""
    listed = table.Table()
    place = listed.add(as_floats(np.empty((1, 0), np.float32)))
    assert table.floats_at(listed.places, place).shape == (1, 0)
