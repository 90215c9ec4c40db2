"""Chosen lines and places of a weight matrix on its tiles: lines read alone, and single weights pulsed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import attrs
import numpy as np

from chipsim.device.types import Counts, Floats, Indices
from chipsim.ledger import Charges
from chipsim.net.matrix import Block, Matrix, all_charges
from chipsim.parts.program import Operation, Program, Stream, parallel, series
from chipsim.tile.tile import Change, ChosenTile, Reading

__all__ = ["Lines", "lines_program", "places_program", "pulse_places", "read_lines", "typical_lines"]

Lines = Literal["rows", "columns"]
"""Which lines are driven one by one: rows, read on the columns, or the other way round."""


@attrs.frozen(kw_only=True)
class _Side:
    """A block as it lies along the lines that are driven, and what it sends back for each."""

    along: slice
    across: slice
    bits: int


def _side(block: Block[ChosenTile], by: Lines) -> _Side:
    if by == "rows":
        return _Side(along=block.rows, across=block.columns, bits=block.outputs * block.tile.output_bits)
    return _Side(along=block.columns, across=block.rows, bits=block.inputs * block.tile.returned_bits)


def read_lines(
    matrix: Matrix[ChosenTile], lines: Indices, *, by: Lines
) -> tuple[Floats, Program, tuple[Charges, ...]]:
    """The weights of listed lines, as converters give them (lines, across), one line after another.

    Blocks that a line runs through are read side by side, for they are on tiles of their own. Nothing is sent
    to a tile: which line it is costs no traffic.

    Parameters
    ----------
    matrix
        Whose weights.
    lines
        Places in the whole matrix, in any order.
    by
        Whether they are rows or columns.
    """
    across = matrix.shape[1] if by == "rows" else matrix.shape[0]
    out = np.zeros((lines.size, across), np.float32)
    readings: list[Reading] = []
    ops: list[tuple[int, Operation] | None] = []
    for block in matrix.blocks:
        side = _side(block, by)
        mine = (lines >= side.along.start) & (lines < side.along.stop)
        if not mine.any():
            ops.append(None)
            continue
        own = (lines[mine] - side.along.start).astype(np.int32)
        reading = block.tile.read_rows(own) if by == "rows" else block.tile.read_columns(own)
        out[np.flatnonzero(mine), side.across] = reading.values
        ops.append((int(np.count_nonzero(mine)), reading.operation))
        readings.append(reading)
    return out, lines_program(matrix, ops, by=by), all_charges(readings)


def lines_program(
    matrix: Matrix[ChosenTile], read: Sequence[tuple[int, Operation] | None], *, by: Lines
) -> Program:
    """The program of reading lines, by how many are read of each block, and the operation of one.

    Parameters
    ----------
    matrix
        Whose weights.
    read
        Of each block; None where no line runs through it.
    by
        As for :func:`read_lines`.
    """
    reading_of: dict[int, list[Program]] = {}
    count_of: dict[int, int] = {}
    for block, one in zip(matrix.blocks, read, strict=True):
        if one is None:
            continue
        side = _side(block, by)
        sent = matrix.chip.move(matrix.part(block), matrix.chip.digital, side.bits)
        reading_of.setdefault(side.along.start, []).append(series((one[1], sent)))
        count_of[side.along.start] = one[0]
    return parallel(Stream(parallel(each), count_of[start]) for start, each in reading_of.items())


def typical_lines(matrix: Matrix[ChosenTile], count: int, *, by: Lines) -> Program:
    """The program of reading so many lines that nobody computed: those of the first blocks."""
    first = _side(matrix.blocks[0], by).along
    reads: list[Program] = []
    for block in matrix.blocks:
        side = _side(block, by)
        if side.along != first:
            continue
        sent = matrix.chip.move(matrix.part(block), matrix.chip.digital, side.bits)
        reads.append(series((block.tile.typical(f"read-{by}"), sent)))
    return Stream(parallel(reads), count)


def pulse_places(
    matrix: Matrix[ChosenTile], rows: Indices, columns: Indices, *, counts: Counts, pair: int
) -> tuple[Program, tuple[Charges, ...]]:
    """Give chosen weights their pulses, all tiles side by side; each is sent its places and pulses.

    Parameters
    ----------
    matrix
        Whose weights.
    rows, columns
        Places in the whole matrix, row after row (places,).
    counts
        Pulses of each, negative ones to lower it (places,).
    pair
        The part of a synapse that they go to.
    """
    changes: list[Change] = []
    ops: list[tuple[int, Operation] | None] = []
    for block in matrix.blocks:
        mine = (rows >= block.rows.start) & (rows < block.rows.stop)
        mine &= (columns >= block.columns.start) & (columns < block.columns.stop)
        weights = int(np.count_nonzero(mine))
        # A tile that gets nothing is sent nothing, and its lines rest.
        if not weights:
            ops.append(None)
            continue
        own_rows = (rows[mine] - block.rows.start).astype(np.int32)
        own_columns = (columns[mine] - block.columns.start).astype(np.int32)
        change = block.tile.pulse_places(own_rows, own_columns, counts[mine], pair=pair)
        ops.append((weights, change.operation))
        changes.append(change)
    return places_program(matrix, ops), all_charges(changes)


def places_program(matrix: Matrix[ChosenTile], pulsed: Sequence[tuple[int, Operation] | None]) -> Program:
    """The program of pulses on chosen weights, by how many weights get any on each block, and how.

    Parameters
    ----------
    matrix
        Whose weights.
    pulsed
        Of each block; None where no weight gets any.
    """
    programs: list[Program] = []
    for block, one in zip(matrix.blocks, pulsed, strict=True):
        if one is not None:
            sent = matrix.chip.move(matrix.chip.digital, matrix.part(block), one[0] * block.tile.place_bits)
            programs.append(series((sent, one[1])))
    return parallel(programs)
