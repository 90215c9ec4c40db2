"""Pulses in turn in a compiled loop, against the same pulses one after another."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from chipsim.device.alternating import Alternating
from chipsim.device.bidirectional_step import BidirectionalStep
from chipsim.device.encoding import Hits
from chipsim.device.energy import driven, half_selected
from chipsim.device.randomness import generator
from chipsim.device.soft_bounds import SoftBounds
from chipsim.device.uneven import UnevenDevice
from tests import made

SHAPE = (23, 31)
"""Of cells that are more than are worked on side by side, and no multiple of that."""
FITTED = {
    "states": 21.07, "step_variation": 0.4158, "write_noise": 1.4113, "step_spread": 0.78, "upper_spread": 0.35,
    "lower_spread": 0.57, "asymmetry_spread": 0.01, "corrupt_cells": 0.135,
}  # fmt: skip
DEVICES = {
    "soft": made.soft_bounds(asymmetry=0.7),
    "soft, as fitted": made.soft_bounds(on_conductance=3.0, off_conductance=1.0, **FITTED),
    "soft, steps that vary": made.soft_bounds(step_variation=0.4, corrupt_cells=0.3),
    "soft, write noise": made.soft_bounds(write_noise=0.4, corrupt_cells=0.3),
    "soft, out of bounds": made.soft_bounds(states=3.0, step_variation=3.0, off_conductance=0.1),
    "exponential": made.exponential(asymmetry=0.7),
    "exponential, as measured": made.exponential(
        on_conductance=3.0, off_conductance=1.0, spread_form="normal", decay_down=-20.0, **FITTED
    ),
    "exponential, in proportion": made.exponential(
        step_variation=0.9, variation_form="proportional", corrupt_cells=0.3
    ),
    "exponential, log-normal": made.exponential(
        step_variation=0.9, variation_form="log-normal", corrupt_cells=0.3, write_noise=0.4
    ),
    "piecewise": made.piecewise(asymmetry=0.7, steps_down=(0.5, 0.9, 1.2, 1.0)),
    "piecewise, as measured": made.piecewise(
        on_conductance=3.0, off_conductance=1.0, variation_form="proportional", **FITTED
    ),
    "power": made.power(gamma_down=0.6, asymmetry=0.7),
    "power, as measured": made.power(on_conductance=3.0, off_conductance=1.0, **FITTED),
    "table": made.step_table(),
    "table, with spread": made.step_table(
        upper_spread=0.35, lower_spread=0.57, step_spread=0.8, corrupt_cells=0.1, write_noise=1.0
    ),
    "even": made.both_ways(),
    "even, with spread": made.both_ways(step_variation=0.4, step_spread=0.2, range_spread=0.1),
}


def fresh(model, seed=5):
    """Cells with others beside them, and the generator of their array."""
    rng = generator(seed, "array")
    return model.fresh(SHAPE, rng=rng, unused=(3, 2)), rng


def one_by_one(model, cells, rng, count, *, down):
    """Give all cells their pulses by the device's own way; what each met, and half selected cells."""
    rows, columns = np.indices(SHAPE, np.int32).reshape(2, -1)
    hits = Hits(rows, columns, np.ones(rows.size, np.int32))
    slots = [np.ones(lines, np.int64) for lines in SHAPE]
    taken = []
    for turn in range(count):
        before = driven(slots[0], cells.row_sum, slots[1], cells.column_sum)
        move = model.pulse_down if down != bool(turn % 2) else model.pulse
        selected = move(cells, hits, rng=rng)
        after = driven(slots[0], cells.row_sum, slots[1], cells.column_sum)
        taken.append([selected, half_selected(before, after, selected)])
    return taken


@pytest.mark.parametrize("model", DEVICES.values(), ids=DEVICES)
def test_as_one_after_another(model):
    """Bit for bit, whichever comes first and however often one asks: cells, sums, wear, bounds met, and draws."""
    cells, _ = fresh(model)
    twin, rng = fresh(model)
    alternating = Alternating.of(model, cells)
    for count, down in [(7, False), (1, True), (4, True), (1, False)]:
        taken = alternating.pulse(count, down=down)
        assert taken.tolist() == one_by_one(model, twin, rng, count, down=down)
        for name in ("conductance", "row_sum", "column_sum", "pulses", "tally", "noise"):
            np.testing.assert_array_equal(getattr(cells, name), getattr(twin, name), err_msg=name)
        if isinstance(model, UnevenDevice):
            np.testing.assert_array_equal(cells.pulsed_to, twin.pulsed_to)
    assert (cells.pulses == 13).all()


class Halved(SoftBounds):
    """Cells that a pulse down moves in a way of their own."""

    def pulse_down(self, cells, hits, *, rng):
        """Half as far as there is."""
        before = cells.conductance.copy()
        cells.conductance[:] = (before + cells.low) / 2
        cells.sum_up()
        return float(before.sum())


class Even(BidirectionalStep):
    """Cells that a pulse moves as it does those that ship."""

    def pulse(self, cells, hits, *, rng):
        """Said anew."""
        return super().pulse(cells, hits, rng=rng)


@pytest.mark.parametrize("model", [made.soft_bounds(), made.both_ways()])
def test_devices_with_pulses_of_their_own_are_asked_each_time(model):
    """A compiled loop would not know of them."""
    own = {SoftBounds: Halved, BidirectionalStep: Even}[type(model)]
    changed = own(**attrs.asdict(model, recurse=False))
    cells, _ = fresh(changed)
    assert Alternating.of(model, cells) is not None
    assert Alternating.of(changed, cells) is None


def test_arrays_of_another_kind_are_left_to_python():
    """Conductances that lie column after column."""
    model = made.soft_bounds()
    cells, _ = fresh(model)
    cells.conductance = np.asfortranarray(cells.conductance)
    assert Alternating.of(model, cells) is None
