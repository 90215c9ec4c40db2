"""Matrices side by side on one array: their rows run through all of them, with one set of periphery."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import attrs
import simpy

from chipsim.parts.part import Part
from chipsim.tile.converters import Bank

__all__ = ["NO_OTHERS", "Beside", "Sharing", "shared"]


@runtime_checkable
class Sharing(Protocol):
    """A tile that shares what drives and reads its rows."""

    name: str
    server: simpy.Resource

    def bank(self, action: str) -> Bank:
        """The converters of a direction, ``forward`` or ``backward``."""


@attrs.frozen(kw_only=True)
class Beside:
    """What lies on the same rows as the tile that is to be built."""

    tile: Part | None = None
    """The one that was there first, whose rows run on; None for that one itself."""
    columns: int = 0
    """Of all others."""

    @property
    def before(self) -> int:
        """Columns between it and what drives rows; of three matrices, the second is taken for the last."""
        return 0 if self.tile is None else self.columns

    @property
    def first(self) -> Sharing | None:
        """The same as a tile that shares its rows."""
        assert self.tile is None or isinstance(self.tile, Sharing), "both are of one group"
        return self.tile


NO_OTHERS = Beside()
"""Of a tile with rows of its own."""


def shared(bank: Bank, beside: Beside, action: str) -> Bank:
    """A direction's converters: those of rows are the first tile's, those of columns stay a tile's own."""
    if beside.first is None:
        return bank
    theirs = beside.first.bank(action)
    return attrs.evolve(bank, dac=theirs.dac) if action == "forward" else attrs.evolve(bank, adc=theirs.adc)
