"""What moves from tiles that gather to those that hold the weights, as a rule says it to compiled loops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

import attrs
import numpy as np

from chipsim.device.listed import as_flags, as_floats, as_sums, as_tally
from chipsim.device.table import Table
from chipsim.device.types import Flags, Floats, Tally
from chipsim.net.between import LayerBetween, ListedPlace, Moved
from chipsim.parts.program import Program
from chipsim.tile.looped import Looped

__all__ = ["MovedLayer", "Transfers"]

_NOWHERE = -1
"""Place of what a layer does not have."""


@attrs.frozen(kw_only=True, eq=False)
class MovedLayer:
    """A layer whose gathered rows move its weights."""

    index: int
    """Among the network's layers."""
    shape: tuple[int, int]
    """Rows and columns."""
    gain: float
    """Steps for a weight that is read; without sums, what its weights change by, over what is read."""
    sums: Floats | None = None
    """What is added up for each weight, in steps of its cells (rows, columns); None where rows are pulsed as
    they are read."""
    threshold: float = 1.0
    """Sum at which a weight gets a pulse."""
    most: float = 1.0
    """Pulses that a weight gets at a time."""
    signs: Floats | None = None
    """With which rows take their outer products, and are read (rows,); None where with none of their own."""


@attrs.frozen(kw_only=True, eq=False)
class Transfers:
    """What a rule does with what it gathered, after every so many samples."""

    whole: ClassVar[bool] = False
    chosen: bool
    """Whether weights get pulses by their places, from sums; otherwise each row that is read, at once."""
    every: int
    """Samples from one transfer to the next."""
    reads: int
    """Rows of each layer that are read at a time, in turn."""
    forgets: bool
    """Whether a sum begins anew from zero after a pulse."""
    layers: tuple[MovedLayer, ...]
    seen: Callable[[], int]
    """Samples so far."""
    program: Callable[[Sequence[Moved]], Program]
    """The program of what comes after a sample, by what became of each layer; of none, where nothing did."""
    turned: Callable[[int], Flags] | None = None
    """Whether rows turn their signs after they were read, for so many transfers (transfers, rows): those of
    one layer after those of another."""

    @property
    def indices(self) -> tuple[int, ...]:
        """The layers that learn."""
        return tuple(layer.index for layer in self.layers)

    def reads_of(self, layer: MovedLayer) -> int:
        """Rows of a layer that are read at a time: no more than there are."""
        return min(self.reads, layer.shape[0])

    # --- in a table ------------------------------------------------------------------------------

    def listed(
        self, table: Table, *, blocks: Sequence[Looped], layers: Sequence[LayerBetween], samples: int
    ) -> ListedPlace:
        """As :mod:`chipsim.net.transferring` reads it."""
        # What changes from loop to loop stands first and last: the rest is written once.
        turn = np.array([0, self.every, self.reads, self.forgets, 0], np.int64)
        moves = [self._moves(table, one, at) for one, at in zip(self.layers, layers, strict=True)]
        numbers = [[layer.gain, layer.threshold, layer.most] for layer in self.layers]
        widest = max(layer.shape[1] for layer in self.layers)
        longest = max(layer.shape[0] for layer in self.layers)
        most = max(self.reads_of(layer) for layer in self.layers)
        turned = self._room_of_turns(samples)
        place = table.add(
            as_tally(turn), as_tally(np.array(moves, np.int64)), as_floats(np.array(numbers, np.float32)),
            as_floats(np.zeros((most, widest), np.float32)), as_floats(np.zeros(widest, np.float32)),
            as_sums(np.zeros(max(block.arrays for block in blocks))),
            as_floats(np.zeros(longest, np.float32)),
            as_sums(np.array([layer.gain for layer in self.layers])), as_flags(turned),
            as_floats(np.zeros(longest, np.float32)),
        )  # fmt: skip
        return ListedPlace(place=place, begin=lambda coming: self._begin(turn, turned, coming))

    @staticmethod
    def _moves(table: Table, layer: MovedLayer, at: LayerBetween) -> list[int]:
        """What there is to know of a layer."""
        sums = _NOWHERE if layer.sums is None else table.add(as_floats(layer.sums, *layer.shape))
        signs = _NOWHERE if layer.signs is None else table.add(as_floats(layer.signs, layer.shape[0]))
        gathered, weight = at.gathered, at.weight
        return [layer.shape[0], gathered.start, gathered.stop, weight.start, weight.stop, sums, signs]

    def _room_of_turns(self, samples: int) -> Flags:
        """Whether rows turn their signs, of all transfers of a loop (transfers, rows)."""
        if self.turned is None:
            # Never looked at, but a table lists no array of nothing.
            return np.zeros((1, 1), np.bool_)
        rows = sum(self.reads_of(layer) for layer in self.layers)
        return np.zeros((samples // self.every + 1, rows), np.bool_)

    def _begin(self, turn: Tally, turned: Flags, coming: int) -> None:
        seen = self.seen()
        turn[0], turn[-1] = seen, 0
        if self.turned is not None:
            # Drawn ahead, in the order in which steps would draw: by transfer, and there by layer.
            transfers = (seen + coming) // self.every - seen // self.every
            turned[:transfers] = self.turned(transfers)
