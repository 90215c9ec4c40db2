"""What devices cost is measured beside the same chip, and every variant that is named can be built."""

from __future__ import annotations

import math

import pytest

from benchmarks.cases import TRAINS
from benchmarks.devices import VARIANTS, costs
from chipsim.run.simulate import prepare


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("chip", ["single-pair", "hybrid-synapse"])
def test_a_variant_is_a_chip(chip: str, name: str) -> None:
    setup = prepare(chip, "mnist-5k", epochs=1, sets=(*TRAINS, *VARIANTS[name]))

    assert setup.chip.tiles


def test_costs_are_told_beside_the_chip_as_it_ships() -> None:
    plain, drifting = costs("single-pair", names=("drift",), samples=100, rounds=2)

    assert (plain.name, plain.ratios) == ("as it ships", (1.0, 1.0))
    assert drifting.name == "drift"
    assert len(drifting.ratios) == 2
    assert all(math.isfinite(ratio) and ratio > 0 for ratio in drifting.ratios)
    # Of the same digits, and before cells have drifted far: about as many pulses.
    assert drifting.pulses == pytest.approx(plain.pulses, rel=0.5)
    assert plain.microseconds > 0
