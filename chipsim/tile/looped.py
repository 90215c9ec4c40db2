"""What compiled loops over samples ask of a resistive tile."""

from __future__ import annotations

import numpy as np

from chipsim.device.listed import as_sums, as_tally
from chipsim.device.table import Table
from chipsim.errors import DivergedError
from chipsim.synapse.carrier import Carrier
from chipsim.tile.changes import Changes
from chipsim.tile.side import Side

__all__ = ["Looped"]


class Looped:
    """A tile with state that can be listed in a table, with what is to be said of it afterwards."""

    shape: tuple[int, int]
    changes: Changes
    carrier: Carrier
    read_factor: float
    _rows: Side
    _columns: Side
    _rows_of: dict[str, tuple[tuple[str, str], ...]]

    @property
    def word_formats(self) -> tuple[tuple[float, bool], tuple[float, bool]]:
        """Levels, and whether samples are divided by their largest, of the words of inputs and of errors."""
        return self._rows.word_format, self._columns.word_format

    def listed(self, table: Table, *, pair: int, samples: int) -> int | None:
        """Add the tile to a table for loops that are compiled as a whole; None where they cannot take it.

        Parameters
        ----------
        table
            Where to.
        pair
            What takes the updates.
        samples
            Samples of a loop at most.
        """
        # Pulses first: from then on the arrays of that pair are not alike.
        pulsed = self.changes.listed(table, pair=pair)
        pairs = self.carrier.listed(table, pulsed=pair)
        if pulsed is None or pairs is None:
            return None
        place, encoder, numbers = pulsed
        rows, columns = self.shape
        forward = self._rows.listed(table, columns, samples=samples)
        backward = self._columns.listed(table, rows, samples=samples)
        parts = np.array([forward, backward, pairs, place, encoder], np.int64)
        factors = np.array([self.read_factor, *numbers], np.float64)
        return table.add(as_tally(parts), as_sums(factors), as_sums(np.zeros((2, 2))))

    def charged_as(self, action: str, *, pair: int = 0) -> tuple[tuple[str, str], ...]:
        """Part and action of each amount of a pass, or of an update of one pair."""
        of_pass = self._rows_of.get(action)
        return of_pass if of_pass is not None else self.changes.charged_as(action, pair=pair)

    def draw_noise(self, samples: int) -> None:
        """Noise of the converters for the next samples."""
        self._rows.draw_noise(samples)
        self._columns.draw_noise(samples)

    def fault_of(self, action: str) -> DivergedError:
        """What to say of a pass in which its cells conducted no finite number."""
        conducts = (self._rows if action == "forward" else self._columns).conducts
        return DivergedError(self._what_diverged(action, conducts=conducts))

    def _what_diverged(self, action: str, *, conducts: bool) -> str:
        raise NotImplementedError
