"""What a tile is to the rest of the chip: the contract that every tile keeps, built in or brought along."""

from __future__ import annotations

from typing import Protocol

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.device.types import Counts, Floats, Indices, Sums, Tally
from chipsim.ledger import Charges
from chipsim.losses import Loss
from chipsim.parts.part import Part
from chipsim.parts.program import Operation
from chipsim.synapse.carrier import ArrayWear

__all__ = [
    "Change",
    "ChosenTile",
    "CountedTile",
    "FirstWriting",
    "NumberTile",
    "ProgrammedTile",
    "PulsedTile",
    "Reading",
    "Tile",
]


@attrs.frozen(eq=False)
class Reading:
    """A forward or backward pass: converted results, the operation of one sample, and what data set."""

    values: Floats
    """Results (batch, lines)."""
    operation: Operation
    charges: tuple[Charges, ...]


@attrs.frozen(eq=False)
class Change:
    """A change of cells: the operation that it is, and what data set."""

    operation: Operation
    charges: tuple[Charges, ...]


@attrs.frozen(eq=False, kw_only=True)
class FirstWriting:
    """How the first writing of a tile came out."""

    points: Sums | None = None
    """How many symmetry points were found, their sum as weights from the middle of the range, and that of
    their squares (3,); None where none are looked for."""
    errors: Sums | None = None
    """The same of what weights read as at their symmetry points, against what they are compared with."""
    rounds: Tally | None = None
    """Weights that were right after no, one, two rounds of pulses and so on, and those that never were
    (rounds + 2,); None where nobody looked."""


class Tile(Protocol):
    """One block of a weight matrix, with what drives and reads it.

    Only the first `shape` of the tile's rows and columns are in use. A batch goes through one sample
    after another; the operation returned is that of one sample.
    """

    name: str
    shape: tuple[int, int]
    """Rows and columns in use."""
    input_bits: int
    """Bits that one input takes on a link."""
    output_bits: int
    """Bits that one result takes on a link."""
    error_bits: int
    """Bits that one error on its way to the tile takes on a link, its sign included."""
    returned_bits: int
    """Bits that one result of a backward pass takes on a link."""
    rescales_inputs: bool
    """Whether inputs are divided by their largest magnitude before they are driven."""
    rescales: bool
    """Whether errors are divided by their largest magnitude before they are driven."""
    evaluating: bool
    """Set while a network is only tested: whatever is drawn then leaves the draws of training alone."""

    def forward(self, x: Floats) -> Reading:
        """Drive the rows with x (batch, rows) and read the columns."""

    def backward(self, d: Floats) -> Reading:
        """Drive the columns with d (batch, columns) and read the rows."""

    def read_rows(self, rows: Indices) -> Reading:
        """The weights of listed rows (rows, columns), one after another; the operation is that of one row."""

    def initialise(self, weights: Floats) -> Change:
        """Write initial weights (rows, columns)."""

    def typical(self, action: str, *, pair: int = 0) -> Operation:
        """The operation of a sample that nobody computed: for timing without arithmetic."""

    def weights(self) -> NDArray[np.float64]:
        """The weights that the cells hold (rows, columns)."""

    def wear(self) -> tuple[ArrayWear, ...]:
        """What each array has been through; empty without resistive cells."""

    def lost(self) -> tuple[Loss, ...]:
        """What was cut off, rounded to nothing or left unused since this was asked last.

        Asking leaves state and random draws as they are.
        """

    def written_levels(self) -> Floats | None:
        """Levels that a weight was ever written to, ascending; None where weights stand at none."""

    def first_writing(self) -> FirstWriting | None:
        """How first weights came out; None where nobody looked."""

    def part(self) -> Part:
        """The part that serves the tile's operations."""


class PulsedTile(Tile, Protocol):
    """A tile whose weights change in place by outer products; what such a learning rule needs."""

    pairs: tuple[str, ...]
    """Names of the parts of a synapse that an update can go to, such as coarse and fine."""
    count_bits: int
    """Bits that the pulses of one crossing take on a link, sign included; zero where trains on rows and
    columns make them, and nobody has to count."""

    rounds_at_random: bool
    """Whether a count of pulses is rounded at random, which takes an addition of whoever counts."""

    def update(self, x: Floats, d: Floats, *, rate: float, pair: int) -> Change:
        """Change the weights by minus `rate` times the outer product of x (rows,) and d (columns,)."""

    def recentre(self, *, pair: int) -> Change | None:
        """Bring pairs that ran out of range back into it; None when the tile has no need of it."""


class CountedTile(PulsedTile, Protocol):
    """A tile that also takes stated numbers of pulses, weight by weight."""

    place_bits: int
    """Bits that a weight's place and its pulses take on a link, their sign included."""

    def input_words(self, x: Floats) -> Floats:
        """Inputs x (batch, rows) as words of `input_bits` say them."""

    def error_words(self, d: Floats) -> Floats:
        """Errors d (batch, columns) as words of `error_bits` say them."""

    def counted(self, changes: Floats, *, pair: int) -> Counts:
        """Whole pulses for changes of each weight (rows, columns), rounded to nearest."""

    def pulse_counts(self, counts: Counts, *, pair: int) -> Change:
        """Give each weight its pulses (rows, columns), negative ones to lower it."""


class ChosenTile(PulsedTile, Protocol):
    """A tile whose lines can be read one by one in both directions, and whose weights take pulses by name."""

    place_bits: int
    """Bits that a weight's place and its pulses take on a link, their sign included."""

    def read_columns(self, columns: Indices) -> Reading:
        """The weights of listed columns (columns, rows), one after another; the operation of one column."""

    def pulse_places(self, rows: Indices, columns: Indices, counts: Counts, *, pair: int) -> Change:
        """Give chosen weights their pulses (places,), row after row, negative ones to lower them."""


class ProgrammedTile(Tile, Protocol):
    """A tile whose weights stand at one of a few levels, and are programmed one by one."""

    levels: Floats
    """Weights that there are, ascending."""
    level_bits: int
    """Bits that a weight's place and its new level take on a link."""

    def input_words(self, x: Floats) -> Floats:
        """Inputs x (batch, rows) as words of `input_bits` say them."""

    def error_words(self, d: Floats) -> Floats:
        """Errors d (batch, columns) as words of `error_bits` say them."""

    def program(self, rows: Indices, columns: Indices, levels: Indices) -> Change:
        """Program the weights at rows and columns to levels, given by their place in `levels`."""

    def initialise_levels(self, levels: Indices) -> Change:
        """Program all weights (rows, columns) for the first time; cells are at their low level before."""

    def typical_program(self, count: int) -> Operation:
        """The operation that programs so many weights, nobody knows which: for timing without arithmetic."""


class NumberTile(PulsedTile, Protocol):
    """A tile whose weights are numbers that can be read and written as a whole."""

    weight_bits: int
    """Bits of all weights in use on a link."""

    def subtract(self, step: Floats) -> Change:
        """Write all weights anew, less a step (rows, columns)."""
