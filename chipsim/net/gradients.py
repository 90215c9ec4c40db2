"""Gradients that are added up outside of the cells, as a rule says it to compiled loops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

import attrs
import numpy as np

from chipsim.device.listed import as_counts, as_flags, as_floats, as_sums, as_tally
from chipsim.device.table import Table
from chipsim.device.types import Flags, Floats
from chipsim.net.between import LayerBetween, ListedPlace, Moved
from chipsim.parts.program import Program
from chipsim.tile.looped import Looped

__all__ = ["Gradients", "SummedLayer"]


@attrs.frozen(kw_only=True, eq=False)
class SummedLayer:
    """A layer whose gradients are added up, and pulsed where that is due."""

    index: int
    """Among the network's layers."""
    sums: Floats
    """In steps of its cells (rows, columns)."""
    full: Flags
    """Rows in which more was due than was given (rows,)."""
    share: np.float32
    """Steps for one of a product of an input and an error."""
    threshold: float
    """Sum at which a weight gets a pulse."""
    most: float
    """Pulses that a weight gets at a time."""


@attrs.frozen(kw_only=True, eq=False)
class Gradients:
    """What a rule does with the outer product of every sample."""

    whole: ClassVar[bool] = True
    chosen: ClassVar[bool] = True
    layers: tuple[SummedLayer, ...]
    program: Callable[[Sequence[Moved]], Program]
    """The program of what a sample teaches, by what became of each layer."""

    @property
    def indices(self) -> tuple[int, ...]:
        """The layers that learn."""
        return tuple(layer.index for layer in self.layers)

    def listed(
        self,
        table: Table,
        *,
        blocks: Sequence[Looped],
        layers: Sequence[LayerBetween],
        samples: int,  # noqa: ARG002
    ) -> ListedPlace:
        """As :mod:`chipsim.net.adding` reads it."""
        told, formats = [], []
        for one, at in zip(self.layers, layers, strict=True):
            sums, full = table.add(as_floats(one.sums)), table.add(as_flags(one.full, one.sums.shape[0]))
            told.append([at.weight.start, at.weight.stop, sums, full])
            # Operands wait in the buffer as the words that drive the first of a layer's tiles.
            inputs, errors = blocks[at.weight.start].words
            formats.append([*inputs, *errors])
        # In single precision, as the sums are: a share that was rounded otherwise would give other bits.
        numbers = [[one.share, one.threshold, one.most] for one in self.layers]
        longest, widest = np.max([one.sums.shape for one in self.layers], axis=0).tolist()
        # All weights of a layer may be due at once; layers take turns in the same room.
        most = max(one.sums.size for one in self.layers)
        rows, columns, counts = np.zeros((3, most), np.int32)
        place = table.add(
            as_tally(np.array(told, np.int64)), as_sums(np.array(formats, np.float64)),
            as_floats(np.array(numbers, np.float32)), as_floats(np.zeros(longest, np.float32)),
            as_floats(np.zeros(widest, np.float32)), as_counts(rows), as_counts(columns), as_counts(counts),
        )  # fmt: skip
        return ListedPlace(place=place, begin=lambda _: None)
