"""What one side of a tile drives: cells, and the wires to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import attrs

from chipsim.device.types import Floats, Sums

__all__ = ["Read", "Resistive", "Source"]

Read = Callable[[Floats, Floats], None]
"""Adds currents of driven lines (batch, driven) to sums (batch, read)."""


class Resistive(Protocol):
    """Wires that have a resistance, seen from one side of a tile."""

    def renew(self, testing: bool) -> None:  # noqa: FBT001
        """Bring what lines conduct up to date, before a read in a test or in training."""

    def couple(self, driven: Floats, conductance: Sums) -> None:
        """Take from what driven lines (batch, lines) conduct alone what they take from one another.

        Parameters
        ----------
        driven
            What lines are driven with.
        conductance
            Squared driven value times conductance, summed for each array, S (arrays,); overwritten.
        """


@attrs.frozen(eq=False)
class Source:
    """What one side of a tile drives."""

    read: Read
    """Adds currents of driven lines to sums."""
    line_sums: Sums
    """Summed conductance of each driven line of each array (arrays, lines), S."""
    wires: Resistive | None = None
    """None for wires along which no voltage is lost; `line_sums` are then kept by whoever changes cells."""
