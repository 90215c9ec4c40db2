"""Changes of conductance given the conductance, straight from readings: the rows of a table of steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import attrs
import numpy as np

from chipsim.device.types import Sums
from chipsim.errors import DescriptionError, Problem
from chipsim.fitting.packed import Packed
from chipsim.fitting.population import Population
from chipsim.fitting.quantiles import Z95
from chipsim.units import CONDUCTANCE, show

__all__ = ["Measured", "Row", "measured_rows"]

_MOST_ROWS: Final = 11
_FEWEST_ROWS: Final = 3
_CHANGES: Final = 12
"""Changes that a row takes, where there are fewer rows than the most."""
_MOST_SCATTER: Final = 0.25
"""Of a change from a reading to the next, that readings may scatter by before a table is doubted."""
_LEAST: Final = 3
"""Changes around a place, below which it is not covered."""


@attrs.frozen(kw_only=True)
class Row:
    """What a pulse does at one conductance, S."""

    conductance: float
    change: float
    reach: float
    """Half of the interval of 95 % of the change."""
    deviation: float
    """Standard deviation of the change, from pulse to pulse, that of readings left out."""
    is_shared: bool
    """Whether the deviation is that of all of the range: readings scatter by more than what is left here."""
    changes: int
    """How many were read around it."""


@attrs.frozen(kw_only=True)
class Measured:
    """A table for each direction that was measured."""

    rows: Mapping[bool, Sequence[Row]]
    """By whether it is that of pulses up."""
    residual: float
    """Root mean square of what changes were off the table, over the range of all."""
    scatter: float
    """Standard deviation of a reading over the mean change from one to the next, of the direction where it is
    more."""

    @property
    def doubts(self) -> tuple[str, ...]:
        """What may be wrong with the table, in sentences."""
        if self.scatter <= _MOST_SCATTER:
            return ()
        scatter, most = (f"{100 * share:.0f} %" for share in (self.scatter, _MOST_SCATTER))
        told = (
            f"Readings scatter by {scatter} of the change from one to the next, by more than {most}: "
            "changes next to the ends of a table may be off by more than is told, and deviations are those "
            "of the whole range."
        )
        return (told,)


@attrs.frozen(kw_only=True, eq=False)
class _Changes:
    """Changes by one pulse on average, from a reading to the next."""

    place: Sums
    """Where in the range of its cell each was read to begin, from 0 to 1 (changes,)."""
    change: Sums
    """By one pulse, over the steps of its cell, S (changes,)."""
    pulses: Sums
    """From one reading to the next (changes,)."""
    away: Sums
    """By how much of the range the first reading is off its cell, over what the change is off the mean
    (changes,), per siemens."""

    def placed(self, off: Sums) -> _Changes:
        """With each where it is likeliest to have begun.

        A reading that is too high makes the change behind it too low: taken as they are read, changes would
        lean towards what readings scatter by.
        """
        return attrs.evolve(self, place=self.place + self.away * off)


def measured_rows(packed: Packed, population: Population, *, file: str) -> Measured:
    """Tables of steps.

    Parameters
    ----------
    packed
        What was read.
    population
        The cells, of which ranges, mean steps and the scatter of readings are taken.
    file
        Of the curve, for messages.

    Raises
    ------
    DescriptionError
        When readings do not cover the range, or pulses lead nowhere, or back, somewhere in it.
    """
    found, offs, problems, scatters = {}, [], [], []
    for up in packed.ways():
        changes = _changes(packed, population, up=up)
        places = np.linspace(0, 1, min(max(changes.place.size // _CHANGES, _FEWEST_ROWS), _MOST_ROWS))
        usual = float(np.median(changes.pulses)) * _step(population, up=up)
        scatters.append(population.white.value / usual)
        rows, off = _rows(changes, places, population, up=up)
        problems += [Problem(file=file, message=one) for one in _uncovered(rows, up=up)]
        found[up] = rows
        offs.append(off)
    if problems:
        raise DescriptionError(problems)
    residual = float(np.sqrt(np.mean(np.concatenate(offs) ** 2)) / packed.span)
    return Measured(rows=found, residual=residual, scatter=max(scatters))


def _step(population: Population, *, up: bool) -> float:
    """Mean step of a direction, S."""
    return float(np.exp(population.logarithm("step_up" if up else "step_down").values.mean()))


def _changes(packed: Packed, population: Population, *, up: bool) -> _Changes:
    way = "up" if up else "down"
    low, high = (population.known[name].values for name in ("low", "high"))
    steps = population.known[f"step_{way}"].values
    # Cells differ by a factor of their steps, which a description says apart from the table.
    gains = steps / _step(population, up=up)
    varies = population.noise.value * _step(population, up=up)
    white = population.white.value
    places, changes, pulses, away = [], [], [], []
    for place in np.flatnonzero(packed.up == up):
        cell = packed.cell[place]
        # A reading that stands for a standstill is the end of no step.
        told = packed.is_read[place] & (packed.loose[place] == 0)
        readings = packed.low + packed.span * packed.level[place, told]
        between = packed.pulses[place, told][1:]
        places.append((readings[:-1] - low[cell]) / (high[cell] - low[cell]))
        changes.append(np.diff(readings) / between / gains[cell])
        pulses.append(between)
        # Of what a whole change is off, as much as the first reading has of all that it varies by.
        part = white**2 / np.maximum(2 * white**2 + between * (varies * gains[cell]) ** 2, 1e-30)
        away.append(part * between * gains[cell] / (high[cell] - low[cell]))
    return _Changes(
        place=np.concatenate(places),
        change=np.concatenate(changes),
        pulses=np.concatenate(pulses),
        away=np.concatenate(away),
    )


@attrs.frozen(kw_only=True, eq=False)
class _Lines:
    """Lines between places through all changes, as a table is read."""

    parts: Sums
    """How much of each change a place has (changes, places)."""
    weighted: Sums
    """The same times pulses."""
    inverse: Sums
    means: Sums
    """At each place (places,)."""
    off: Sums
    """What changes are off them (changes,)."""


def _lines(changes: _Changes, places: Sums) -> _Lines:
    spacing = places[1] - places[0]
    # Between two places both have a part.
    inside = np.clip(changes.place, 0, 1)
    parts = np.maximum(1 - np.abs(inside[:, None] - places) / spacing, 0)
    weighted = parts * changes.pulses[:, None]
    inverse = np.linalg.inv(parts.T @ weighted + 1e-9 * np.eye(places.size))
    means = inverse @ weighted.T @ changes.change
    off = changes.change - parts @ means
    return _Lines(parts=parts, weighted=weighted, inverse=inverse, means=means, off=off)


def _rows(changes: _Changes, places: Sums, population: Population, *, up: bool) -> tuple[list[Row], Sums]:
    """A table, and what readings are off it."""
    spacing = places[1] - places[0]
    changes = changes.placed(_lines(changes, places).off)
    lines = _lines(changes, places)
    parts, weighted, inverse, off = lines.parts, lines.weighted, lines.inverse, lines.off
    # Both readings scatter, and their mean over several pulses hides some of what each pulse varies by.
    scatter = 2 * population.white.value**2 / changes.pulses
    squares = changes.pulses * off**2 - scatter
    variances = inverse @ weighted.T @ squares
    # As the law with steps at places has it, which tells noise of steps and of readings apart by all of them:
    # a small difference of two large variances may be any number, and below none.
    shared = population.noise.value * _step(population, up=up)
    step = _step(population, up=up) * float(np.median(changes.pulses))
    is_shared = (variances <= 0) | (population.white.value > _MOST_SCATTER * step)
    deviations = np.where(is_shared, shared, np.sqrt(np.maximum(variances, 0)))
    of_means = inverse @ (weighted.T * (changes.pulses * off**2)) @ parts @ inverse
    low, high = (float(population.known[name].values.mean()) for name in ("low", "high"))
    rows = [
        Row(
            conductance=low + place * (high - low),
            change=float(lines.means[row]),
            reach=Z95 * float(np.sqrt(of_means[row, row])),
            deviation=float(deviations[row]),
            is_shared=bool(is_shared[row]),
            changes=int((np.abs(np.clip(changes.place, 0, 1) - place) <= spacing).sum()),
        )
        for row, place in enumerate(places)
    ]
    return rows, off * changes.pulses


def _uncovered(rows: Sequence[Row], *, up: bool) -> list[str]:
    """What is wrong with a table: places without readings, and such that no pulse leads past."""
    way, sign = ("up", 1.0) if up else ("down", -1.0)
    bare = [row for row in rows if row.changes < _LEAST]
    if bare:
        covered = [row for row in rows if row.changes >= _LEAST]
        ends = [show(row.conductance, CONDUCTANCE, 3) for row in (rows[0], rows[-1])]
        lacks = ", ".join(show(row.conductance, CONDUCTANCE, 3) for row in bare[:5])
        message = (
            f"a table of steps {way} must cover the range, {ends[0]} to {ends[1]}, and around {lacks} fewer "
            f"than {_LEAST} steps {way} were read ({len(covered)} of {len(rows)} places are covered); read "
            "the pulses of that direction along all of the range, or take another law (--law)"
        )
        return [message]
    # At its own end a step may shrink to nothing.
    stuck = [row for row in (rows[:-1] if up else rows[1:]) if sign * row.change <= 0]
    return [
        f"at {show(row.conductance, CONDUCTANCE, 3)} pulses {way} lead nowhere, or back, on average (by "
        f"{show(row.change, CONDUCTANCE, 3)}): no table leads past it; read more cycles, or take another law "
        "(--law)"
        for row in stuck[:5]
    ]
