"""What a rule does between the passes of two samples, as compiled loops and their programs know it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, Protocol, TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.device.table import Table
from chipsim.parts.program import Kept, Marked, Operation, Program, operation
from chipsim.tile.looped import Looped

__all__ = ["COUNTED", "DUE", "After", "Between", "BetweenSamples", "LayerBetween", "ListedPlace", "Moved"]

COUNTED = 4
"""What is counted of a block: slots, visits and slots of a second phase, and what follows."""
DUE = 3
"""Of a block that gathers, rows that were read alone; of one that holds weights, those that were pulsed."""

Some: TypeAlias = tuple[int, Operation] | None
"""How many rows or weights of a block, and the operation of one or of all; None for none."""

_MARK = 10**12
"""A number that no count has, and none that follows from it."""
_Mark: TypeAlias = tuple[int, int, int]
"""A number that stands for what is counted, its place among all that is, and what that is multiplied by."""
_VARIED = ("slots", "visits", "down_slots")
"""Counts of pulses that a loop finds, in the order in which it counts them."""


@attrs.frozen(kw_only=True)
class Moved:
    """What was done to one layer."""

    index: int
    read: tuple[Some, ...]
    """Of each block that gathers: rows that were read, and the operation of one."""
    pulsed: tuple[Some, ...]
    """Of each block that holds weights: those that were pulsed, and how."""


@attrs.frozen(kw_only=True, eq=False)
class LayerBetween:
    """Where a layer that learns has its blocks in a loop."""

    index: int
    """Among the network's layers."""
    gathered: range
    """Places of its blocks that gather."""
    weight: range
    """Of those that hold its weights."""


@attrs.frozen(kw_only=True, eq=False)
class ListedPlace:
    """Where a table has what a rule does, and how it is told of samples to come."""

    place: int
    begin: Callable[[int], None]
    """Be told that so many samples come next."""


class BetweenSamples(Protocol):
    """What a rule does between the passes of two samples, said by the rule."""

    whole: ClassVar[bool]
    """Whether it is all that a sample teaches; otherwise it comes after the outer products of each."""

    @property
    def chosen(self) -> bool:
        """Whether weights get pulses by their places, and no outer products."""

    @property
    def indices(self) -> tuple[int, ...]:
        """The layers that learn."""

    @property
    def program(self) -> Callable[[Sequence[Moved]], Program]:
        """The program of one time, by what became of each layer; of none, where nothing did."""

    def listed(
        self, table: Table, *, blocks: Sequence[Looped], layers: Sequence[LayerBetween], samples: int
    ) -> ListedPlace:
        """Add it to the table of a loop over so many samples at most."""


@attrs.frozen(eq=False)
class _Pattern:
    """Programs that differ in some counts, and where these come from."""

    marked: Marked
    columns: NDArray[np.int64]
    """Of what was counted, for each mark."""
    factors: NDArray[np.int64]
    """What it is multiplied by."""


@attrs.frozen(eq=False)
class After:
    """What came after the passes of samples."""

    between: Between
    rows: NDArray[np.int64]
    """What was counted of each (samples, counts)."""

    def program(self, sample: int) -> Program:
        """What came after one of them."""
        ((marked, numbers, _),) = self.between.marked(self.rows[sample : sample + 1])
        return marked.program(numbers[0].tolist())


class Between:
    """What comes between the passes of a loop's samples.

    Parameters
    ----------
    done
        As the rule says it.
    table
        Where to list it.
    blocks
        All tiles of a loop.
    layers
        Those that learn, as the rule lists them.
    place_bits
        Of each tile: bits of a weight's place and its pulses on a link.
    samples
        Of a loop at most.
    """

    def __init__(
        self,
        done: BetweenSamples,
        table: Table,
        *,
        blocks: Sequence[Looped],
        layers: Sequence[LayerBetween],
        place_bits: Sequence[int],
        samples: int,
    ) -> None:
        self._done, self._blocks, self._layers = done, blocks, layers
        # Of many samples the same becomes.
        self._known = Kept[bytes, _Pattern](10_000)
        # Nothing that is counted of a block that gathers differs from one reading to the next but how many
        # rows it was; of one that holds weights, pulses are what the data made of them.
        told = [(place, DUE) for layer in layers for place in layer.gathered]
        read = len(told)
        told += [(place, what) for layer in layers for place in layer.weight for what in range(COUNTED)]
        self._names = told
        self._told = np.array([place * COUNTED + what for place, what in told], np.intp)
        # Slots and visits are only numbers in a program, so they are zero in what tells patterns apart.
        most = [int(what == DUE) for _, what in told[read:]]
        self._most_told = np.array([_MARK] * read + most, np.int64)
        self._place_bits = place_bits
        self._listed = done.listed(table, blocks=blocks, layers=layers, samples=samples)
        self.place, self.whole = self._listed.place, done.whole

    def begin(self, samples: int) -> None:
        """Be told that so many samples come next."""
        self._listed.begin(samples)

    def after(self, visited: NDArray[np.int64]) -> After:
        """What came after samples, by what was counted of them (samples, blocks, counts)."""
        return After(self, visited.reshape(len(visited), -1)[:, self._told])

    def marked(self, rows: NDArray[np.int64]) -> Iterator[tuple[Marked, NDArray[np.int64], list[int]]]:
        """Programs of what was counted (samples, counts): patterns, numbers, and how often these came."""
        groups: dict[bytes, tuple[list[NDArray[np.int64]], list[int]]] = {}
        for key, times in Counter(map(bytes, rows)).items():
            row = np.frombuffer(key, np.int64)
            # Rows that are read, and whether weights are pulsed, decide which operations there are.
            kind = np.minimum(row, self._most_told).tobytes()
            numbers, often = groups.setdefault(kind, ([], []))
            numbers.append(row)
            often.append(times)
        for kind, (numbers, often) in groups.items():
            pattern = self._known.get(kind)
            if pattern is None:
                pattern = self._known[kind] = self._pattern(numbers[0])
            yield pattern.marked, np.array(numbers)[:, pattern.columns] * pattern.factors, often

    def _pattern(self, row: NDArray[np.int64]) -> _Pattern:
        """The pattern of rows that have as much in common with this one as programs need."""
        counted = dict(zip(self._names, row.tolist(), strict=True))
        moved: list[Moved] = []
        marks: list[_Mark] = []
        for layer in self._layers:
            read = tuple(self._read(place, counted[place, DUE]) for place in layer.gathered)
            pulsed = tuple(self._pulsed(place, counted[place, DUE], marks) for place in layer.weight)
            # A rule that reads no rows does something to every layer at every sample.
            if any(read) or self.whole:
                moved.append(Moved(index=layer.index, read=read, pulsed=pulsed))
        program = self._done.program(moved)
        columns, factors = np.array([mark[1:] for mark in marks], np.int64).reshape(-1, 2).T
        return _Pattern(Marked(program, tuple(mark[0] for mark in marks)), columns, factors)

    def _read(self, place: int, rows: int) -> Some:
        op = self._blocks[place].alone
        return (rows, op) if rows and op is not None else None

    def _pulsed(self, place: int, weights: int, marks: list[_Mark]) -> Some:
        """What is pulsed of a block, with marks for all counts, which are added to those that there are."""
        block = self._blocks[place]
        op = block.pulse if self._done.chosen else block.update
        if not weights or op is None:
            return None
        first, told = _MARK + COUNTED * len(marks), dict(op.counts)
        for at, name in enumerate(_VARIED):
            if name in told:
                told[name] = first + at
                marks.append((first + at, self._names.index((place, at)), 1))
        # What is sent says how many weights there are, in bits.
        bits = self._place_bits[place]
        if self._done.chosen:
            marks.append(((first + DUE) * bits, self._names.index((place, DUE)), bits))
        return first + DUE, operation(op.part, op.action, **told)
