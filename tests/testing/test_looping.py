"""Kinds that compiled loops take are found out where they act in another way than these."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np
import pytest

from chipsim.device.encoding import Hits
from chipsim.device.linear import list_cells
from chipsim.device.linear_step import LinearStep
from chipsim.layer.dense import Dense
from chipsim.parts.accuracy_plateau import AccuracyPlateau
from chipsim.spec import trust
from chipsim.testing import conform
from chipsim.testing.looping import differing
from chipsim.tile.crossbar import Crossbar
from chipsim.tile.looped import list_resistive
from chipsim.tile.resistive_tile import ResistiveTile

CHECK = "trains in compiled loops as step by step"
WHY = "after compiled loops than after steps: let `listed` answer None where it acts in a way of its own"


@pytest.fixture(autouse=True)
def trusting_nobody_else(monkeypatch):
    """What is tried here is trusted here only."""
    monkeypatch.setattr(trust, "_TRUSTED", set())


@attrs.frozen(kw_only=True)
class Listed(LinearStep):
    """A cell that says that it moves by linear steps."""

    kind: ClassVar[str] = "listed"

    def listed(self, table, cells):
        """As if it did."""
        return list_cells(table, cells, variation=self.step_variation)


@attrs.frozen(kw_only=True)
class Hasty(Listed):
    """It takes every other pulse."""

    def pulse(self, cells, hits, *, rng):
        """The first of two."""
        return super().pulse(cells, Hits(hits.rows[::2], hits.columns[::2], hits.counts[::2]), rng=rng)


@attrs.frozen(kw_only=True)
class Tired(Listed):
    """Each reset costs a cell some of its range."""

    def reset(self, cells, rows, columns):
        """The highest conductance is less from then on."""
        found = super().reset(cells, rows, columns)
        high = np.array(cells.high)
        high[rows, columns] *= np.float32(0.9)
        cells.high = high
        return found


@attrs.frozen(kw_only=True)
class Worn(Listed):
    """Some pulses wear a cell twice."""

    def pulse(self, cells, hits, *, rng):
        """The first of them."""
        cells.pulses[hits.rows[:1], hits.columns[:1]] += 1
        return super().pulse(cells, hits, rng=rng)


class _Listed(ResistiveTile):
    def listed(self, table, use):
        return list_resistive(self, table, use)


class _Deaf(_Listed):
    def backward(self, d):
        read = super().backward(d)
        return attrs.evolve(read, values=read.values * np.float32(0.5))


class _Slow(_Listed):
    def forward(self, x):
        read = super().forward(x)
        return attrs.evolve(read, operation=self.typical("backward"))


class _Free(_Listed):
    def forward(self, x):
        return attrs.evolve(super().forward(x), charges=())


@attrs.frozen(kw_only=True)
class Deaf(Crossbar):
    """It reads back at half of what there is."""

    kind: ClassVar[str] = "deaf"
    needs: ClassVar[frozenset[str]] = frozenset({"cells", "up"})
    tile: ClassVar[type] = _Deaf


@attrs.frozen(kw_only=True)
class Slow(Deaf):
    """It reads forwards as long as backwards."""

    tile: ClassVar[type] = _Slow


@attrs.frozen(kw_only=True)
class Free(Deaf):
    """It reads for nothing."""

    tile: ClassVar[type] = _Free


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (Hasty, "the loss of a sample is another"),
        (Tired, "the loss of a sample is another"),
        (Worn, "state['chip']['tile0']['carrier']['pairs'][0]['cells'][0]['pulses'] is another"),
        (Deaf, "the loss of a sample is another"),
        (Slow, "the program of a sample is another"),
        (Free, "energy or pulses is another"),
    ],
)
def test_who_says_that_loops_may_take_it_and_acts_otherwise(kind, what):
    """A few samples by loops and by steps, on a chip as it ships and on one that is worked hard."""
    # The first chip's: where gradients are gathered the same shows in something else.
    problems = {one.check: one.problem for one in reversed(conform(kind).findings) if one.problem}
    assert problems[CHECK] == f"{what} {WHY}"


@attrs.frozen(kw_only=True)
class Halving(AccuracyPlateau):
    """Rates in single precision."""

    kind: ClassVar[str] = "halving"

    def rate(self, pair):
        """A third."""
        return np.float32(1) / np.float32(3)


@attrs.frozen(kw_only=True)
class OwnDense(Dense):
    """A dense layer by another name."""

    kind: ClassVar[str] = "own-dense"


@pytest.mark.parametrize("kind", [Listed, Halving, OwnDense])
def test_who_acts_as_loops_do(kind):
    """Nothing is found."""
    (problem,) = {one.problem for one in conform(kind).findings if one.check == CHECK}
    assert problem == ""


def test_states_differ_where_a_bit_does():
    """Also in the sign of zero, the type of a number, and what only one of them has."""
    state = {"a": [np.zeros(2), 1], "b": {"c": None}}
    assert differing(state, {"a": [np.zeros(2), 1], "b": {"c": None}}) == []
    assert differing(state, {"a": [-np.zeros(2), 1.0], "b": {}}) == ["state['a'][0]", "state['a'][1]"]
    assert differing(state, {"a": [np.zeros(2)], "b": {"c": 0}}) == ["state['a']", "state['b']['c']"]
