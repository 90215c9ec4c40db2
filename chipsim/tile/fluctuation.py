"""Read noise of the cells of one tile, in one direction of reading it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

import numpy as np

from chipsim.device.fluctuating import (
    ALONE,
    EVEN,
    PAIR,
    SQUARED,
    add_squares_by_columns,
    add_squares_by_rows,
    even_square,
    fluctuate,
    squares_of,
)
from chipsim.device.gaussian import draw_gaussians, words_of
from chipsim.device.listed import UnlistedError, as_floats, as_sums, as_tally
from chipsim.device.randomness import generator
from chipsim.device.reading_many import list_driven, read_columns, read_rows
from chipsim.device.table import Table
from chipsim.device.types import Floats, Words
from chipsim.noise.read_noise import ReadNoise
from chipsim.synapse.carrier import Carrier
from chipsim.units import Ps

__all__ = ["Fluctuation", "fluctuation_of"]

_SORTS = {1: ALONE, 2: PAIR}
"""How groups of so many arrays are listed."""
_FEW = 16
"""Samples below which squares of all conductances take longer than the samples."""


def fluctuation_of(
    noise: ReadNoise | None,
    carrier: Carrier,
    *,
    seed: int,
    name: str,
    read_time: Ps,
    columns: int,
    by_rows: bool,
    left: Callable[[], Sequence[Floats]] | None = None,
) -> Fluctuation | None:
    """Read noise of a carrier's cells in one direction, drawn by the name of its converters."""
    if noise is None:
        return None
    rngs = generator(seed, f"{name}.cells"), generator(seed, f"{name}.cells.evaluating")
    cells = carrier.conducting
    return Fluctuation(
        noise, read_time=read_time, cells=cells, columns=columns, by_rows=by_rows, rngs=rngs, left=left
    )


class Fluctuation:
    """What the currents of a tile are off by because its cells fluctuate while they are read.

    Parameters
    ----------
    noise
        Of the cells.
    read_time
        Duration of a read.
    cells
        What cells in use conduct (rows, lines), S, group after group of one array or of the two of a pair;
        looked at in each read.
    columns
        Columns of weights; those of cells that follow one another belong to one weight.
    by_rows
        Whether rows are driven and columns are read, or the other way round.
    rngs
        Whose children draw in training, and in testing in between.
    left
        Gives what wires leave of each cell, array after array (rows, lines); None where they leave all.
    """

    remembers: ClassVar[tuple[str, ...]] = ("_words",)
    drawn_from: ClassVar[tuple[str, ...]] = ("_words",)

    def __init__(
        self,
        noise: ReadNoise,
        *,
        read_time: Ps,
        cells: Sequence[tuple[Floats, ...]],
        columns: int,
        by_rows: bool,
        rngs: tuple[np.random.Generator, np.random.Generator],
        left: Callable[[], Sequence[Floats]] | None = None,
    ) -> None:
        self._cells, self._columns, self._by_rows = tuple(cells), columns, by_rows
        # Loops draw some hundred numbers a sample: by the compiled generator in a quarter of numpy's time.
        self._words = tuple(words_of(source) for source in rngs)
        each = cells[0][0].shape[1] // columns if columns else 1
        self._share = float(noise.share_in(read_time)) ** 2
        # Of all cells at a crossing at once: a floor asks none of them what it conducts.
        self._floor = float(noise.floor) ** 2 * each * sum(map(len, self._cells))
        self._floor_of_one, self._left = float(noise.floor) ** 2, left
        self._each = each

    def add(self, driven: Floats, out: Floats, *, evaluating: bool) -> None:
        """Add to the currents of driven lines (batch, driven) what they are off by (batch, read)."""
        # One number a line and not one a cell: the same in distribution, and hundreds of times fewer.
        drawn = _drawn(self._words[evaluating], out.shape)
        if self._left is not None:
            out += np.sqrt(self._behind_wires(driven, out.shape)) * drawn
            return
        variance, even = self._squares(driven, out.shape)
        for sample in range(len(out)):
            squares = squares_of(driven[sample])
            fluctuate(variance[sample], self._share, self._floor, even, squares, drawn[sample], out[sample])

    def _behind_wires(self, driven: Floats, shape: tuple[int, ...]) -> Floats:
        """Variances of the currents of lines (batch, read), S^2."""
        assert self._left is not None
        factors = iter(self._left())
        total: Floats = np.zeros(self._cells[0][0].shape, np.float32)
        for group in self._cells:
            for conductance, left in zip(group, factors, strict=False):
                # What a cell is off by comes to the end of its line as its current does. Of one that is alone
                # with its wires it is less, for it sees its own current in them; among many that is little.
                deviation = left * conductance
                total += np.float32(self._share) * deviation * deviation
                total += np.float32(self._floor_of_one) * left * left
        by_weight: Floats = total.reshape(len(total), self._columns, self._each).sum(axis=2)
        found: Floats = np.zeros(shape, np.float32)
        add = read_rows if self._by_rows else read_columns
        add(driven * driven, by_weight, found)
        return found

    def _squares(self, driven: Floats, shape: tuple[int, ...]) -> tuple[Floats, float]:
        """Sums of squared inputs times squared conductances (batch, read), and squares that are even, S^2."""
        found, even = np.zeros(shape, np.float32), 0.0
        few = len(driven) < _FEW and self._each == 1
        for group in self._cells:
            same = self._even(group)
            if same >= 0:
                even += same
            elif few:
                self._add_few(driven, group, found)
            else:
                add = read_rows if self._by_rows else read_columns
                add(driven * driven, self._squared(group), found)
        return found, even

    def _even(self, group: tuple[Floats, ...]) -> float:
        """As :func:`even_square`; cells of which a weight has several are looked at one by one."""
        if self._each > 1 or not group[0].size:
            return -1.0
        return float(even_square(_SORTS[len(group)], group[0], group[-1]))

    def _squared(self, group: tuple[Floats, ...]) -> Floats:
        """Sums of squares of what the cells of each weight conduct (rows, columns)."""
        first, *second = group
        squared: Floats = first * first
        for other in second:
            squared += other * other
        if self._each == 1:
            return squared
        found: Floats = squared.reshape(len(squared), self._columns, self._each).sum(axis=2)
        return found

    def _add_few(self, driven: Floats, group: tuple[Floats, ...], found: Floats) -> None:
        lines = np.empty(driven.shape[1] + 1, np.int32)
        sort, plus, minus = _SORTS[len(group)], group[0], group[-1]
        for x, out in zip(driven, found, strict=True):
            if self._by_rows:
                add_squares_by_rows(x, lines[: list_driven(x, lines)], sort, plus, minus, out)
            else:
                add_squares_by_columns(x, sort, plus, minus, out)

    def listed(self, table: Table, *, samples: int, read: int, pulsed: int | None) -> tuple[int, Floats]:
        """Add it, in training, to a table for loops; its place, and room for what is drawn (samples, read).

        Parameters
        ----------
        table
            Where to.
        samples, read
            Samples that are drawn for at a time, and lines that are read.
        pulsed
            The group that these loops pulse; None where they only read.

        Raises
        ------
        UnlistedError
            When cells are not what kernels read them as, or see less than the read voltage.
        """
        if self._left is not None:
            raise UnlistedError("what wires leave of the noise of cells is worked out step by step")
        ahead: Floats = np.zeros((samples, read), np.float32)
        # A loop reads arrays with one cell a weight; others have no loop.
        shape = self._cells[0][0].shape[0], self._columns
        sorts: list[int] = []
        arrays: list[Floats] = []
        for place, group in enumerate(self._cells):
            # Squared once instead of by every sample, from half as much memory, with the same bits.
            fixed = place != pulsed
            sort = EVEN if self._even(group) >= 0 else SQUARED
            sorts.append(sort if fixed else _SORTS[len(group)])
            arrays += [self._squared(group)] * 2 if fixed else [group[0], group[-1]]
        place = table.add(
            as_sums(np.array([self._share, self._floor], np.float64)),
            as_tally(np.array(sorts, np.int64)),
            as_floats(np.empty(read, np.float32)),
            as_floats(ahead),
            as_sums(np.empty(len(sorts))),
            *(as_floats(array, *shape) for array in arrays),
        )
        return place, ahead

    def draw(self, ahead: Floats) -> None:
        """What the next samples of training are off by (samples, lines), as :meth:`add` draws it."""
        ahead[:] = _drawn(self._words[0], ahead.shape)


def _drawn(words: Words, shape: tuple[int, ...]) -> Floats:
    """Gaussian numbers of mean zero and variance one, sample after sample."""
    numbers = np.empty(shape)
    draw_gaussians(words, numbers.reshape(-1))
    found: Floats = numbers.astype(np.float32)
    return found
