"""What little of a result's folder unpacks to without end is refused with its bound, and in little memory."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile

import attrs
import numpy as np
import pyarrow as pa
import pytest

from chipsim.errors import OutputError
from chipsim.limits import STATE_BYTES, STATE_TEXT_BYTES
from chipsim.result.arrays import Arrays
from chipsim.result.files import load, save
from chipsim.result.kept_state import KeptState
from tests.results_made import made_result, sealed

ZEROS = np.zeros(150_000_000, np.uint8)
SMALL = {"epochs": 2, "samples": 20, "shapes": ((3, 2), (3, 1))}


@pytest.fixture
def run(tmp_path):
    """A saved result with arrays and a state."""
    arrays = Arrays({"layer1": np.ones((3, 2), np.float32)})
    state = KeptState.of({"cells": np.ones((3, 2))})
    result = attrs.evolve(made_result(**SMALL), weights=arrays, cells=arrays, state=state)
    return save(result, tmp_path / "run")


def archive(arrays, *, packed=zipfile.ZIP_DEFLATED):
    """An archive of arrays, each packed or as it is."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packed, compresslevel=1) as members:
        for name, array in arrays.items():
            with members.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array)
    return file.getvalue()


def text_of(value, shared=()):
    """The text of a state."""
    return np.frombuffer(json.dumps({"value": value, "shared": list(shared)}).encode(), np.uint8)


def squeezed(content):
    """The state that is compressed from bytes."""
    return KeptState(pa.compress(content, "zstd", asbytes=True))


def peak_of(call):
    """What a call that is refused says, and the bytes that it took at its peak."""
    tracemalloc.start()
    try:
        with pytest.raises(OutputError) as refused:
            call()
        return str(refused.value), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_state_that_unpacks_to_more_than_its_weights_have(run):
    """A few kilobytes of zeros are read up to the bound, 64 MiB and 1,000 bytes for each of nine weights."""
    bomb = KeptState.of({"cells": ZEROS}).content
    assert len(bomb) < 50_000
    (run / "state.npz.zst").write_bytes(bomb)
    said, peak = peak_of(load(sealed(run)).state.state)
    assert said == (
        f"the state of the result cannot be read (it unpacks to more than the {STATE_BYTES + 9_000:,} bytes "
        "that it can have); run it again"
    )
    assert peak < 1.5 * STATE_BYTES


@pytest.mark.parametrize("name", ["weights", "cells"])
def test_arrays_that_unpack_to_more_than_weights_have(run, name):
    """Nothing is unpacked before the archive was asked how large it is."""
    (run / f"{name}.npz").write_bytes(archive({"layer1": ZEROS}))
    arrays = getattr(load(sealed(run)), name)
    said, peak = peak_of(lambda: arrays["layer1"])
    assert said == (
        f"arrays of the result cannot be read (they unpack to 150,000,128 bytes, and at most "
        f"{STATE_BYTES + 9_000:,} can be); run it again"
    )
    assert peak < 10_000_000


def test_what_was_saved_is_within_its_bound(run):
    """And is read back."""
    read = load(run)
    assert read.weights["layer1"].shape == read.cells["layer1"].shape == (3, 2)
    assert read.state.state()["cells"].shape == (3, 2)


def test_a_state_within_a_state_is_not_unpacked():
    """Arrays of a state are stored as they are: those that are compressed once more are not read."""
    said, peak = peak_of(squeezed(archive({"0": ZEROS, "said": text_of({"array": 0})})).state)
    assert "its arrays are not as they were written" in said
    assert peak < 10_000_000


def test_an_array_is_not_read_twice():
    """A text of a few bytes could name it a million times, each time as a copy."""
    arrays = {"0": np.zeros(10), "said": text_of([{"array": 0}] * 1_000)}
    said, _ = peak_of(squeezed(archive(arrays, packed=zipfile.ZIP_STORED)).state)
    assert "array 0 is in two places" in said


def test_a_text_longer_than_any():
    """What is made of it would take many times its length."""
    lists = text_of([[]] * (STATE_TEXT_BYTES // 4))
    said, peak = peak_of(squeezed(archive({"said": lists}, packed=zipfile.ZIP_STORED)).state)
    assert f"at most {STATE_TEXT_BYTES:,} are read" in said
    assert peak < 4 * STATE_TEXT_BYTES
