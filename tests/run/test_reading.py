"""Descriptions of a run are read together, and all that is wrong is said at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from chipsim.run import prepare
from tests.spec.messages import fails

ROOT = Path(__file__).parents[2]


def wrong_places(*sets):
    """Where and of which override each problem is, in the order of the message."""
    lines = fails(prepare, "single-pair", "mnist-5k", sets=sets, seed=None).splitlines()
    return [(line.partition(":")[0], line.rpartition("from --set ")[2].rstrip(")")) for line in lines]


def test_overrides_of_nothing_hide_no_others():
    """A key that no description has is told with what is wrong in chip, workload and costs."""
    assert wrong_places("foo.bar=3", "batch=0", "tile.rows=0", "costs.sram.bad=1") == [
        ("foo.bar", "foo.bar=3"),
        ("tile.rows", "tile.rows=0"),
        ("batch", "batch=0"),
        ("costs.sram.bad", "costs.sram.bad=1"),
    ]


def test_the_message_is_the_same_as_alone():
    """What is told together is told in the same words."""
    alone = [
        fails(prepare, "single-pair", "mnist-5k", sets=[text], seed=None) for text in ("foo=3", "tile.rows=0")
    ]
    assert fails(prepare, "single-pair", "mnist-5k", sets=["tile.rows=0", "foo=3"], seed=None) == "\n".join(
        alone
    )


def test_costs_are_checked_against_the_set_that_was_chosen():
    """A chip that cannot be read still says which costs are meant; a set that is unknown is told once."""
    said = fails(
        prepare, "single-pair", "mnist-5k", seed=None, sets=["tile.rows=0", "costs=nope", "costs.sram.bad=1"]
    )
    assert said.splitlines() == [
        "tile.rows: must be between 1 and 65536, not 0 (from --set tile.rows=0)",
        "costs: there is no cost set 'nope'; known: cmos-32nm, isaac-32nm, light-adc-32nm, puma-32nm (from --set costs=nope)",
    ]


def test_overrides_may_be_gone_through_once():
    """What a generator gives is applied like a list."""
    sets = (text for text in ["device.states=7", "batch=8"])
    setup = prepare("single-pair", "mnist-5k", sets=sets, seed=None)
    assert (setup.architecture.spec.device.states, setup.workload.spec.batch) == (7, 8)


@pytest.mark.parametrize("sets", [None, 5, "batch=8", ["batch=8", 3]])
def test_overrides_that_are_no_list_of_texts(sets):
    """What is no list of texts is refused with an example."""
    with pytest.raises(TypeError) as caught:
        prepare("single-pair", "mnist-5k", sets=sets, seed=None)
    assert str(caught.value) == f"sets must be a list of texts such as ['device.states=10'], not {sets!r}"


def test_paths_are_taken_like_names():
    """A path need not be turned into text."""
    setup = prepare(
        ROOT / "architectures" / "single-pair.yaml", ROOT / "workloads" / "mnist-5k.yaml", seed=None
    )
    assert (setup.architecture.spec.name, setup.workload.spec.name) == ("single-pair", "mnist-5k")
