"""Kinds of one's own that are made of shipped ones are trained right: by loops, or else step by step."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np
import pytest

from chipsim.device.linear_step import LinearStep
from chipsim.parts.selector import Policy
from chipsim.spec import trust
from tests.run.test_loops import SHORT, TRAINS, assert_equal


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
for word, made in KINDS.items():
    made.__name__ = made.__qualname__ = word


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
