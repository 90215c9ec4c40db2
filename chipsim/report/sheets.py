"""What is shown as one histogram or one map: an array, or where arrays are many, a layer put together."""

from __future__ import annotations

from typing import Any, Final

import attrs
import numpy as np

from chipsim.result import Result, Wear
from chipsim.result.places import ArrayPlace, places_of

__all__ = ["Sheet", "sheets_of"]

_MOST_ARRAYS: Final = 12
"""Arrays that are shown one by one; with more of them, layers are."""


@attrs.frozen(kw_only=True, eq=False)
class Sheet:
    """Cells that are shown together."""

    name: str
    counts: Any
    """What each cell had: integer array, (rows, columns)."""


def sheets_of(result: Result, kind: str) -> list[Sheet]:
    """The cells of a result, array by array, or layer by layer where there are many arrays.

    Parameters
    ----------
    result
        A run; arrays stay apart when it does not say which layers they belong to.
    kind
        ``pulses``, ``resets`` or ``programmings``.
    """
    wear = [one for one in result.wear if one.pulses.size]
    places = places_of(result)
    if len(wear) <= _MOST_ARRAYS or not places:
        return [Sheet(name=one.array, counts=getattr(one, kind)) for one in wear]
    layers: dict[tuple[int, str], list[Wear]] = {}
    for one in wear:
        # The arrays of a pair carry the same weights, and would lie on top of each other in one sheet.
        part = one.array.partition(".")[2]
        layers.setdefault((places[one.array].layer, part), []).append(one)
    sheets = []
    for (layer, part), its in sorted(layers.items()):
        sheets.append(Sheet(name=f"layer {layer}, {part}", counts=_joined(its, kind, places=places)))
    return sheets


def _joined(wear: list[Wear], kind: str, *, places: dict[str, ArrayPlace]) -> Any:
    """The arrays of one layer side by side, as its weights lie."""
    shapes = [(places[one.array], np.shape(one.pulses)) for one in wear]
    rows = max(place.row + shape[0] for place, shape in shapes)
    columns = max(place.column + shape[1] for place, shape in shapes)
    whole = np.zeros((rows, columns), np.int64)
    for one, (place, (high, wide)) in zip(wear, shapes, strict=True):
        down = slice(place.row, place.row + high)
        across = slice(place.column, place.column + wide)
        whole[down, across] = getattr(one, kind)
    return whole
