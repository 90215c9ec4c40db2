"""What a kind of tile is: its description, and how one tile is built."""

from __future__ import annotations

import attrs
import simpy

from chipsim.ledger import Ledger
from chipsim.spec.chip import ChipSpec
from chipsim.spec.costs import CostSet
from chipsim.spec.tiles import Tiles
from chipsim.tile.side_by_side import NO_OTHERS, Beside
from chipsim.tile.tile import Tile

__all__ = ["Site", "TileKind", "tiles_of"]


@attrs.frozen(kw_only=True)
class Site:
    """What every part needs from its chip."""

    env: simpy.Environment
    ledger: Ledger
    spec: ChipSpec
    costs: CostSet
    beside: Beside = NO_OTHERS
    """What lies on the same rows as the tile that is to be built."""


@attrs.frozen(kw_only=True)
class TileKind(Tiles):
    """The tiles of a chip, which can be built."""

    def build(self, site: Site, name: str, *, shape: tuple[int, int], seed: int | None) -> Tile:
        """One tile.

        Parameters
        ----------
        site
            The chip that it is for.
        name
            Unique on the chip.
        shape
            Rows and columns in use.
        seed
            The run's seed; None builds a tile without state, for timing only.
        """
        raise NotImplementedError

    def words_of_unused(self, chip: ChipSpec) -> list[str]:  # noqa: ARG002
        """What becomes of rows and columns beyond those of a layer, in sentences."""
        return []

    @property
    def words_of_wires(self) -> list[str]:
        """What wires take from reads, in sentences; none where they are taken to take nothing."""
        return []


def tiles_of(chip: ChipSpec) -> TileKind:
    """The tiles of a described chip."""
    found = chip.tile
    assert isinstance(found, TileKind), "the reader finds no other"
    return found
