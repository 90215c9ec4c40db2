"""A data file that was checked is not read again for the run, unless it has changed, and little is held."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.data.own_file import OwnFile
from chipsim.errors import DataError, DescriptionError
from chipsim.run import own_files, prepare, simulate
from chipsim.run.own_files import dataset_in, sizes_in

HOW = OwnFile(scale=(0, 1), test_share=0.5, split_seed=0)
DATASET = "{file: mine.npz, scale: [0, 1], test_share: 50 %, split_seed: 0}"


@pytest.fixture(name="reads")
def _reads(monkeypatch):
    """The files that are read, in order."""
    read, seen = own_files.read_own, []

    def watched(path, how, *, name):
        seen.append(path.name)
        return read(path, how, name=name)

    monkeypatch.setattr(own_files, "read_own", watched)
    monkeypatch.setattr(own_files, "_sizes", {})
    monkeypatch.setattr(own_files, "_held", {})
    return seen


def saved(path, *, samples=40, value=0.5):
    """A file of samples of three features."""
    np.savez(path, x=np.full((samples, 3), value), y=np.arange(samples) % 2)
    return path


@pytest.fixture(name="work")
def _work(tmp_path):
    """A workload with its file beside it."""
    saved(tmp_path / "mine.npz")
    path = tmp_path / "work.yaml"
    path.write_text(
        "name: work\nabout: For tests.\nlearning_rate: 0.1\nnetwork: {layers: [3, 2]}\n"
        f"phases: [{{epochs: 1, dataset: {DATASET}}}]\n",
        encoding="utf-8",
    )
    return path


def test_a_run_reads_its_file_once(work, reads):
    """Though it is checked twice before, as the command does, and epochs are set besides."""
    for _ in range(2):
        prepare("digital-fp32", work, seed=None, epochs=1)
    result = simulate("digital-fp32", work, epochs=1)
    assert result.summary["steps"] == 20
    assert reads == ["mine.npz"]
    # Trained on, and held no longer.
    assert not own_files._held
    prepare("digital-fp32", work, seed=None)
    assert reads == ["mine.npz"]


def test_a_file_that_changed_is_read_again(work, reads):
    """What is trained on is what is there."""
    first = simulate("digital-fp32", work)
    saved(work.parent / "mine.npz", value=0.25)
    second = simulate("digital-fp32", work)
    (before,), (after,) = (result.provenance["datasets"] for result in (first, second))
    assert before["checksum"] != after["checksum"]
    saved(work.parent / "mine.npz", samples=2)
    with pytest.raises(DescriptionError, match="leaves none"):
        prepare("digital-fp32", work, sets=["phases.0.dataset.test_share=1 %"], seed=None)
    assert reads == ["mine.npz"] * 3


def test_a_file_that_is_read_otherwise_is_read_again(tmp_path, reads):
    """By another split, under another name, or another file."""
    path = saved(tmp_path / "a.npz")
    ways = [("a", HOW), ("b", HOW), ("a", OwnFile(scale=(0, 2), test_share=0.5, split_seed=0))]
    for name, how in ways * 2:
        sizes_in(path, how, name=name)
    assert reads == ["a.npz"] * 3
    maxima = [dataset_in(path, how, name=name).train_images.max() for name, how in ways]
    assert maxima == [0.5, 0.5, 0.25]
    assert reads == ["a.npz"] * 3


def test_little_is_held(tmp_path, reads, monkeypatch):
    """The oldest go first, and one that is larger is not held at all; sizes are known all the same."""
    data = dataset_in(saved(tmp_path / "a.npz"), HOW, name="a")
    monkeypatch.setattr(own_files, "DATA_BYTES", 2 * own_files._bytes(data))
    paths = [saved(tmp_path / f"{name}.npz") for name in "bcd"]
    for path in paths:
        sizes_in(path, HOW, name="mine")
    assert [file.path for file in own_files._held] == paths[1:]
    large = saved(tmp_path / "large.npz", samples=100)
    sizes_in(large, HOW, name="mine")
    assert not own_files._held
    assert sizes_in(large, HOW, name="mine").train == 50
    assert reads == ["a.npz", "b.npz", "c.npz", "d.npz", "large.npz"]


def test_sizes_of_few_files_are_remembered(tmp_path, reads, monkeypatch):
    """Those that were read last."""
    monkeypatch.setattr(own_files, "_MOST_KNOWN", 2)
    paths = [saved(tmp_path / f"{name}.npz") for name in "abc"]
    for path in (*paths, paths[2], paths[0]):
        sizes_in(path, HOW, name="mine")
    assert reads == ["a.npz", "b.npz", "c.npz", "a.npz"]


def test_a_file_that_is_not_there_is_told_each_time(tmp_path):
    """Nothing is remembered of it."""
    for call in (sizes_in, dataset_in, sizes_in):
        with pytest.raises(DataError, match=r"none\.npz: cannot be read: No such file"):
            call(tmp_path / "none.npz", HOW, name="mine")
