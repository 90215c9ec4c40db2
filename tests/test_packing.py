"""Values packed into arrays and a text come back as they were, and nothing is pickled."""

from __future__ import annotations

import io
import pickle
import zipfile

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.packing import read_packed, write_packed


@attrs.frozen(kw_only=True)
class Point:
    """One of the classes that a reader knows."""

    x: float
    _of: tuple


def packed(value, kinds=()):
    """What comes back of a value."""
    file = io.BytesIO()
    write_packed(file, value, kinds=kinds)
    return read_packed(file, kinds=kinds)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
KEYS = st.text() | st.integers() | st.tuples(st.text(), st.integers())


@given(
    st.recursive(
        LEAVES,
        lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(KEYS, inner),
        max_leaves=20,
    )
)
def test_values_come_back(value):
    """Numbers to the last bit, words, and what is made of them, by the same types."""
    assert repr(packed(value)) == repr(value)


def test_arrays_generators_and_sets_come_back():
    """Of every type and shape; a generator goes on as it would have."""
    rng = np.random.default_rng(3)
    arrays = [
        np.zeros((0, 3), np.int8),
        np.arange(6.0).reshape(2, 3).T,
        np.array(7, np.uint64),
        np.array([True]),
    ]
    found = packed(
        {"arrays": arrays, "rng": rng.bit_generator.state, "said": {"b", "a"}, "one": np.float64(2.5)}
    )
    for one, other in zip(arrays, found["arrays"], strict=True):
        assert (one.dtype, one.shape, one.tolist()) == (other.dtype, other.shape, other.tolist())
    other = np.random.default_rng(9)
    other.bit_generator.state = found["rng"]
    assert other.random() == rng.random()
    assert (found["said"], found["one"]) == ({"a", "b"}, 2.5)


def test_objects_that_are_one_stay_one():
    """Written once, by whatever names their fields have; and equal ones keep their own bits."""
    one = Point(x=0.0, of=(1,))
    first, again, other = packed([one, one, Point(x=-0.0, of=(one,))], kinds=[Point])
    assert first is again
    assert (first, other.x.hex(), other._of[0] is first) == (one, "-0x0.0p+0", True)


def test_others_are_refused():
    """By whoever writes, and by whoever reads."""
    with pytest.raises(TypeError, match="Point cannot be packed"):
        packed([Point(x=1.0, of=())])
    file = io.BytesIO()
    write_packed(file, Point(x=1.0, of=()), kinds=[Point])
    with pytest.raises(KeyError):
        read_packed(file)


def test_nothing_is_unpickled():
    """An array of objects is refused, and so is what is no archive."""
    file = io.BytesIO()
    np.savez(file, said=np.array([print], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        read_packed(file)
    for content in (b"", b"PK", pickle.dumps({"value": 1})):
        with pytest.raises((ValueError, OSError, EOFError, zipfile.BadZipFile)):
            read_packed(io.BytesIO(content))
