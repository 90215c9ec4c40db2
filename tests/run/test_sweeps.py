"""Many small runs in one process: what is the same for all is done once, and none notices another."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import chipsim
from chipsim.data import load, loading
from chipsim.run import prepare
from chipsim.spec import nodes

SHIPPED = Path(chipsim.__file__).parents[1] / "architectures"


def test_a_second_run_parses_no_file_again():
    """Of chip, workload and cost set; what is set is another text, and is parsed."""
    prepare("hybrid-synapse", "mnist-5k", seed=None)
    before = nodes._read.cache_info()
    prepare("hybrid-synapse", "mnist-5k", seed=None)
    after = nodes._read.cache_info()
    assert after.misses == before.misses
    assert after.hits >= before.hits + 3


def test_a_file_that_changed_is_read_anew(tmp_path):
    """Documents are known by what they say, not by where they stand."""
    path = tmp_path / "mine.yaml"
    text = (SHIPPED / "digital-fp32.yaml").read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    first = chipsim.load(path).spec
    path.write_text(text.replace("name: digital-fp32", "name: other"), encoding="utf-8")
    assert (first.name, chipsim.load(path).spec.name) == ("digital-fp32", "other")


def test_only_short_documents_are_kept():
    """A node takes a hundred times the room of its text, and few documents are kept."""
    text = "[" + "1, " * (nodes._SHORT // 3) + "1]"
    before = nodes._read.cache_info()
    assert len(nodes.parse_yaml(text, []).value) == nodes._SHORT // 3 + 1
    assert nodes._read.cache_info() == before


def test_digits_are_unpacked_once_and_nobody_changes_them():
    """Whoever writes into the arrays that he was given changes his own."""
    first = load("mnist-5k")
    unpacked = loading._unpacked.cache_info().misses
    kept = first.train_images.copy()
    first.train_images[:] = 0
    again = load("mnist-5k")
    assert loading._unpacked.cache_info().misses == unpacked
    assert np.array_equal(again.train_images, kept)


def test_overrides_of_one_run_are_not_those_of_the_next():
    """What was set once is set there only."""
    prepare("hybrid-synapse", "mnist-5k", sets=["device.states=10"], seed=None)
    assert prepare("hybrid-synapse", "mnist-5k", seed=None).architecture.spec.device.states != 10
