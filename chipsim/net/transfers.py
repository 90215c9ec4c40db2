"""What moves from tiles that gather to those that hold the weights: for compiled loops, and as programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.device.listed import as_floats, as_sums, as_tally
from chipsim.device.table import Table
from chipsim.device.types import Floats
from chipsim.net.transferring import COUNTED, DUE
from chipsim.parts.program import Kept, Marked, Operation, Program, operation
from chipsim.tile.looped import Looped

__all__ = ["After", "Between", "Moved", "MovedLayer", "Transfers"]

Some: TypeAlias = tuple[int, Operation] | None
"""How many rows or weights of a block, and the operation of one or of all; None for none."""

_MARK = 10**12
"""A number that no count has, and none that follows from it."""
_Mark: TypeAlias = tuple[int, int, int]
"""A number that stands for what is counted, its place among all that is, and what that is multiplied by."""
_VARIED = ("slots", "visits", "down_slots")
"""Counts of pulses that a loop finds, in the order in which it counts them."""


@attrs.frozen(kw_only=True, eq=False)
class MovedLayer:
    """A layer whose gathered rows are added up and pulsed to its weights."""

    index: int
    """Among the network's layers."""
    sums: Floats
    """What is added up for each weight, in steps of its cells (rows, columns)."""
    gain: float
    """Steps for a weight that is read."""
    threshold: float
    """Sum at which a weight gets a pulse."""
    most: float
    """Pulses that a weight gets at a time."""


@attrs.frozen(kw_only=True)
class Moved:
    """What a transfer did to one layer."""

    index: int
    read: tuple[Some, ...]
    """Of each block that gathers: rows that were read, and the operation of one."""
    pulsed: tuple[Some, ...]
    """Of each block that holds weights: those that were pulsed, and how."""


@attrs.frozen(kw_only=True, eq=False)
class Transfers:
    """What a rule does after every so many samples, as compiled loops know it."""

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


@attrs.frozen(kw_only=True, eq=False)
class _Layer:
    index: int
    gathered: range
    """Places of its blocks that gather."""
    weight: range
    """Of those that hold its weights."""


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
    """What came after samples."""

    between: Between
    rows: NDArray[np.int64]
    """What was counted of each (samples, counts)."""

    def program(self, sample: int) -> Program:
        """What came after one of them."""
        ((marked, numbers, _),) = self.between.marked(self.rows[sample : sample + 1])
        return marked.program(numbers[0].tolist())


class Between:
    """What comes between the samples of a loop.

    Parameters
    ----------
    transfers
        As the rule has them.
    table
        Where to list them.
    blocks
        All tiles of a loop.
    spans
        Of each layer that learns: places of blocks that gather, and of those that hold its weights.
    place_bits
        Of each tile: bits of a weight's place and its pulses on a link.
    """

    def __init__(
        self,
        transfers: Transfers,
        table: Table,
        *,
        blocks: Sequence[Looped],
        spans: Sequence[tuple[range, range]],
        place_bits: Sequence[int],
    ) -> None:
        self._transfers, self._blocks = transfers, blocks
        layers = transfers.layers
        self._layers = [
            _Layer(index=layer.index, gathered=gathered, weight=weight)
            for layer, (gathered, weight) in zip(layers, spans, strict=True)
        ]
        # Of many samples the same becomes.
        self._known = Kept[bytes, _Pattern](10_000)
        told = [(place, DUE) for layer in self._layers for place in layer.gathered]
        read = len(told)
        told += [(place, what) for layer in self._layers for place in layer.weight for what in range(COUNTED)]
        self._names = told
        self._told = np.array([place * COUNTED + what for place, what in told], np.intp)
        most = [int(what == DUE) for _, what in told[read:]]
        self._most_told = np.array([_MARK] * read + most, np.int64)
        self._place_bits = place_bits
        self._turn = np.array([0, transfers.every, transfers.reads, transfers.forgets], np.int64)
        self.place = self._list(table)

    def _list(self, table: Table) -> int:
        layers = self._transfers.layers
        moves, widest, most = [], 0, 1
        for own, layer in zip(self._layers, layers, strict=True):
            rows, columns = layer.sums.shape
            sums = table.add(as_floats(layer.sums))
            gathered, weight = own.gathered, own.weight
            moves.append([rows, gathered.start, gathered.stop, weight.start, weight.stop, sums])
            widest, most = max(widest, columns), max(most, min(self._transfers.reads, rows))
        numbers = np.array([[layer.gain, layer.threshold, layer.most] for layer in layers], np.float32)
        arrays = max(block.arrays for block in self._blocks)
        return table.add(
            as_tally(self._turn), as_tally(np.array(moves, np.int64)), as_floats(numbers),
            as_floats(np.zeros((most, widest), np.float32)), as_floats(np.zeros(widest, np.float32)),
            as_sums(np.zeros(arrays)),
        )  # fmt: skip

    def begin(self) -> None:
        """Be told that samples come next."""
        self._turn[0] = self._transfers.seen()

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
            if any(read):
                moved.append(Moved(index=layer.index, read=read, pulsed=pulsed))
        program = self._transfers.program(moved)
        columns, factors = np.array([mark[1:] for mark in marks], np.int64).reshape(-1, 2).T
        return _Pattern(Marked(program, tuple(mark[0] for mark in marks)), columns, factors)

    def _read(self, place: int, rows: int) -> Some:
        op = self._blocks[place].alone
        return (rows, op) if rows and op is not None else None

    def _pulsed(self, place: int, weights: int, marks: list[_Mark]) -> Some:
        """What is pulsed of a block, with marks for all counts, which are added to those that there are."""
        op, bits = self._blocks[place].pulse, self._place_bits[place]
        if not weights or op is None:
            return None
        first, told = _MARK + COUNTED * len(marks), dict(op.counts)
        for at, name in enumerate(_VARIED):
            if name in told:
                told[name] = first + at
                marks.append((first + at, self._names.index((place, at)), 1))
        # What is sent says how many weights there are, in bits.
        marks.append(((first + DUE) * bits, self._names.index((place, DUE)), bits))
        return first + DUE, operation(op.part, op.action, **told)
