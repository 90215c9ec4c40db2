"""How long steps of many cells are at once, in the room that their numbers have in compiled loops."""

from __future__ import annotations

from typing import Final

import numpy as np

from chipsim.device.types import Sums, inlined
from chipsim.device.uneven_steps import LENGTH, LENGTH_RISE, NOISE, NOISE_RISE

__all__ = [
    "AFTER",
    "BEFORE",
    "BEGAN",
    "BOTTOM",
    "CUT",
    "DRAWN",
    "KEPT",
    "LAST",
    "MET",
    "ROOM",
    "SHARE",
    "SIZE",
    "TOGETHER",
    "TOP",
    "ZERO",
    "length_on",
    "lengths_along",
    "lengths_to_bound",
    "lengths_to_own_bound",
]

TOGETHER: Final = 256
"""Cells whose numbers are worked on side by side, so that they stay in the nearest cache."""
ROOM: Final = 13 * TOGETHER
"""Numbers of all of them."""
(BEFORE, BEGAN, SIZE, BOTTOM, TOP, DRAWN, LAST, AFTER, KEPT, MET, CUT, SHARE, ZERO) = range(0, ROOM, TOGETHER)
"""Where each of these numbers begins in the room that they have, which is a single array: a compiler that
sees one need not ask whether several overlap."""


@inlined
def lengths_to_bound(room: Sums, size: int, down: int, zero: float, variation: float) -> None:
    """Lengths of the first steps of some cells, over those in the middle: they shrink towards a bound."""
    for h in range(size):
        began, bottom, top = room[BEGAN + h], room[BOTTOM + h], room[TOP + h]
        bound = bottom if down else top
        room[SHARE + h] = (began - bound) / (zero - bound) + variation * room[DRAWN + h]


@inlined
def lengths_to_own_bound(room: Sums, size: int, down: int, variation: float) -> None:
    """The same of cells each of which has a middle of its own, for windows narrow."""
    for h in range(size):
        began, bottom, top = room[BEGAN + h], room[BOTTOM + h], room[TOP + h]
        bound = bottom if down else top
        room[SHARE + h] = (began - bound) / (room[ZERO + h] - bound) + variation * room[DRAWN + h]


@inlined
def lengths_along(room: Sums, size: int, pieces: Sums, own: float) -> None:
    """Lengths of the first steps of some cells by a curve in pieces."""
    if pieces.shape[0] == 1:
        # What one piece says is fetched once, and the loop becomes vector instructions.
        first, rise = pieces[0, LENGTH], pieces[0, LENGTH_RISE]
        noise, noise_rise = pieces[0, NOISE], pieces[0, NOISE_RISE]
        for h in range(size):
            along = (room[BEGAN + h] - room[BOTTOM + h]) / (room[TOP + h] - room[BOTTOM + h])
            length = first + along * rise
            deviation = noise + along * noise_rise + own * length
            room[SHARE + h] = length + deviation * room[DRAWN + h]
    else:
        last = pieces.shape[0] - 1
        for h in range(size):
            place = (room[BEGAN + h] - room[BOTTOM + h]) / (room[TOP + h] - room[BOTTOM + h])
            along = place * pieces.shape[0]
            piece = np.uint64(min(int(along), last))
            beyond = along - piece
            length = pieces[piece, LENGTH] + beyond * pieces[piece, LENGTH_RISE]
            deviation = pieces[piece, NOISE] + beyond * pieces[piece, NOISE_RISE] + own * length
            room[SHARE + h] = length + deviation * room[DRAWN + h]


@inlined
def length_on(
    now: float, drawn: float, ends: tuple[float, float, float], zero: float, variation: float, own: float,
    pieces: Sums,
) -> float:  # fmt: skip
    """Length of a further step of a cell, as those of the first ones are worked out."""
    bottom, top, bound = ends
    found: float
    if pieces.size:
        along = (now - bottom) / (top - bottom) * pieces.shape[0]
        piece = min(int(along), pieces.shape[0] - 1)
        beyond = along - piece
        length = pieces[piece, LENGTH] + beyond * pieces[piece, LENGTH_RISE]
        deviation = pieces[piece, NOISE] + beyond * pieces[piece, NOISE_RISE] + own * length
        found = length + deviation * drawn
    else:
        found = (now - bound) / (zero - bound) + variation * drawn
    return found
