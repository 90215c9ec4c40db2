"""What carries the weights of one resistive tile: its arrays as hardware, and the state of their cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.device.aging import Aged
from chipsim.device.encoding import Hits, Pulses
from chipsim.device.lives import Life
from chipsim.device.table import Table
from chipsim.device.types import Counts, Floats, Indices, Sums
from chipsim.errors import ChipsimError
from chipsim.losses import Loss
from chipsim.synapse.crossed import Crossed

__all__ = [
    "ArrayWear",
    "Carrier",
    "CentredCarrier",
    "Centring",
    "Layout",
    "Pulsed",
    "PulsedCarrier",
    "Reset",
    "Target",
]


@attrs.frozen(kw_only=True)
class Layout:
    """The arrays of one tile, all alike, as a synapse asks for them: known before any cell has a state."""

    arrays: tuple[str, ...]
    """Their names, without the tile's."""
    cells: int = 1
    """Cells of one weight in each array, on as many lines."""
    references: int = 0
    """Lines of cells that weights are compared with, beside those of each array."""


@attrs.frozen(kw_only=True)
class Centring:
    """How cells are brought to their symmetry points, and reference cells to what these conduct."""

    pairs: int
    """Pulses up, each followed by one down, of every cell."""
    readings: int
    """Of each cell, after a pulse of either polarity; their mean is what its reference is to conduct."""
    rounds: int
    """Readings and pulses of each row of reference cells until all stand where they should."""

    @property
    def read_after(self) -> tuple[int, ...]:
        """Pairs, counted from one, after which cells are read: evenly over the last half of them.

        Examples
        --------
        >>> Centring(pairs=20, readings=3, rounds=1).read_after
        (14, 17, 20)
        """
        half = self.most_readings
        behind = (half * later // self.readings for later in range(self.readings))
        return tuple(sorted(self.pairs - pairs for pairs in behind))

    @property
    def most_readings(self) -> int:
        """One after each pair of the last half."""
        return -(-self.pairs // 2)


@attrs.frozen(eq=False)
class ArrayWear:
    """What the cells of one array have been through."""

    array: str
    pulses: Counts
    """Small pulses, or SETs of a multilevel cell (rows, columns)."""
    resets: Counts
    """(rows, columns)."""
    updates: int
    """Times that a cell got pulses from an update or was programmed to a level, summed over cells."""
    programmings: Counts | None = None
    """Times that each cell was programmed, a RESET and a SET to one level counted once (rows, columns); None
    for cells that are not programmed to levels."""
    conductance: Floats | None = None
    """What each cell conducts now, S (rows, columns); None where nobody tells."""
    life: Life | None = None
    """What they have left; None for cells that last, and for those of one's own."""


class Carrier:
    """The cells of one tile, and what its weights read as.

    A synapse makes it. A tile reads it and asks what it holds; what changes the cells knows more of it than
    this. `remembers` names its state, as of everything that owns some.
    """

    remembers: ClassVar[tuple[str, ...]]
    weight_per_siemens: float
    """Weight units that a siemens of difference stands for."""
    row_sums: Sums
    """Summed conductance of each row of each array, with cells beside those in use (arrays, rows), S."""
    column_sums: Sums
    """Summed conductance of each column of each array, likewise (arrays, columns), S."""
    reference_siemens: float = 0.0
    """Squared input times conductance of lines beside the columns in the last backward pass, S."""

    def read(self, x: Floats, out: Floats) -> None:
        """Add the currents of driven rows (batch, rows) to `out` (batch, columns)."""
        raise NotImplementedError

    def read_back(self, d: Floats, out: Floats) -> None:
        """Add the currents of driven columns (batch, columns) to `out` (batch, rows)."""
        raise NotImplementedError

    def listed(self, table: Table, *, pulsed: int | None) -> int | None:  # noqa: ARG002
        """Add the cells to a table for loops that read pairs; None where Python reads them.

        Parameters
        ----------
        table
            Where to.
        pulsed
            The pair that these loops pulse; None where they only read.
        """
        return None

    def crossed(self) -> Sequence[Crossed] | None:
        """What each array is to its wires, plus and minus in turn; None where nobody tells.

        A single array has the cells of a weight on adjacent lines, or one beside a line of references.
        """
        return None

    def weights(self) -> NDArray[np.float64]:
        """The weights that the cells hold (rows, columns)."""
        raise NotImplementedError

    def wear(self) -> tuple[ArrayWear, ...]:
        """What each array has been through."""
        raise NotImplementedError

    @property
    def conducting(self) -> tuple[tuple[Floats, ...], ...]:
        """What cells in use conduct (rows, lines), S: what fluctuates when it is read.

        Arrays are in groups, of one or of the two of a pair; pulses go to one group at a time.

        Raises
        ------
        ChipsimError
            When cells of one's own do not tell.
        """
        found: list[tuple[Floats, ...]] = []
        for worn in self.wear():
            if worn.conductance is None:
                raise ChipsimError(
                    f"{worn.array}: does not tell what its cells conduct, which read noise needs; "
                    "give its ArrayWear the conductance"
                )
            found.append((worn.conductance,))
        return tuple(found)

    def aged(self) -> tuple[Aged, ...]:
        """Its cells array by array, as far as time changes them; asked where their device drifts.

        Raises
        ------
        ChipsimError
            When cells of one's own do not tell.
        """
        raise ChipsimError(
            f"device.drift: {type(self).__name__} does not say which cells time changes; "
            "give it the methods aged and drifted, or leave drift out"
        )

    def drifted(self) -> None:
        """Be told that time changed its cells: sums of lines, and what weights read as, follow."""

    def lost(self) -> list[Loss]:
        """What its cells could not do of what they were asked since this was asked last."""
        return []


@attrs.frozen(eq=False)
class Pulsed:
    """What one array was pulsed with: conductance times slots (S) of selected and half-selected cells."""

    array: str
    pulses: int
    selected: float
    half_selected: float
    down: bool = False
    """Whether by pulses of the polarity that lowers cells."""


@attrs.frozen(eq=False)
class Reset:
    """What resets of one array found: conductance (S) of the cells reset and of those half selected."""

    array: str
    selected: float
    half_selected: float


class Target:
    """What pulses go to: the cells of one part of a synapse, such as its fine pair."""

    step: float
    """Mean change of conductance by one pulse that raises a weight, S."""
    rest: float = 0.0
    """Conductance that a fresh cell has to gain to stand for a weight of zero, S."""
    zero_share: float | None = None
    """Where in its range a cell without spread stands for a weight of zero, from 0 to 1; None where a weight
    is the difference of two cells that both begin as they were made."""

    def pulse(self, pulses: Pulses, *, update: bool) -> tuple[Pulsed, ...]:
        """Apply pulses; those of an update count as update events, those of a first writing do not."""
        raise NotImplementedError

    def saturated(self, *, headroom: float) -> tuple[Indices, Indices]:  # noqa: ARG002
        """Rows and columns of weights that a reset would bring back into range: none, unless they have pairs.

        Parameters
        ----------
        headroom
            Share of the range that the lower cell of a pair must exceed.
        """
        return np.empty(0, np.int32), np.empty(0, np.int32)

    def listed_pair(self, table: Table) -> int | None:  # noqa: ARG002
        """Add the cells to a table for loops that pulse pairs; None where Python pulses them."""
        return None

    def expect_pulses(self) -> None:
        """Be told that a loop, in whose table it is, pulses its cells next."""

    def reset(self, rows: Indices, columns: Indices) -> tuple[tuple[Reset, ...], tuple[Hits, Hits]]:
        """Reset the cells of listed weights: what that takes of each array, and hits that bring them back."""
        raise NotImplementedError


class PulsedCarrier(Carrier):
    """Cells that pulses move, a target for each part of the synapse that updates may go to."""

    @property
    def targets(self) -> Sequence[Target]:
        """Where pulses may go, the first part of the synapse first."""
        raise NotImplementedError


class CentredCarrier(PulsedCarrier):
    """Cells with reference cells of their own, which are programmed to the cells' symmetry points."""

    @property
    def lift(self) -> int:
        """Whole pulses that lead a cell without spread to its symmetry point first, negative ones down."""
        raise NotImplementedError

    def pulse_all(self, count: int, *, down: bool) -> Pulsed:
        """Give every cell so many pulses of one polarity, all lines driven at once."""
        raise NotImplementedError

    def alternate(self, count: int, *, down: bool) -> Sequence[Pulsed]:
        """Give every cell so many pulses, of either polarity in turn, and say what each of them met."""
        return [self.pulse_all(1, down=down != bool(turn % 2)) for turn in range(count)]

    def centred(self) -> None:
        """Be told that all pulses of the centring were given."""
        raise NotImplementedError

    def refer(self, readings: Sums, *, rounds: int) -> Pulsed:
        """Program each reference to what its cell was read to conduct; the pulses are those of all rounds.

        Parameters
        ----------
        readings
            Each cell less its reference, as a weight (rows, columns); the mean where there were several.
        rounds
            In which every reference gets a pulse.
        """
        raise NotImplementedError
