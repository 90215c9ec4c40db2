"""Data files changed at random are read, or refused by their path; nothing else happens."""

from __future__ import annotations

import gzip
import resource
import time
from importlib import resources

import numpy as np
import pytest

from chipsim.data import available, load, names, read_idx
from chipsim.data.loading import SIZED
from chipsim.errors import DataError
from tests.data.idx_made import idx_bytes, tiny_arrays, tiny_published, write_files
from tests.mutate.mutations import generator, mutated_bytes

CASES = 2_000
QUICK = 100
LONGEST_S = 5
MOST_KB = 1_000_000


def files():
    """Images and labels, plain and compressed, with the dimensions that they are read with."""
    for array in tiny_arrays():
        yield idx_bytes(array), array.ndim
        yield gzip.compress(idx_bytes(array), mtime=0), array.ndim
    # Headers of other kinds, and one that promises more than a memory holds.
    yield idx_bytes(np.zeros((3, 4), np.uint8)), 3
    yield bytes([0, 0, 13, 3]) + b"\xff" * 12 + bytes(64), 3


FILES = tuple(files())


def attempt(number, folder):
    """What becomes of one file: empty when it is read or refused as it should be, otherwise what is wrong."""
    content, dimensions = FILES[number % len(FILES)]
    path = folder / f"case{number}"
    path.write_bytes(mutated_bytes(content, generator("data", number)))
    began = time.process_time()
    try:
        array = read_idx(path, dimensions=dimensions)
    except DataError as error:
        if not str(error).startswith(f"{path}: "):
            return f"case {number}: no place in {error}"
    except Exception as error:  # noqa: BLE001
        return f"case {number}: {type(error).__name__}: {error}"
    else:
        if array.ndim != dimensions or array.dtype != np.uint8:
            return f"case {number}: {array.dtype} of shape {array.shape}"
    finally:
        path.unlink()
    took = time.process_time() - began
    return f"case {number}: took {took:.1f} s" if took > LONGEST_S else ""


def wrong(numbers, folder):
    """What is wrong with any of the cases."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = [told for number in numbers if (told := attempt(number, folder))]
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return [*found, f"took {after} kB"] if after > max(MOST_KB, before) else found


def test_some_data_files(tmp_path):
    """A few of all cases, in every run of the tests."""
    assert wrong(range(0, CASES, CASES // QUICK), tmp_path) == []


@pytest.mark.slow
def test_all_data_files(tmp_path):
    """Every case: no traceback, no wait, no gigabyte, and each message names the file."""
    assert wrong(range(CASES), tmp_path) == []


def changed_set(number, folder, published):
    """A dataset with one file changed is loaded as it was, or refused by the path of a file."""
    chance = generator("set", number)
    paths = write_files(folder / "mnist", published)
    path = chance.choice(paths)
    content = path.read_bytes()
    changed = mutated_bytes(content, chance)
    path.write_bytes(changed)
    try:
        dataset = load("mnist", folder=folder)
    except DataError as error:
        named = any(str(error).startswith(f"{one}: ") for one in paths)
        return "" if named else f"set {number}: no place in {error}"
    finally:
        assert {one.name for one in available(folder)} == {*names()} - {*SIZED}
    right = [array.reshape(-1) for array in tiny_arrays()]
    kept = (dataset.train_images, dataset.train_labels, dataset.test_images, dataset.test_labels)
    same = all(np.array_equal(one.reshape(-1), other) for one, other in zip(kept, right, strict=True))
    return "" if same else f"set {number}: read back as something else"


@pytest.mark.parametrize("cases", [range(60), pytest.param(range(60, 500), marks=pytest.mark.slow)], ids=str)
def test_whole_sets(cases, monkeypatch, tmp_path):
    """No change of a published file goes unnoticed: the set is the one published, or refused."""
    published = tiny_published()
    monkeypatch.setitem(load.__globals__["PUBLISHED"], "mnist", published)
    assert [told for number in cases if (told := changed_set(number, tmp_path, published))] == []


@pytest.mark.parametrize("cases", [range(30), pytest.param(range(30, 200), marks=pytest.mark.slow)], ids=str)
def test_the_embedded_digits(cases, monkeypatch, tmp_path):
    """No change of the file that ships goes unnoticed either."""
    name = "mnist-5k.npz"
    content = (resources.files("chipsim.data") / "embedded" / name).read_bytes()
    (tmp_path / "embedded").mkdir()
    path = tmp_path / "embedded" / name
    monkeypatch.setattr("importlib.resources.files", lambda _package: tmp_path)
    for number in cases:
        changed = mutated_bytes(content, generator("embedded", number))
        path.write_bytes(changed)
        if changed == content:
            continue
        with pytest.raises(
            DataError, match=r"mnist-5k\.npz: MD5 is [0-9a-f]{32}, expected .*; install chipsim again$"
        ):
            load("mnist-5k")
