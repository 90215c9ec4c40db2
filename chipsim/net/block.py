"""A block of a matrix in a compiled loop: numbers of its row in a table, and its books before pulses."""

from __future__ import annotations

from typing import Final

from chipsim.device.types import Sums, Tally, inlined
from chipsim.net.between import COUNTED
from chipsim.tile.compiled import AMOUNTS_OF_UPDATE, LINES_OF_UPDATE

__all__ = [
    "ARRAYS",
    "END_COLUMN",
    "END_ROW",
    "FIRST_COLUMN",
    "FIRST_ROW",
    "OF_PULSES",
    "TILE",
    "clear_pulses",
]

TILE, FIRST_ROW, END_ROW, FIRST_COLUMN, END_COLUMN, ARRAYS = range(6)
"""Numbers of a block: its tile, its part of the matrix, and how many arrays that tile has."""
OF_PULSES: Final = AMOUNTS_OF_UPDATE + LINES_OF_UPDATE
"""Amounts of pulses, behind those of readings there and back."""


@inlined
def clear_pulses(block: Tally, energies: Sums, visited: Tally) -> None:
    """No weight of a block has been pulsed by a sample; overwrites its books (amounts,) and (counts,)."""
    first = 2 * block[ARRAYS]
    for amount in range(first, first + OF_PULSES):
        energies[amount] = 0
    for counted in range(COUNTED):
        visited[counted] = 0
