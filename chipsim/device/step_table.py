"""The cell whose steps are a table of measured changes: how far a pulse leads, by what the cell conducts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final

import attrs
import numpy as np

from chipsim.device.curve import Curve
from chipsim.device.curved import CurvedDevice
from chipsim.device.types import Sums
from chipsim.spec.fault import Fault
from chipsim.spec.fields import at_least
from chipsim.units import CONDUCTANCE, Siemens, show

__all__ = ["MeasuredStep", "StepTable"]

_PIECES: Final = 512
"""Pieces that a table is read in whose conductances are not equidistant."""
_MOST: Final = 500
"""Rows of a table: results repeat those of both directions, each with its values."""
_NEAR: Final = 1e-6
"""Share of the range by which a table may end before it, being written as decimals; and by which conductances
may be off an equidistant grid."""


@attrs.frozen(kw_only=True)
class MeasuredStep:
    """What a pulse does at one conductance."""

    conductance: Siemens
    """Before the pulse."""
    change: Siemens
    """Mean change by the pulse; of pulses down less than zero."""
    deviation: Siemens = attrs.field(default=Siemens(0.0), validator=at_least(0))
    """Standard deviation of that change, from pulse to pulse."""


def _rows(_spec: Any, _field: Any, value: Sequence[MeasuredStep] | None) -> None:
    if value is not None and not 2 <= len(value) <= _MOST:
        raise ValueError(f"must have 2 to {_MOST:,} rows, not {len(value)}")


@attrs.frozen(kw_only=True)
class StepTable(CurvedDevice):
    """A cell whose steps, and what they vary by, are a table of measured changes for either direction.

    A row says how much a pulse changes a conductance on average, and with which standard deviation. Between
    rows both are linear; rows that are not equidistant are read at 513 places, which cuts the corners of
    those that lie closer. Where a cell has a range of its own, its place in that says which row is meant. A
    table may be named: `up: my-steps.csv`, a file beside the description with the columns `conductance`,
    `change` and, where steps vary, `deviation`, each with its unit behind it, such as `conductance (uS)`. It
    is read once, and stands in results as the rows that it had.

    Updates count in described steps, the range over `states`, as a controller does that knows no table.

    Examples
    --------
    >>> from chipsim.device.encoding import Hits
    >>> from chipsim.device.randomness import generator
    >>> rows = ((1e-6, 0.6e-6), (11e-6, 0.3e-6), (21e-6, 0.1e-6))
    >>> up = tuple(MeasuredStep(conductance=place, change=change) for place, change in rows)
    >>> cell = StepTable(states=50, up=up, on_conductance=21e-6, off_conductance=1e-6, pulse_voltage=2.0,
    ...     pulse_width=100_000, reset_voltage=3.0, reset_width=50_000, area=40_000)
    >>> cells = cell.fresh((1, 1), rng=generator(1, "array"))
    >>> once = Hits(*(np.array([count], np.int32) for count in (0, 0, 1)))
    >>> _ = cell.pulse(cells, once, rng=generator(1, "array"))
    >>> round(1e9 * float(cells.conductance[0, 0]))
    1600
    """

    kind: ClassVar[str] = "step-table"
    example: ClassVar[Mapping[str, Any]] = {
        **CurvedDevice.example, "on_conductance": "20 uS", "off_conductance": "2 uS", "states": 50,
        "up": [
            {"conductance": "2 uS", "change": "0.6 uS", "deviation": "0.1 uS"},
            {"conductance": "20 uS", "change": "0.2 uS", "deviation": "0.2 uS"},
        ],
        "down": [
            {"conductance": "2 uS", "change": "-0.1 uS"}, {"conductance": "20 uS", "change": "-0.5 uS"},
        ],
    }  # fmt: skip
    up: tuple[MeasuredStep, ...] = attrs.field(validator=_rows)
    """What pulses up do, by ascending conductance; or the name of a file."""
    down: tuple[MeasuredStep, ...] | None = attrs.field(default=None, validator=_rows)
    """What pulses down do, likewise; None for cells that pulses only raise."""

    def keys_of(self, *, down: bool) -> tuple[str, ...]:
        """The table of a direction."""
        return ("down",) if down else ("up",)

    def of_curve(self, *, down: bool) -> Iterator[Fault]:
        """Tables that lack rows or have them in no order, and those of all curves."""
        (key,) = self.keys_of(down=down)
        rows = self.down if down else self.up
        if rows is None:
            message = "needs the table 'down' of what pulses down do, for it has a down_voltage"
            yield Fault((self.section, "kind"), message)
            return
        found = [*self._of_rows(key, rows, down=down), *self._of_range(key, rows)]
        yield from found
        # Rows in no order are no curve that could be asked for more.
        if not found:
            yield from super().of_curve(down=down)

    def _of_rows(self, key: str, rows: Sequence[MeasuredStep], *, down: bool) -> Iterator[Fault]:
        """Rows out of order, and those that lead the other way."""
        for place, row in enumerate(rows):
            here, step = show(row.conductance, CONDUCTANCE), show(row.change, CONDUCTANCE)
            if place and row.conductance <= rows[place - 1].conductance:
                before = show(rows[place - 1].conductance, CONDUCTANCE)
                message = f"must be more than that of the row before, {before}, not {here}: rows ascend"
                yield Fault((self.section, key, place, "conductance"), message)
            if row.change > 0 if down else row.change < 0:
                wanted = "at most" if down else "at least"
                message = (
                    f"must be {wanted} 0 S in the table {key!r}, not {step}: on average such a pulse leads "
                    "the other way"
                )
                yield Fault((self.section, key, place, "change"), message)
            # Between the ends: at its own end a step may shrink to nothing. Places that are looked at later
            # may lie beside the row.
            elif 0 < place < len(rows) - 1 and not row.change:
                message = f"is {step} in the middle of the table {key!r}: no pulse leads past it"
                yield Fault((self.section, key, place, "change"), message)

    def _of_range(self, key: str, rows: Sequence[MeasuredStep]) -> Iterator[Fault]:
        """A table that ends before the range does."""
        first, last = rows[0].conductance, rows[-1].conductance
        near = _NEAR * self.span(1.0)
        if first > self.off_conductance + near or last < self.on_conductance - near:
            ends = (first, last, self.off_conductance, self.on_conductance)
            told = [show(one, CONDUCTANCE) for one in ends]
            message = (
                f"goes from {told[0]} to {told[1]} and must cover the range, {told[2]} to {told[3]}; add "
                "rows, or give off_conductance and on_conductance what was measured"
            )
            yield Fault((self.section, key), message)

    def curve(self, *, down: bool) -> Curve:
        """The table in equidistant places, over the described step."""
        rows = (self.down if down else self.up) or ()
        places, changes, deviations = self._columns(rows)
        grid = _grid(places)
        states, sign = self.described_states[down], -1.0 if down else 1.0
        # Changes by pulses down are less than zero, and lengths never are.
        lengths = sign * np.interp(grid, places, changes) * states
        noise = np.interp(grid, places, deviations) * states
        if down:
            lengths, noise = lengths[::-1], noise[::-1]
        return Curve(lengths=lengths, states=states, deviations=noise)

    def _columns(self, rows: Sequence[MeasuredStep]) -> Sums:
        """Places in the range, changes and their deviations over it (3, rows)."""
        table = np.array([[row.conductance, row.change, row.deviation] for row in rows], np.float64).T
        table[0] -= self.off_conductance
        columns: Sums = table / self.span(1.0)
        return columns


def _grid(places: Sums) -> Sums:
    """Equidistant places over the range: those of the table, where it has such."""
    # Its own places cut no corner.
    same = np.linspace(0, 1, places.size)
    is_even = places.size <= _PIECES + 1 and np.allclose(places, same, rtol=0, atol=_NEAR)
    return same if is_even else np.linspace(0, 1, _PIECES + 1)
