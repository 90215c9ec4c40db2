"""What changes the cells of a resistive tile: the contract, which an update of a chip fills."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, NoReturn

import attrs

from chipsim.device.table import Table
from chipsim.device.types import Counts, Floats, Indices
from chipsim.errors import ChipsimError
from chipsim.losses import Loss
from chipsim.parts.part import Action
from chipsim.parts.program import Operation
from chipsim.tile.tile import Change, FirstWriting

__all__ = ["Changeable", "Changes", "ListedChanges"]


@attrs.frozen(kw_only=True, eq=False)
class ListedChanges:
    """What pulses one pair of a tile in the table of a compiled loop."""

    pair: int
    """Place of the pair."""
    encoder: int
    """Place of what makes the pulses."""
    numbers: tuple[float, ...]
    """The weight that a step is, attojoules that a siemens takes of a pulse slot of either sign, and those of
    charging a row and a column once."""
    begin: Callable[[], None]
    """Be told that pulses come."""


class Changes:
    """Whatever an update does to the cells of one tile, as numbers and in time.

    An update makes one for each tile. Whether a chip's tiles take what its rule asks for is found when the
    chip is checked, from what its parts need and offer; who asks all the same is refused here.

    Parameters
    ----------
    tile
        Name of the tile.

    Raises
    ------
    ChipsimError
        When it is asked for a change that it does not make.
    """

    remembers: ClassVar[tuple[str, ...]] = ()
    blame: ClassVar[str] = "training diverged; lower the learning rate"
    """Why cells may conduct what is no finite number."""
    pairs: tuple[str, ...] = ()
    """Parts of a synapse that an update can go to, such as coarse and fine."""
    count_bits: int = 0
    """Bits that the pulses of one crossing take on a link, sign included; zero where nobody has to count."""
    place_bits: int = 0
    """Bits that a weight's place and its pulses take on a link."""
    rounds_at_random: bool = False
    """Whether a count of pulses is rounded at random."""
    level_bits: int = 0
    """Bits that a weight's place and its new level take on a link."""

    def __init__(self, tile: str) -> None:
        self._name = tile

    def actions(self) -> dict[str, Action]:
        """What it does in time, by the names of its operations."""
        raise NotImplementedError

    def initialise(self, weights: Floats) -> Change:
        """Write initial weights (rows, columns)."""
        raise NotImplementedError

    def typical(self, action: str, *, pair: int) -> Operation:  # noqa: ARG002
        """The operation of a change of one sample that nobody computed."""
        self._refuse(f"a change {action!r} of every sample")

    def first_writing(self) -> FirstWriting | None:
        """How first weights came out; None where nobody looked."""
        return None

    def lost(self) -> list[Loss]:
        """What could not be done of what was asked since this was asked last."""
        return []

    # --- pulses ----------------------------------------------------------------------------------

    def update(self, x: Floats, d: Floats, *, rate: float, pair: int) -> Change:  # noqa: ARG002
        """Change the weights by minus `rate` times the outer product of x (rows,) and d (columns,)."""
        self._refuse("outer products")

    def counted(self, changes: Floats, *, pair: int) -> Counts:  # noqa: ARG002
        """Whole pulses for changes of each weight (rows, columns)."""
        self._refuse("counted pulses")

    def pulse_counts(self, counts: Counts, *, pair: int) -> Change:  # noqa: ARG002
        """Give each weight its pulses (rows, columns), negative ones to lower it."""
        self._refuse("counted pulses")

    def pulse_places(
        self,
        rows: Indices,  # noqa: ARG002
        columns: Indices,  # noqa: ARG002
        counts: Counts,  # noqa: ARG002
        *,
        pair: int,  # noqa: ARG002
    ) -> Change:
        """Give chosen weights their pulses (places,), row after row, negative ones to lower them."""
        self._refuse("pulses on chosen cells")

    def recentre(self, *, pair: int) -> Change | None:  # noqa: ARG002
        """Bring pairs that ran out of range back into it; None where there is no need of it."""
        return None

    def listed(self, table: Table, *, pair: int) -> ListedChanges | None:  # noqa: ARG002
        """Add what pulses one pair to a table for compiled loops; None where Python makes the pulses."""
        return None

    def listed_chosen(self, table: Table, *, pair: int) -> ListedChanges | None:  # noqa: ARG002
        """The same of pulses on chosen cells of a pair, which are made elsewhere."""
        return None

    def charged_as(self, action: str, *, pair: int) -> tuple[tuple[str, str], ...]:  # noqa: ARG002
        """Part and action of each amount of a compiled update: arrays of the pair, and the write drivers."""
        self._refuse("compiled updates")

    # --- levels ----------------------------------------------------------------------------------

    @property
    def levels(self) -> Floats:
        """Weights that there are, ascending."""
        self._refuse("levels")

    def written_levels(self) -> Floats | None:
        """Levels that a weight was ever written to, ascending; None where weights stand at none."""
        return None

    def program(self, rows: Indices, columns: Indices, levels: Indices) -> Change:  # noqa: ARG002
        """Program the weights at rows and columns to levels, given by their place in `levels`."""
        self._refuse("levels")

    def initialise_levels(self, levels: Indices) -> Change:  # noqa: ARG002
        """Program all weights (rows, columns) for the first time."""
        self._refuse("levels")

    def typical_program(self, count: int) -> Operation:  # noqa: ARG002
        """The operation that programs so many weights, nobody knows which."""
        self._refuse("levels")

    def _refuse(self, what: str) -> NoReturn:
        raise ChipsimError(f"{self._name}: its cells take no {what}; the chip's update says what they take")


class Changeable:
    """A tile that passes changes on to what makes them."""

    changes: Changes

    def take(self, changes: Changes) -> None:
        """Be changed in this way from now on.

        Parameters
        ----------
        changes
            As an update makes them for this tile.
        """
        self.changes = changes
        self.pairs, self.rounds_at_random = changes.pairs, changes.rounds_at_random
        self.count_bits, self.place_bits = changes.count_bits, changes.place_bits
        self.level_bits = changes.level_bits

    @property
    def levels(self) -> Floats:
        """Weights that there are, ascending."""
        return self.changes.levels

    def written_levels(self) -> Floats | None:
        """Levels that a weight was ever written to, ascending; None where weights stand at none."""
        return self.changes.written_levels()

    def first_writing(self) -> FirstWriting | None:
        """How first weights came out; None where nobody looked."""
        return self.changes.first_writing()

    def initialise(self, weights: Floats) -> Change:
        """Write initial weights (rows, columns)."""
        return self.changes.initialise(weights)

    def update(self, x: Floats, d: Floats, *, rate: float, pair: int) -> Change:
        """Change the weights by minus `rate` times the outer product of x (rows,) and d (columns,)."""
        return self.changes.update(x, d, rate=rate, pair=pair)

    def counted(self, changes: Floats, *, pair: int) -> Counts:
        """Whole pulses for changes of each weight (rows, columns)."""
        return self.changes.counted(changes, pair=pair)

    def pulse_counts(self, counts: Counts, *, pair: int) -> Change:
        """Give each weight its pulses (rows, columns), negative ones to lower it."""
        return self.changes.pulse_counts(counts, pair=pair)

    def pulse_places(self, rows: Indices, columns: Indices, counts: Counts, *, pair: int) -> Change:
        """Give chosen weights their pulses (places,), row after row, negative ones to lower them."""
        return self.changes.pulse_places(rows, columns, counts, pair=pair)

    def recentre(self, *, pair: int) -> Change | None:
        """Bring pairs that ran out of range back into it; None when there is no need of it."""
        return self.changes.recentre(pair=pair)

    def program(self, rows: Indices, columns: Indices, levels: Indices) -> Change:
        """Program the weights at rows and columns to levels, given by their place in `levels`."""
        return self.changes.program(rows, columns, levels)

    def initialise_levels(self, levels: Indices) -> Change:
        """Program all weights (rows, columns) for the first time; cells are at their low level before."""
        return self.changes.initialise_levels(levels)

    def typical_program(self, count: int) -> Operation:
        """The operation that programs so many weights, nobody knows which: for timing without arithmetic."""
        return self.changes.typical_program(count)
