"""Tiles without converters for errors: what is built, what is refused, and that nothing else changes."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from chipsim.errors import DescriptionError
from chipsim.run import prepare
from chipsim.spec import load_chip
from tests import made
from tests.spec.messages import fails

NO_ADC = attrs.evolve(made.one_pass(), adc=None)


def tiles(**changes):
    """The parts of the only tile of a chip, and what a batch taught it."""
    rule = made.begun(made.chip(tile=made.crossbar(4, 2, **changes)), (4, 2))
    (tile,) = rule.chip.tiles
    return {part.name: part for part in tile.parts_inside()}, tile


def test_nothing_is_built_for_errors():
    """Neither DACs nor ADCs, and no part joined to any."""
    with_it, _ = tiles()
    without, tile = tiles(backward=NO_ADC)
    assert set(with_it) - set(without) == {"tile0.back-dac", "tile0.back-adc"}
    joined = {part.name for joint in tile.joints() for part in (joint.part, joint.other)}
    assert not any("back-" in name for name in joined)


def test_errors_still_come_in_words():
    """As they drive updates: rounded to as many bits, and scaled as before."""
    rounded = made.one_pass(ideal=False, scaling="maximum")
    _, with_it = tiles(backward=rounded)
    _, without = tiles(backward=attrs.evolve(rounded, adc=None))
    d = np.random.default_rng(1).normal(size=(5, 2)).astype(np.float32)
    np.testing.assert_array_equal(with_it.error_words(d), without.error_words(d))
    assert (without.error_bits, without.returned_bits) == (with_it.error_bits, 0)


def test_a_forward_pass_needs_converters():
    """Told with the key."""
    told = fails(load_chip, "single-pair", sets=["tile.forward.adc=null"])
    assert told.startswith(
        "tile.forward.adc: must be converters: every layer is read forward; only backward can do"
    )


def test_layers_behind_the_first_that_learns():
    """Are what errors would have to go through."""
    with pytest.raises(DescriptionError) as caught:
        prepare("analog-pair-transfer", "mnist-5k")
    (problem,) = caught.value.problems
    assert problem.path == "tile.backward.adc"
    assert problem.message == (
        "must be converters: in 'mnist-5k' layer 1 learns too, and errors reach it through layer 2; freeze all layers but "
        "the last, or build them"
    )


def test_lines_of_converters_that_are_not_built():
    """Said of nothing."""
    told = fails(load_chip, "analog-pair-transfer", sets=["tile.backward.dac.lines_per_converter=8"])
    assert (
        "tile.backward.dac.lines_per_converter: nothing reads it: nothing drives or reads that side" in told
    )


def test_converters_that_are_not_built_need_no_price():
    """Nor do they idealise anything."""
    spec = load_chip("analog-pair-transfer", sets=["tile.backward.dac.bits=13"]).spec
    assert ("tile", "backward", "dac") not in spec.tile.converters
