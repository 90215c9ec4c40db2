"""How cells of a device answer to pulses: simulated, as arrays of it would, for whoever looks at a device."""

from __future__ import annotations

import math
from typing import Final

import attrs
import numpy as np

from chipsim.device.cells import Cells
from chipsim.device.device import LevelDevice, PulsedDevice
from chipsim.device.encoding import Hits
from chipsim.device.programming import CellList
from chipsim.device.randomness import generator
from chipsim.device.types import Floats, Indices, Sums

__all__ = ["Response", "Stretch", "Symmetry", "level_response", "pulse_response", "symmetry_of"]

_NAME: Final = "pulse response"
"""Of the array, from which together with the seed all is drawn."""
_ACROSS: Final = 1.5
"""Pulses either way, over those that a cell without spread takes: slower ones arrive, too."""
_POINTS: Final = 200
"""Points along the pulses of one direction at most; more pulses than that are given several at a time."""
_SETTLING: Final = 10
"""Pairs of alternating pulses after which slow cells have settled, over the states; then as many again."""
_MOST_PAIRS: Final = 5_000
_MEETS: Final = 0.05
"""Share of the range within which cells from both ends are taken to have come to the same."""


@attrs.frozen(kw_only=True, eq=False)
class Stretch:
    """What cells conduct along pulses of one sort."""

    sort: str
    """``up``, ``down``, or ``back`` for the one strong pulse that brings a cell to where it was made."""
    pulses: Indices
    """Pulses since the first of the response (points,), from those before this stretch on."""
    conductance: Floats
    """Of each cell after so many (points, cells), S."""

    def share(self, percent: float) -> Sums:
        """What so many percent of the cells stay below after each of the pulses (points,), S."""
        found: Sums = np.percentile(self.conductance.astype(np.float64), percent, axis=1)
        return found


@attrs.frozen(kw_only=True, eq=False)
class Response:
    """The pulse response of some cells."""

    stretches: tuple[Stretch, ...]
    unmoved: int
    """Cells that none of the pulses moved."""


@attrs.frozen(kw_only=True, eq=False)
class Symmetry:
    """Where alternating pulses lead cells that step both ways."""

    conductance: Sums
    """Mean over the last pairs of pulses, of each cell that pulses move (cells,), S."""
    meets: bool
    """Whether a cell comes to the same from either end of its range: otherwise it has no such point, or needs
    more pulses to get there."""
    pairs: int
    """Pairs of pulses that cells had to settle."""


def pulse_response(device: PulsedDevice, *, cells: int = 200, seed: int = 0) -> Response:
    """What simulated cells conduct while pulses lead them up and down again, as far as the device has those.

    Cells that step both ways are first led to their lower end by as many pulses down. Where one direction is
    missing, one strong pulse leads back, if there is one.

    Parameters
    ----------
    device
        Any that pulses move.
    cells
        How many.
    seed
        The same gives the same.

    Examples
    --------
    >>> from chipsim.spec import load_device
    >>> response = pulse_response(load_device("reram-array-om").spec.device)
    >>> [(stretch.sort, int(stretch.pulses[-1])) for stretch in response.stretches], response.unmoved
    ([('up', 32), ('down', 64)], 30)
    """
    bench = _Bench(device, cells, seed)
    up, down = bench.across("up"), bench.across("down")
    if "up" in device.offers and "down" in device.offers:
        bench.pulse("down", down)
    stretches: list[Stretch] = []
    for sort, many in (("up", up), ("down", down)):
        if sort in device.offers:
            stretches.append(_stretch(bench, sort, many, before=_end(stretches)))
    if len(stretches) == 1 and device.reset_pulse is not None:
        before, after = bench.conductance(), bench.back()
        pulses = np.array([_end(stretches), _end(stretches) + 1], np.int32)
        stretches.append(Stretch(sort="back", pulses=pulses, conductance=np.stack([before, after])))
    everything = np.concatenate([stretch.conductance for stretch in stretches])
    return Response(stretches=tuple(stretches), unmoved=int((np.ptp(everything, axis=0) == 0).sum()))


def level_response(device: LevelDevice, *, cells: int = 200, seed: int = 0) -> Floats:
    """What simulated cells conduct that were programmed to each level (levels, cells), S.

    Parameters
    ----------
    device, cells, seed
        As of :func:`pulse_response`.

    Examples
    --------
    >>> from chipsim.spec import load_chip
    >>> level_response(load_chip("bnn").spec.device).shape
    (9, 200)
    """
    rng = generator(seed, _NAME)
    array = device.fresh((1, cells), rng=rng)
    rows, lines = np.zeros(cells, np.int32), np.arange(cells, dtype=np.int32)
    found = []
    for level in range(device.means.size):
        device.program(array, CellList(rows, lines, np.full(cells, level, np.int8)), rng=rng)
        found.append(array.conductance[0].copy())
    return np.stack(found)


def symmetry_of(device: PulsedDevice, *, cells: int = 200, seed: int = 0) -> Symmetry:
    """Where alternating pulses, up and down in turn, lead simulated cells.

    Parameters
    ----------
    device
        One that steps both ways.
    cells, seed
        As of :func:`pulse_response`.

    Examples
    --------
    >>> from chipsim.spec import load_device
    >>> found = symmetry_of(load_device("reram-array-om").spec.device)
    >>> found.meets, round(1e6 * float(found.conductance.mean()))
    (True, 30)
    """
    # The same cells twice, for they are drawn first, and from the same seed.
    from_below, from_above = (_Bench(device, cells, seed) for _ in "-+")
    from_below.pulse("down", from_below.across("down"))
    from_above.pulse("up", from_above.across("up"))
    pairs = min(max(math.ceil(_SETTLING * device.states), 10), _MOST_PAIRS)
    below, above = from_below.alternated(pairs), from_above.alternated(pairs)
    moved = from_below.moved | from_above.moved
    apart = np.abs(below - above)[moved]
    meets = bool(apart.size) and float(np.median(apart)) < _MEETS * device.span(1.0)
    return Symmetry(conductance=0.5 * (below + above)[moved], meets=meets, pairs=pairs)


def _end(stretches: list[Stretch]) -> int:
    return int(stretches[-1].pulses[-1]) if stretches else 0


def _stretch(bench: _Bench, sort: str, many: int, *, before: int) -> Stretch:
    """So many pulses of one sort, with what cells conduct after each, or after every few."""
    every = math.ceil(many / _POINTS)
    pulses, found = [before], [bench.conductance()]
    for _ in range(math.ceil(many / every)):
        bench.pulse(sort, every)
        pulses.append(pulses[-1] + every)
        found.append(bench.conductance())
    return Stretch(sort=sort, pulses=np.array(pulses, np.int32), conductance=np.stack(found))


class _Bench:
    """A row of cells on which pulses are tried."""

    def __init__(self, device: PulsedDevice, cells: int, seed: int) -> None:
        self._device = device
        self._rng = generator(seed, _NAME)
        self._cells: Cells = device.fresh((1, cells), rng=self._rng)
        self._rows = np.zeros(cells, np.int32)
        self._columns = np.arange(cells, dtype=np.int32)
        self.moved = np.zeros(cells, np.bool_)
        """Cells that a pulse has moved."""

    def conductance(self) -> Floats:
        """Of each cell at present (cells,), S."""
        found: Floats = self._cells.conductance[0].copy()
        return found

    def across(self, sort: str) -> int:
        """Pulses that lead nearly every cell across its range."""
        pulses = _ACROSS * self._device.pulses_across(down=sort == "down")
        return max(math.ceil(round(pulses, 6)), 1)

    def pulse(self, sort: str, many: int) -> None:
        """Give every cell so many pulses."""
        before = self.conductance()
        hits = Hits(self._rows, self._columns, np.full(self._rows.size, many, np.int32))
        move = self._device.pulse if sort == "up" else self._device.pulse_down
        move(self._cells, hits, rng=self._rng)
        self.moved |= before != self.conductance()

    def back(self) -> Floats:
        """What cells conduct after the strong pulse."""
        self._device.reset(self._cells, self._rows, self._columns)
        return self.conductance()

    def alternated(self, pairs: int) -> Sums:
        """What each cell conducts on the average of as many pairs, after so many to settle (cells,), S."""
        total = np.zeros(self._rows.size)
        for place in range(2 * pairs):
            for sort in ("up", "down"):
                self.pulse(sort, 1)
                if place >= pairs:
                    total += self.conductance()
        mean: Sums = total / (2 * pairs)
        return mean
