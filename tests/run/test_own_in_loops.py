"""Kinds of one's own that are made of shipped ones are trained right: by loops, or else step by step."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np
import pytest

from chipsim.device.bidirectional_step import BidirectionalStep
from chipsim.device.cells import Cells
from chipsim.device.ideal import Ideal
from chipsim.device.linear import reset_listed, same_everywhere
from chipsim.device.linear_step import LinearStep
from chipsim.device.listed import UnlistedError
from chipsim.device.soft_bounds import SoftBounds
from chipsim.device.table import Table
from chipsim.errors import ChipsimError
from chipsim.parts.selector import Policy
from chipsim.run import simulate
from chipsim.spec import trust
from chipsim.synapse.pair import Pair
from chipsim.synapse.single_cell import SingleCell
from chipsim.synapse.single_cells import SingleCells
from chipsim.synapse.single_pair import SinglePair
from tests import made
from tests.run.test_loops import BEGUN, SHORT, TRAINS, assert_equal, single, soft


@pytest.fixture(autouse=True)
def trusting_this_file(monkeypatch):
    """Its kinds are run here only."""
    monkeypatch.setattr(trust, "_TRUSTED", {"tests"})


def own(section, kind):
    """Setting of a kind of this file."""
    return f"{section}.kind={__name__}:{kind.__name__}"


ALIKE = ("device.step_spread=0", "device.range_spread=0")
"""Cells that share their bounds and steps."""


def changed(name, change):
    """A cell one of whose arrays is made in another way when it is fresh."""

    @attrs.frozen(kw_only=True)
    class Own(LinearStep):
        """A linear step."""

        kind: ClassVar[str] = "own"

        def fresh(self, shape, **given):
            cells = super().fresh(shape, **given)
            setattr(cells, name, change(getattr(cells, name)))
            return cells

    return Own


LongCounts = changed("pulses", lambda array: array.astype(np.int64))
DoubleConductance = changed("conductance", lambda array: array.astype(np.float64))
ByColumns = changed("conductance", np.asfortranarray)
DoubleBounds = changed("high", lambda array: array.astype(np.float64))
EveryOther = changed("conductance", lambda array: np.repeat(array, 2, axis=1)[:, ::2])
KINDS = {
    "LongCounts": LongCounts,
    "DoubleConductance": DoubleConductance,
    "ByColumns": ByColumns,
    "DoubleBounds": DoubleBounds,
    "EveryOther": EveryOther,
}
for word, own_kind in KINDS.items():
    own_kind.__name__ = own_kind.__qualname__ = word


@pytest.mark.parametrize("kind", KINDS)
def test_arrays_that_no_kernel_reads_are_left_to_steps(monkeypatch, kind):
    """Kernels find arrays by their addresses, and would take other types and orders for their own."""
    sets = [*SHORT, *TRAINS, *ALIKE, own("device", KINDS[kind])]
    assert_equal(monkeypatch, "single-pair", sets, by_loops_at_all=False)


@attrs.frozen(kw_only=True)
class SinglePrecision(Policy):
    """Rates in single precision."""

    kind: ClassVar[str] = "single-precision"
    selects: ClassVar[bool] = False

    def rate(self, pair):
        """A third, which single precision rounds."""
        return np.float32(1) / np.float32(3)


def test_rates_are_what_a_policy_says_in_whatever_precision(monkeypatch):
    """Double precision holds all numbers of single precision."""
    sets = [*SHORT, *TRAINS, f"selector={{kind: {__name__}:SinglePrecision}}"]
    assert_equal(monkeypatch, "single-pair", sets)


@attrs.frozen(kw_only=True)
class Tired(LinearStep):
    """Each reset costs a cell some of its range."""

    kind: ClassVar[str] = "tired"

    def reset(self, cells, rows, columns):
        """As ever, and the highest conductance is a little less from then on."""
        found = super().reset(cells, rows, columns)
        high = np.array(cells.high)
        high[rows, columns] *= np.float32(0.9)
        cells.high = high
        return found


def test_resets_that_change_more_than_conductances_are_left_to_steps(monkeypatch):
    """A loop begins with the bounds that there are, and goes on with them after a reset."""
    often = ("device.states=8", "update.recentre.every=7", "update.recentre.headroom=10 %", "learning_rate=1")
    sets = [*SHORT, *TRAINS, *ALIKE, *often, own("device", Tired)]
    assert_equal(monkeypatch, "single-pair", sets, by_loops_at_all=False)


@attrs.frozen(kw_only=True)
class Recovering(Ideal):
    """An ideal cell that can be reset."""

    kind: ClassVar[str] = "recovering"

    def reset(self, cells, rows, columns):
        """Back to the lowest conductance."""
        return reset_listed(cells, rows, columns)


def test_an_ideal_cell_that_somebody_resets_is_no_ideal_cell():
    """What else its reset does nobody knows."""
    keys = {"states": 9, "on_conductance": 1e-5, "pulse_voltage": 1.0, "pulse_width": 9, "area": 9}
    for kind, known in ((Ideal, True), (Recovering, False)):
        device = kind(**keys)
        cells = device.fresh((2, 3), rng=np.random.default_rng(0))
        assert (device.listed(Table(), cells) is not None) == known


class Lowered(SoftBounds):
    """Pulses that lower it do nothing."""

    def pulse_down(self, cells, hits, *, rng):
        """Nothing."""
        return 0.0


class Renamed(SoftBounds):
    """Soft bounds under another name."""

    kind: ClassVar[str] = "renamed"


class LoweredSteps(BidirectionalStep):
    """Steps that may be lowered in another way."""

    pulse_down = Lowered.pulse_down


class LoweredLinearly(LinearStep):
    """A linear step that somebody lowers."""

    pulse_down = Lowered.pulse_down


@pytest.mark.parametrize(
    ("kind", "make", "known"),
    [
        (SoftBounds, made.soft_bounds, True),
        (Renamed, made.soft_bounds, True),
        (Lowered, made.soft_bounds, False),
        (BidirectionalStep, made.both_ways, True),
        (LoweredSteps, made.both_ways, False),
        (LoweredLinearly, made.finite, False),
    ],
)
def test_whoever_lowers_cells_in_another_way_is_asked(kind, make, known):
    """Loops raise and lower single cells by one law."""
    fields = attrs.asdict(make())
    device = kind(**fields)
    cells = device.fresh((2, 3), rng=np.random.default_rng(0))
    assert (device.listed(Table(), cells) is not None) == known


def test_soft_bounds_that_are_not_what_kernels_read_are_left_to_steps():
    """Bounds in double precision."""
    device = made.soft_bounds()
    cells = device.fresh((2, 3), rng=np.random.default_rng(0))
    cells.high = cells.high.astype(np.float64)
    with pytest.raises(UnlistedError, match="no numbers of single precision, one for each cell"):
        device.listed(Table(), cells)


class HalfReadCells(SingleCells):
    """Single cells that are read at half their difference."""

    def read(self, x, out):
        """Half of it."""
        mine = np.zeros_like(out)
        super().read(x, mine)
        out += np.float32(0.5) * mine


@attrs.frozen(kw_only=True)
class HalfCell(SingleCell):
    """Such cells."""

    kind: ClassVar[str] = "half-cell"

    def carrier(self, tile, device, *, shape, seed, unused=(0, 0)):
        """As ever, of another class."""
        found = super().carrier(tile, device, shape=shape, seed=seed, unused=unused)
        found.__class__ = HalfReadCells
        return found


def test_single_cells_of_ones_own_are_left_to_steps(monkeypatch):
    """They may read in another way."""
    sets = [*SHORT, *single(soft(BEGUN)), f"synapse={{kind: {__name__}:HalfCell, weight_range: 1}}"]
    assert_equal(monkeypatch, "single-pair", sets, by_loops_at_all=False)


class HalfRead(Pair):
    """A pair that is read at half its difference."""

    def read(self, x, out):
        """Half of it."""
        mine = np.zeros_like(out)
        super().read(x, mine)
        out += np.float32(0.5) * mine


class Hasty(Pair):
    """A pair that takes every other pulse."""

    def pulse(self, pulses, *, update):
        """The first of two."""
        for hits in (pulses.plus, pulses.minus):
            hits.counts[1::2] = 0
        return super().pulse(pulses, update=update)


def paired(pair):
    """A synapse of such pairs."""

    @attrs.frozen(kw_only=True)
    class Own(SinglePair):
        """A pair of one's own."""

        kind: ClassVar[str] = "own"

        def carrier(self, tile, device, **given):
            found = super().carrier(tile, device, **given)
            for each in found.pairs:
                each.__class__ = pair
            return found

    return Own


OfHalfRead, OfHasty = paired(HalfRead), paired(Hasty)
for word, own_pair in (("OfHalfRead", OfHalfRead), ("OfHasty", OfHasty)):
    own_pair.__name__ = own_pair.__qualname__ = word


@pytest.mark.parametrize("kind", [OfHalfRead, OfHasty])
def test_pairs_of_ones_own_are_left_to_steps(monkeypatch, kind):
    """What carries them is as it ships."""
    sets = [*SHORT, *TRAINS, own("synapse", kind)]
    assert_equal(monkeypatch, "single-pair", sets, by_loops_at_all=False)


@attrs.frozen(kw_only=True)
class OwnSums(LinearStep):
    """A cell that keeps the sums of its lines where nobody looks."""

    kind: ClassVar[str] = "own-sums"

    def fresh(self, shape, *, sums=None, **given):
        """In arrays of its own."""
        return super().fresh(shape, **given)


def test_cells_that_keep_their_sums_elsewhere_are_left_to_steps(monkeypatch):
    """A step looks at the sums of the carrier, which these cells leave alone."""
    sets = [*SHORT, *TRAINS, *ALIKE, own("device", OwnSums)]
    assert_equal(monkeypatch, "single-pair", sets, by_loops_at_all=False)


@attrs.frozen(kw_only=True)
class Undrawn(LinearStep):
    """Cells that are made without a generator."""

    kind: ClassVar[str] = "undrawn"

    def fresh(self, shape, *, rng, gain=1.0, **given):
        """All alike."""
        lowest = self.low(gain)
        bounds = {"low": lowest, "high": self.on_conductance / gain, "step": self.step(gain)}
        arrays = {name: same_everywhere(value, shape) for name, value in bounds.items()}
        return Cells.at_low(**arrays, unused_low=lowest, **given)


def test_steps_that_vary_are_drawn_from_something():
    """Words that are zero would be one stream for all arrays, and no Gaussian at first."""
    without = [*SHORT, *TRAINS, *ALIKE, own("device", Undrawn), "device.step_variation=0"]
    assert simulate("single-pair", "mnist-5k", sets=without).summary.pulses > 0
    said = (
        "device: steps vary by 0.3 of their mean, and cells have nothing to draw that from; "
        "give Cells.at_low the rng that fresh is given"
    )
    with pytest.raises(ChipsimError, match=f"^{said}$"):
        simulate("single-pair", "mnist-5k", sets=[*without, "device.step_variation=0.3"])
