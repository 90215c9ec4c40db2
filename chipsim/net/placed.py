"""Blocks of a network in a compiled loop, and what a rule has to say of itself for it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any, Final, Protocol, runtime_checkable

import attrs

from chipsim.ledger import Charges
from chipsim.net.between import DUE, BetweenSamples
from chipsim.net.learner import Learnt
from chipsim.net.matrix import Matrix
from chipsim.net.network import Network
from chipsim.parts.program import Operation, Program
from chipsim.tile.looped import Looped, Use

__all__ = ["VARIED", "InPlaceLearner", "Placed", "names_of", "placed_as", "spans_of", "taking_of"]

VARIED: Final = ("slots", "visits", "down_slots")
"""Counts of an update that a loop finds; the last is of those that have two phases."""


@runtime_checkable
class InPlaceLearner(Protocol):
    """A rule that changes each layer by the outer product of each sample, and so can learn in a loop."""

    def loops(self) -> bool:
        """Whether it learns as it was written, and no kind of one's own made of it learns in another way."""

    def pair_of(self, index: int) -> int:
        """The pair of a layer's tiles that takes the updates now."""

    def rate_of(self, index: int) -> float:
        """Change of a layer's weights per unit of input times error, for one sample."""

    def learnt_of(self, index: int, ops: tuple[Operation, ...]) -> Learnt:
        """What an update of a layer takes, by the operation of each block."""

    def samples_until_due(self) -> int:
        """Samples after which it looks after its weights; zero for never."""

    def pulsed(self, matrix: Matrix[Any]) -> Matrix[Any]:
        """The matrix that takes a layer's outer products: that of the passes, or one that gathers."""

    def between(self) -> BetweenSamples | None:
        """What comes between the passes of samples, done in the loop; None where nothing is."""

    def end_loop(self, samples: int) -> tuple[Program | None, tuple[Charges, ...]]:
        """What comes after a loop over so many samples: what `end_step` does, but for what the loop did."""


@attrs.frozen(kw_only=True, eq=False)
class Placed:
    """A block of a network in a loop, with what its amounts are charged as."""

    looped: Looped
    """Its tile."""
    index: int
    """Of its layer."""
    rows: tuple[tuple[str, str], ...]
    """Part and action of each amount of its readings."""
    amounts: tuple[int, ...]
    """Places of these among all amounts of a block."""
    pulsed: tuple[tuple[str, str], ...]
    """Part and action of each amount of its pulses; empty where it gets none."""
    told: int | None
    """What has to be counted for readings, or pulses, to be charged; None where each sample has them."""
    update: Operation | None
    """Of which slots and visits follow from the data; None where samples bring it no outer products."""

    @property
    def learns(self) -> bool:
        """Whether it takes an outer product of every sample."""
        return self.update is not None


def names_of(update: Operation) -> tuple[str, ...]:
    """Counts of an update that follow from the data."""
    there = {name for name, _ in update.counts}
    return tuple(name for name in VARIED if name in there)


def taking_of(network: Network, learner: InPlaceLearner) -> dict[int, Matrix[Any]]:
    """Matrices that outer products go to, of layers where they do not go to that of the passes."""
    found = {index: learner.pulsed(one) for index, one in enumerate(network.matrices) if not one.frozen}
    return {index: one for index, one in found.items() if one is not network.matrices[index]}


def spans_of(matrices: Sequence[Matrix[Any]]) -> list[range]:
    """Places of the blocks of each matrix among those of all, one after another."""
    ends = list(accumulate(len(matrix.blocks) for matrix in matrices))
    return [range(first, end) for first, end in zip([0, *ends], ends, strict=False)]


def placed_as(looped: Looped, use: Use, *, index: int) -> Placed:
    """A tile in a loop, by what the loop does with it.

    Parameters
    ----------
    looped
        The tile.
    use
        What is done with it.
    index
        Of its layer.
    """
    arrays = looped.arrays
    rows, amounts = list(looped.charged_as["forward"]), list(range(arrays))
    if use.back:
        rows += looped.charged_as["backward"]
        amounts += range(arrays, 2 * arrays)
    # In the ledger pulses on chosen cells and outer products are different things that a tile does.
    action = "pulse" if use.chosen else "update"
    return Placed(
        looped=looped,
        index=index,
        rows=tuple(rows),
        amounts=tuple(amounts),
        pulsed=looped.charged_as.get(action, ()),
        told=DUE if use.between or use.gathers else None,
        update=None if use.between else looped.update,
    )
