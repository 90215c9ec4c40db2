"""Weights of a few levels: differences of cells at any level, and single cells from their low level."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.errors import DescriptionError
from chipsim.spec import load_chip
from chipsim.synapse.level_cell import LevelCell
from chipsim.synapse.level_difference import LevelDifference
from tests import levels_made

UNITS = (1.0, 2.0, 3.0, 4.0)
"""Differences of the high levels of :mod:`tests.levels_made` from the low one, in halves of a siemens."""


def test_two_cells_at_any_level():
    """Weights of -4 to 4 units on cells of five even levels, all of which are made by the lowest pair."""
    synapse = LevelDifference(levels=tuple(unit / 4 for unit in range(-4, 5)))
    tile = levels_made.tile((1, 9), synapse=synapse, levels=[range(9)])
    assert tile.weights().tolist() == [list(synapse.levels)]


def test_cells_of_uneven_levels_make_more_weights():
    """Cells at 0.5, 1 and 2.5 S: differences of 0.5, 1.5 and 2 S, either way."""
    cell = levels_made.device(high=tuple(levels_made.device().high[place] for place in (0, 3)))
    synapse = LevelDifference(levels=(-1.0, -0.75, -0.25, 0.0, 0.25, 0.75, 1.0))
    tile = levels_made.tile((1, 7), synapse=synapse, cell=cell, levels=[range(7)])
    assert tile.weights().tolist() == [list(synapse.levels)]
    x = np.array([[1.0]], np.float32)
    assert tile.forward(x).values.tolist() == [list(synapse.levels)]


def test_one_binary_cell():
    """Of nothing and one: read against a reference that conducts what a low cell does."""
    synapse = LevelCell(levels=(0.0, 1.0), reference="low")
    tile = levels_made.tile((2, 2), synapse=synapse, levels=[[0, 1], [1, 0]])
    assert tile.weights().tolist() == [[0, 1], [1, 0]]
    assert tile.forward(np.array([[1, 0.5]], np.float32)).values.tolist() == [[0.5, 1]]
    assert tile.backward(np.array([[1, -1]], np.float32)).values.tolist() == [[-1, 1]]


def problems(*sets):
    """Path and message of each problem of a chip of differences with overrides."""
    with pytest.raises(DescriptionError) as caught:
        load_chip("multilevel-transfer", sets=sets)
    return [(problem.path, problem.message.partition(" (from --set")[0]) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("given", "path", "message"),
    [
        (["synapse.levels=[-1, 1]"], "synapse.levels",
         "must have zero among them, which two cells that are alike make, not [-1.0, 1.0]"),
        (["synapse.levels=[-1, 0, 0.5]"], "synapse.levels",
         "must be symmetric around zero, and -1 and 0.5 are a pair"),
        (["synapse={kind: level-cell, levels: [0, 1]}"], "synapse.levels",
         "must be symmetric around zero, and 0 and 1 are a pair"),
        (["synapse={kind: level-cell, levels: [-1, 1], reference: low}"], "synapse.levels.0",
         "must be zero, what a cell at its low level stands for, not -1"),
        ([f"synapse.levels={[round(step / 12, 4) for step in range(-12, 13)]}"], "synapse.levels",
         "25 levels need cells of 6 levels, and these have 5, one low and 4 high: pairs of them make 21 at most"),
    ],
)  # fmt: skip
def test_level_sets_that_are_none(given, path, message):
    """Each told with what is wrong and what would do."""
    assert (path, message) in problems(*given)
