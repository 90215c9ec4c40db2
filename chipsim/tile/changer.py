"""Who says how the weights of a resistive tile change."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from chipsim.spec.chip import ChipSpec
from chipsim.tile.changes import Changes

__all__ = ["Changer", "changer_of"]


@runtime_checkable
class Changer(Protocol):
    """Who says how the weights of a resistive tile change: the update of a chip."""

    def changes(self, tile: Any) -> Changes:
        """What changes the cells of a tile, which is complete but for this."""


def changer_of(chip: ChipSpec) -> Changer:
    """The update of a described chip, as tiles know it."""
    found = chip.update
    # Updates are made of what tiles do, so their room stands above this one and cannot be asked by name.
    assert isinstance(found, Changer), "the reader finds no other"
    return found
