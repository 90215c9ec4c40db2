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
    changes: int
    """How many were read around it."""


@attrs.frozen(kw_only=True)
class Measured:
    """A table for each direction that was measured."""

    rows: Mapping[bool, Sequence[Row]]
    """By whether it is that of pulses up."""
    residual: float
    """Root mean square of what changes were off the table, over the range of all."""


@attrs.frozen(kw_only=True, eq=False)
class _Changes:
    """Changes by one pulse on average, from a reading to the next."""

    place: Sums
    """Where in the range of its cell each began, from 0 to 1 (changes,)."""
    change: Sums
    """By one pulse, over the steps of its cell, S (changes,)."""
    pulses: Sums
    """From one reading to the next (changes,)."""


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
    found, offs, problems = {}, [], []
    for up in packed.ways():
        changes = _changes(packed, population, up=up)
        places = np.linspace(0, 1, min(max(changes.place.size // _CHANGES, _FEWEST_ROWS), _MOST_ROWS))
        rows, off = _rows(changes, places, population)
        problems += [Problem(file=file, message=one) for one in _uncovered(rows, up=up)]
        found[up] = rows
        offs.append(off)
    if problems:
        raise DescriptionError(problems)
    residual = float(np.sqrt(np.mean(np.concatenate(offs) ** 2)) / packed.span)
    return Measured(rows=found, residual=residual)


def _changes(packed: Packed, population: Population, *, up: bool) -> _Changes:
    way = "up" if up else "down"
    low, high = (population.known[name].values for name in ("low", "high"))
    steps = population.known[f"step_{way}"].values
    # Cells differ by a factor of their steps, which a description says apart from the table.
    gains = steps / np.exp(np.log(steps).mean())
    places, changes, pulses = [], [], []
    for place in np.flatnonzero(packed.up == up):
        cell = packed.cell[place]
        # A reading that stands for a standstill is the end of no step.
        told = packed.is_read[place] & (packed.loose[place] == 0)
        readings = packed.low + packed.span * packed.level[place, told]
        between = packed.pulses[place, told][1:]
        places.append((readings[:-1] - low[cell]) / (high[cell] - low[cell]))
        changes.append(np.diff(readings) / between / gains[cell])
        pulses.append(between)
    return _Changes(
        place=np.clip(np.concatenate(places), 0, 1),
        change=np.concatenate(changes),
        pulses=np.concatenate(pulses),
    )


def _rows(changes: _Changes, places: Sums, population: Population) -> tuple[list[Row], Sums]:
    """Lines between places through all changes, as a table is read, and what readings are off them."""
    spacing = places[1] - places[0]
    # How much of each change a place has: between two of them both have a part.
    parts = np.maximum(1 - np.abs(changes.place[:, None] - places) / spacing, 0)
    weighted = parts * changes.pulses[:, None]
    ridge = 1e-9 * np.eye(places.size)
    inverse = np.linalg.inv(parts.T @ weighted + ridge)
    means = inverse @ weighted.T @ changes.change
    off = changes.change - parts @ means
    # Both readings scatter, and their mean over several pulses hides some of what each pulse varies by.
    scatter = 2 * population.white.value**2 / changes.pulses
    squares = changes.pulses * off**2 - scatter
    variances = np.maximum(inverse @ weighted.T @ squares, 0)
    of_means = inverse @ (weighted.T * (changes.pulses * off**2)) @ parts @ inverse
    low, high = (float(population.known[name].values.mean()) for name in ("low", "high"))
    rows = [
        Row(
            conductance=low + place * (high - low),
            change=float(means[row]),
            reach=Z95 * float(np.sqrt(of_means[row, row])),
            deviation=float(np.sqrt(variances[row])),
            changes=int((np.abs(changes.place - place) <= spacing).sum()),
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
