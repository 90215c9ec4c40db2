"""First weights that are read and pulsed again until they are right: program and verify, by small pulses."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

import attrs
import numpy as np

from chipsim.device.device import PulsedDevice
from chipsim.device.types import Counts, Flags, Floats, Indices, Sums, Tally
from chipsim.ledger import Charges
from chipsim.synapse.carrier import Target
from chipsim.synapse.synapse import PulsedSynapse
from chipsim.tile.resistive_tile import ResistiveTile
from chipsim.tile.tile import Change

__all__ = ["Verified", "Verify"]

_ACTION: Final = "initialise"
_COUNTS: Final = ("reads", "retry_reads", "retry_slots", "retry_visits")


@attrs.frozen(kw_only=True)
class Verify:
    """How close weights have to come, and how often that is tried."""

    tolerance: float
    """Error that is accepted, over the largest weight of the synapse."""
    rounds: int
    """Rounds of pulses after the first writing, at most."""


class Verified:
    """Verifying the first weights of one tile.

    Parameters
    ----------
    tile
        The tile.
    synapse, device
        What its cells are.
    how
        As described.

    Notes
    -----
    A round reads every row that holds a weight which is not right yet, alone and at full scale by the forward
    converters, and pulses the weights that are off by more than the tolerance, row by row. A weight that was
    read as right is not looked at again. The pulses are those that a cell without spread takes for the
    difference from where the reading says that it stands, and at least one.
    """

    remembers: ClassVar[tuple[str, ...]] = ("rounds",)

    def __init__(
        self, tile: ResistiveTile, *, synapse: PulsedSynapse, device: PulsedDevice, how: Verify
    ) -> None:
        self._tile, self._device, self._how = tile, device, how
        self._weight_range = synapse.weight_range
        # A count that no action reads is refused: pairs have no second phase, and none of its slots.
        self.counts = (*_COUNTS, "retry_down_slots") if synapse.in_phases else _COUNTS
        """Names of the counts that it adds to a first writing."""
        self.rounds: Tally = np.zeros(how.rounds + 2, np.int64)
        """Weights that were right after so many rounds, and those that never were (rounds + 2,)."""

    def verify(
        self, wanted: Floats, *, target: Target, pulse: Callable[[Counts], Change]
    ) -> tuple[dict[str, int], tuple[Charges, ...]]:
        """Read and pulse until all weights (rows, columns) are right or rounds are over.

        Parameters
        ----------
        wanted
            What was written.
        target
            What takes the pulses.
        pulse
            Gives each weight its pulses.

        Returns
        -------
        Counts of an operation, and charges.
        """
        counts = dict.fromkeys(self.counts, 0)
        charges: list[Charges] = []
        left: Flags = np.ones(wanted.shape, np.bool_)
        for tried in range(self._how.rounds + 1):
            rows, found, taken = self._read(left)
            counts["retry_reads" if tried else "reads"] += rows.size
            charges += taken
            self._judge(left, rows, wanted[rows] - found, tried=tried)
            if tried == self._how.rounds or not left.any():
                break
            change = pulse(self._pulses(left, rows, found, wanted=wanted, target=target))
            charges += change.charges
            for name, count in change.operation.counts:
                if name != "pair":
                    counts[f"retry_{name}"] += count
        self.rounds[-1] = np.count_nonzero(left)
        return counts, tuple(charges)

    def _read(self, left: Flags) -> tuple[Indices, Floats, tuple[Charges, ...]]:
        """The rows with weights that are not right yet, what is read of them, and what that takes."""
        rows: Indices = np.flatnonzero(left.any(axis=1)).astype(np.int32)
        found = self._tile.read_rows(rows).values
        siemens = self._tile.sides[0].line_siemens()[:, rows].sum(axis=1)
        return rows, found, self._tile.read_charges(_ACTION, siemens)

    def _judge(self, left: Flags, rows: Indices, missing: Floats, *, tried: int) -> None:
        """Leave only weights that are still off; count those that came right."""
        before = int(np.count_nonzero(left))
        left[rows] &= np.abs(missing) > self._how.tolerance * self._weight_range
        self.rounds[tried] += before - int(np.count_nonzero(left))

    def _pulses(self, left: Flags, rows: Indices, found: Floats, *, wanted: Floats, target: Target) -> Counts:
        """Pulses of each weight, negative ones to lower it; none of those that are right."""
        counts: Counts = np.zeros(left.shape, np.int32)
        missing: Sums = wanted[rows].astype(np.float64) - found
        steps = missing / (target.step * self._tile.carrier.weight_per_siemens)
        reach = found.astype(np.float64) / self._weight_range
        if target.zero_share is None:
            # Of a pair the cell that is raised stands where the weight says, and the other as it was made.
            begin = np.clip(np.sign(missing) * reach, 0, 1)
            pulses = self._device.pulses_for(np.abs(steps), begin=begin)
        else:
            begin = np.clip(target.zero_share + reach / 2, 0, 1)
            pulses = np.abs(self._device.pulses_for(steps, begin=begin))
        whole = np.maximum(np.rint(pulses), 1) * np.sign(missing)
        counts[rows] = np.where(left[rows], whole, 0)
        return counts

    def lost(self) -> list[tuple[int, int]]:
        """Weights that were not right at once, and those that never were, each of all."""
        every = int(self.rounds.sum())
        return [(every - int(self.rounds[0]), every), (int(self.rounds[-1]), every)]
